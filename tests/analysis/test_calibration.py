"""The learning-rate rule, and whether each axis trains, from accuracies."""

from __future__ import annotations

import math

import pytest

from scaling_search.analysis.calibration import (
    Arm,
    calibrate,
    differences,
    find_rule,
    measured_arms,
    rate_specs,
    rule_spec,
)
from scaling_search.errors import InputError
from scaling_search.networks.candidates import extremes
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from tests.support.factories import tiny_spec, trial_row


def arms(best: dict[str, float], spread: float = 0.001) -> list[Arm]:
    """Accuracy 0.8 at each network's best rate, 2 points less for each factor of two away from it."""
    return [
        Arm(axis, rate, (level - spread, level + spread))
        for axis, best_rate in best.items()
        for rate in (0.002, 0.004, 0.008)
        for level in [0.8 - 0.02 * abs(math.log2(rate / best_rate))]
    ]


def test_the_exponent_gives_the_deep_network_its_own_best_rate() -> None:
    spec = tiny_spec()
    rate, exponent = find_rule(spec, arms({"base": 0.004, "width": 0.004, "resolution": 0.004, "depth": 0.002}))
    depth = extremes(search_space(spec))["depth"].depth
    assert rate == 0.004
    assert rate * depth**-exponent == pytest.approx(0.002, rel=0.02)
    recipe = spec.proxy.model_copy(update={"learning_rate": 0.004, "depth_exponent": exponent})
    assert recipe.at_depth(depth).learning_rate == pytest.approx(0.002, rel=0.02)
    assert recipe.at_depth(1.0).learning_rate == 0.004


def test_equal_best_rates_need_no_exponent() -> None:
    equal = arms(dict.fromkeys(("base", "width", "resolution", "depth"), 0.008))
    assert find_rule(tiny_spec(), equal) == (0.008, 0.0)


def test_a_network_without_runs_is_named() -> None:
    with pytest.raises(InputError, match="no run of depth"):
        find_rule(tiny_spec(), arms(dict.fromkeys(("base", "width", "resolution"), 0.004)))


@pytest.mark.parametrize(("extreme", "base", "words"), [
    ([0.800, 0.801, 0.802], [0.790, 0.791, 0.792], "depth trains"),
    ([0.700, 0.701, 0.702], [0.790, 0.791, 0.792], "does not train"),
    ([0.78, 0.82], [0.79, 0.81], "not proven"),
    ([0.8], [0.8], "not proven"),
])  # fmt: skip
def test_an_axis_is_judged_by_its_bound(extreme: list[float], base: list[float], words: str) -> None:
    depth, *_ = differences({"base": base, "depth": extreme, "width": base, "resolution": base})
    assert words in depth.sentence


def test_the_bound_is_students_with_the_pooled_variance() -> None:
    """Four groups of 3, sd 1 point, means 1 apart: 1 − 1.860·√(2/3) (Student's t of 8 degrees, 95 %)."""
    low, high = [0.79, 0.80, 0.81], [0.80, 0.81, 0.82]
    by_axis = {d.axis: d for d in differences({"base": low, "depth": low, "width": high, "resolution": low})}
    assert set(by_axis) == {"depth", "width", "resolution"}
    assert by_axis["width"].points == pytest.approx(1.0)
    assert by_axis["width"].bound == pytest.approx(1 - 1.8595 * (2 / 3) ** 0.5, abs=1e-3)
    assert by_axis["depth"].points == pytest.approx(0.0)


def test_the_rule_is_tested_with_seeds_that_it_was_not_fitted_to() -> None:
    spec = tiny_spec()
    judged = rule_spec(spec, 0.002, 0.5, seeds=5)
    assert (judged.proxy.learning_rate, judged.proxy.depth_exponent) == (0.002, 0.5)
    assert (judged.search.trials, judged.search.base_runs) == (15, 5)
    assert judged.search.seed not in {s.search.seed for s in rate_specs(spec, seeds=2)}


def test_runs_become_arms_and_an_axis_without_a_complete_run_is_named() -> None:
    spec = tiny_spec()
    base = trial_row(role="base", shares=None, accuracy=0.7)
    rows = [base, *(trial_row(c, accuracy=0.8) for c in extremes(search_space(spec)).values())]
    rows.append(trial_row(extremes(search_space(spec))["depth"], state="failed", accuracy=None))
    runs = measured_arms(spec, {0.004: rows})
    assert {(a.axis, a.rate, a.accuracies) for a in runs} == {
        ("base", 0.004, (0.7,)),
        *((axis, 0.004, (0.8,)) for axis in ("depth", "width", "resolution")),
    }
    calibration = calibrate(spec, runs, rows)
    assert (calibration.learning_rate, calibration.depth_exponent) == (0.004, 0.0)
    assert all(d.bound == -math.inf for d in calibration.differences)  # one run each: no bound
    with pytest.raises(InputError, match="no run of base under the rule is complete"):
        calibrate(spec, runs, rows[1:])


def test_rates_are_three_studies_of_the_base_and_the_extremes() -> None:
    specs = rate_specs(tiny_spec(), seeds=3)
    assert [s.proxy.learning_rate for s in specs] == [0.002, 0.004, 0.008]
    assert all(s.search.trials == 9 and s.search.base_runs == 3 and s.search.sampler == "extremes" for s in specs)
    assert len({s.name for s in specs}) == 3
    assert all(StudySpec.model_validate(s.model_dump()) == s for s in specs)
