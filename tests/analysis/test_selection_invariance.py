"""The choice does not depend on order, level or names, and degenerate designs give finite numbers."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from scaling_search.analysis.selection import choose
from scaling_search.networks.candidates import Candidate
from scaling_search.records import Choice, TrialRow
from tests.support.simulated_runs import Design, Networks, flat, hill, run_of, runs_of


def near(a: Choice, b: Choice) -> bool:
    """Equal up to the effect of rounding errors on random draws."""
    odds = [(p, b.probability_better_than[k]) for k, p in a.probability_better_than.items()]
    return (
        a.key == b.key
        and abs(a.tie_fraction - b.tie_fraction) < 0.02
        and all(p == q or (p is not None and q is not None and abs(p - q) < 0.03) for p, q in odds)
        and a.seed_noise == pytest.approx(b.seed_noise)
        and a.network_effect == pytest.approx(b.network_effect)
        and a.expected_regret == pytest.approx(b.expected_regret, abs=0.01)
    )


def test_the_order_of_rows_changes_nothing(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, hill(design, (0.2, 0.5, 0.3)), 0.3, tau=0.1, repeats=2)
    choice = choose(rows, candidates)
    for seed in range(3):
        shuffled = random.Random(seed).sample(rows, len(rows))
        again = choose(shuffled, candidates)
        assert near(choice, again)
        assert again.accuracy == pytest.approx(choice.accuracy, abs=1e-4)


def test_a_constant_on_every_accuracy_changes_only_the_level(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, hill(design, (0.2, 0.5, 0.3)), 0.3, tau=0.1, repeats=2)
    lower = [replace(r, accuracy=(r.accuracy or 0) - 0.6) for r in rows]
    choice, moved = choose(rows, candidates), choose(lower, candidates)
    assert near(choice, moved)
    assert moved.accuracy == pytest.approx(choice.accuracy - 0.6, abs=1e-4)


def test_the_same_rows_give_the_same_choice(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, hill(design, (0.2, 0.5, 0.3)), 0.3)
    assert choose(rows, candidates) == choose(rows, candidates)


def test_the_names_of_networks_change_nothing(candidates: Networks, design: Design) -> None:
    """Relabelling the axes relabels the choice: with depth and width exchanged everywhere, so are the chosen shares."""

    def swapped(c: Candidate) -> Candidate:
        return replace(c, shares=(c.shares[1], c.shares[0], c.shares[2]))

    rows = runs_of(design, hill(design, (0.6, 0.1, 0.3)), 0.2, repeats=2)
    other = [replace(r, shares=(r.shares[1], r.shares[0], r.shares[2])) for r in rows if r.shares]
    choice, mirrored = choose(rows, candidates), choose(other, [swapped(c) for c in candidates])
    assert mirrored.key == choice.key
    assert mirrored.tie_fraction == pytest.approx(choice.tie_fraction, abs=0.03)


def degenerate(candidates: Sequence[Candidate], design: Sequence[Candidate]) -> dict[str, list[TrialRow]]:
    edge = [c for c in candidates if c.shares[2] == 0][:10]
    return {
        "one run": [run_of(design[0], 80.0, 0)],
        "one network": [run_of(design[0], 80.0 + n, n) for n in range(12)],
        "one network, equal runs": [run_of(design[0], 80.0, n) for n in range(12)],
        "along an edge": runs_of(edge, flat(edge), 0.3),
        "along an edge, no noise": runs_of(edge, flat(edge), 0.0),
        "all the same shares": [run_of(design[0], 80.0 + n, n, key=f"k{n}") for n in range(10)],
        "all equal": runs_of(design, flat(design), 0.0, repeats=2),
        "all zero": runs_of(design, flat(design) * 0, 0.0),
        "all one": runs_of(design, flat(design) * 1.25, 0.0),
        "one seed": runs_of(design, flat(design), 0.5),
        "far apart": runs_of(design, np.linspace(0, 100, len(design)), 0.0),
        "eight networks": runs_of(design[:8], flat(design[:8]), 0.3),
    }


def test_degenerate_designs_give_finite_numbers(candidates: Networks, design: Design) -> None:
    for name, rows in degenerate(candidates, design).items():
        choice = choose(rows, candidates)
        assert json.dumps(choice.to_dict(), allow_nan=False), name
        assert choice.accuracy_interval[0] <= choice.accuracy <= choice.accuracy_interval[1], name
        assert choice.verdict, name
