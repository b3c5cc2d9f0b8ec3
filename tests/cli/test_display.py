"""What the command line says of a study's rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scaling_search.cli.display import base_text, untrained_text
from scaling_search.records import TrialRow
from tests.support.factories import trial_row


def run(number: int, shares: tuple[float, float, float] | None, accuracy: float) -> TrialRow:
    """A complete run; without shares, of the base."""
    role = "candidate" if shares else "base"
    return trial_row(number=number, role=role, key=str(shares), shares=shares, accuracy=accuracy)


BASE = [run(0, None, 0.80), run(1, None, 0.82)]
DEPTH, WIDTH, EQUAL = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.3, 0.3, 0.4)


def test_extremes_are_compared_with_the_base() -> None:
    rows = [*BASE, run(2, DEPTH, 0.83), run(3, DEPTH, 0.85), run(4, WIDTH, 0.80), run(5, EQUAL, 0.99)]
    text = base_text(rows)
    assert text == (
        "the unscaled base reached 81.00 % (2 runs); depth only +3.00 points (2 runs); width only -1.00 points (1 runs)"
    )


@pytest.mark.parametrize(("rows", "axes"), [
    ([*BASE, run(2, DEPTH, 0.80), run(3, WIDTH, 0.83)], "depth only"),
    ([*BASE, run(2, DEPTH, 0.80), run(3, WIDTH, 0.79)], "depth and width only"),
])  # fmt: skip
def test_an_extreme_below_the_base_is_warned_of(rows: list[TrialRow], axes: str) -> None:
    text = untrained_text(rows)
    assert text is not None
    assert f"warning: {axes} scored below the unscaled base" in text


@pytest.mark.parametrize("rows", [
    [*BASE, run(2, DEPTH, 0.82), run(3, WIDTH, 0.83)],
    [*BASE, run(2, EQUAL, 0.10)],
    [run(2, DEPTH, 0.10)],
    [*BASE, replace(run(2, DEPTH, 0.1), state="pruned")],
    [],
])  # fmt: skip
def test_nothing_else_is(rows: list[TrialRow]) -> None:
    assert untrained_text(rows) is None
