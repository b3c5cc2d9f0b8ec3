"""Values passed between packages."""

from __future__ import annotations

from scaling_search.records import EpochResult, last_curves
from tests.support.factories import trial_row


def _epoch(n: int, accuracy: float) -> EpochResult:
    return EpochResult(n, 1.0, 1.0, accuracy, 0.1, 1.0, 1.0)


def test_curves_are_those_of_the_last_attempt() -> None:
    rows = [trial_row(number=1, attempts=2), trial_row(number=2, attempts=1), trial_row(number=3, attempts=1)]
    first, again, more, other = _epoch(0, 0.1), _epoch(0, 0.2), _epoch(1, 0.3), _epoch(0, 0.4)
    epochs = [(1, 1, first), (1, 2, again), (1, 2, more), (2, 1, other), (9, 1, first)]
    assert last_curves(rows, epochs) == {1: [again, more], 2: [other]}


def test_a_run_with_planned_epochs_is_long() -> None:
    assert trial_row(planned=20).is_long_run
    assert not trial_row().is_long_run
