"""Validation: arms at equal real cost, seeds shared by all arms, means and intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scaling_search.analysis.validation import arm_results, arms_of, propose_round, validation_spec
from scaling_search.errors import InputError
from scaling_search.spec.study_file import parse
from tests.support.factories import as_row
from tests.support.simulated_runs import SPEC


@pytest.mark.parametrize("phi", [1.0, 2.0])
def test_the_arms_cost_the_same(phi: float) -> None:
    spec = validation_spec(parse(SPEC), (0.4, 0.2, 0.4), 3, phi, None)
    arms = arms_of(spec)
    assert list(arms) == ["base", "depth", "width", "resolution", "paper", "chosen"]
    assert arms["base"].macs_ratio == 1
    assert all(abs(c.macs_ratio / 2**phi - 1) <= 0.02 for name, c in arms.items() if name != "base")
    least = 0.95 if phi == 1 else 0.8  # px step, so that at φ = 2 no network here spends all on resolution
    assert all(arms[axis].shares[i] > least for i, axis in enumerate(("depth", "width", "resolution")))
    assert np.allclose(arms["chosen"].shares, (0.4, 0.2, 0.4), atol=0.06)
    assert spec.proxy.epochs == 5 * parse(SPEC).proxy.epochs


def test_a_choice_that_is_an_extreme_runs_once() -> None:
    arms = arms_of(validation_spec(parse(SPEC), (0.0, 1.0, 0.0), 2, 1, None))
    assert list(arms) == ["base", "depth", "resolution", "paper", "chosen"]


def test_every_seed_is_fresh_and_shared_by_all_arms() -> None:
    spec = validation_spec(parse(SPEC), (0.4, 0.2, 0.4), 3, 1, None)
    rounds = [propose_round([], spec, k) for k in range(4)]
    assert [len(r) for r in rounds] == [6, 6, 6, 0]
    assert [len({p.seed for p in r}) for r in rounds[:3]] == [1, 1, 1]
    assert [p.number for r in rounds for p in r] == list(range(18))
    searched = {parse(SPEC).search.seed * 100_003 + n for n in range(200)}
    assert not searched & {p.seed for r in rounds for p in r}
    assert propose_round([as_row(p) for p in rounds[0][:2]], spec, 0) == rounds[0][2:]


def test_a_nominal_grid_cannot_be_validated() -> None:
    with pytest.raises(InputError, match="nominal"):
        validation_spec(parse(SPEC.replace("divisor: 2", "mode: nominal")), (0.4, 0.2, 0.4), 2, 1, None)


def test_means_and_intervals_are_those_of_the_runs() -> None:
    spec = validation_spec(parse(SPEC), (0.4, 0.2, 0.4), 4, 1, None)
    rows = [
        replace(as_row(p), state="complete", accuracy=0.5, seconds=2.0, test_accuracy=0.6 + 0.01 * (p.number % 7))
        for k in range(4)
        for p in propose_round([], spec, k)
    ]
    by_arm = {r.arm: r for r in arm_results(spec, rows)}
    test = {name: [r.test_accuracy or 0 for r in rows if r.key == c.key] for name, c in arms_of(spec).items()}
    for name, r in by_arm.items():
        assert r.test == pytest.approx(np.mean(test[name]))
        mean, error = np.mean(test[name]), stats.sem(test[name])
        assert r.interval == pytest.approx(stats.t.interval(0.95, 3, mean, error))
    depth = by_arm["depth"]
    assert depth.lead == pytest.approx(100 * (np.mean(test["chosen"]) - np.mean(test["depth"])))
    assert depth.lead_interval is not None
    assert depth.lead is not None
    assert depth.lead_interval[0] < depth.lead < depth.lead_interval[1]
    assert by_arm["chosen"].lead is None
    assert {r.interval for r in arm_results(spec, rows[:6])} == {None}
