"""Calibration of the proxy: a learning-rate rule, and whether each axis trains in runs this short.

The base and the three extreme candidates are trained at a half, one and two times the spec's peak learning rate. The best
rate falls with depth, so the fitted rule is lr(blocks) = lr · (base blocks / blocks)^κ. New runs under the rule then test
whether each axis trains, because the accuracies that selected the rate are biased upwards.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from scaling_search.errors import InputError
from scaling_search.networks.candidates import extremes
from scaling_search.records import TrialRow
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec

FACTORS = (0.5, 1.0, 2.0)
"""Learning rates that are tried, relative to the spec's."""
AXES = ("base", "depth", "width", "resolution")
ERRORS_HINT = "list the errors of its trials with `scaling-search trials`"


@dataclass(frozen=True, slots=True)
class Arm:
    """One network at one learning rate: the accuracies (fractions) of its seeds."""

    axis: str
    rate: float
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        """A fraction."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True, slots=True)
class Difference:
    """Accuracy of an extreme minus the base's (points), with the one-sided 95 % lower bound and the runs of each."""

    axis: str
    points: float
    bound: float
    runs: tuple[int, int]

    @property
    def sentence(self) -> str:
        """One sentence: whether the axis trains."""
        if self.bound > -0.5:
            return f"{self.axis} trains: {self.points:+.2f} points over the base (95 % bound {self.bound:+.2f})"
        if self.points < -0.5:
            return f"{self.axis} does not train in runs this short: {self.points:+.2f} points over the base; use more epochs"
        return f"{self.axis} is not proven to train: {self.points:+.2f} points over the base, 95 % bound {self.bound:+.2f}; use more seeds"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The learning-rate rule, the runs that it comes from, and the runs that test it."""

    learning_rate: float
    depth_exponent: float
    arms: tuple[Arm, ...]
    confirmed: tuple[Arm, ...]
    differences: tuple[Difference, ...]


def _extremes_spec(spec: StudySpec, name: str, seeds: int, seed: int, **recipe: float) -> StudySpec:
    """A study of ``seeds`` runs of the base and of each extreme candidate; ``recipe`` replaces fields of the proxy."""
    runs = {"sampler": "extremes", "trials": 3 * seeds, "replicates": 0, "base_runs": seeds, "stages": None}
    search = spec.search.model_copy(update=runs | {"pruner": "none", "patience": None, "seed": seed})
    proxy = spec.proxy.model_copy(update=recipe)
    name = f"{spec.name[:44]}.calibrate-{name}"
    return spec.model_copy(update={"name": name, "proxy": proxy, "search": search})


def rate_specs(spec: StudySpec, seeds: int) -> list[StudySpec]:
    """One study for each learning rate: ``seeds`` runs of the base and of each extreme."""
    rates = [float(f"{spec.proxy.learning_rate * factor:.3g}") for factor in FACTORS]
    seed = spec.search.seed
    return [_extremes_spec(spec, f"{r:g}", seeds, seed, learning_rate=r, depth_exponent=0.0) for r in rates]


def rule_spec(spec: StudySpec, rate: float, exponent: float, seeds: int) -> StudySpec:
    """The study that tests a rule, with seeds that the rule was not fitted to."""
    name, recipe = f"rule-{rate:g}-{exponent:g}", {"learning_rate": rate, "depth_exponent": exponent}
    return _extremes_spec(spec, name, seeds, spec.search.seed + 1, **recipe)


def measured_arms(spec: StudySpec, rows_by_rate: Mapping[float, Sequence[TrialRow]]) -> list[Arm]:
    """The arms of complete runs, from rows by learning rate."""
    axis_of = {c.key: axis for axis, c in extremes(search_space(spec)).items()}
    accuracies: dict[tuple[str, float], list[float]] = defaultdict(list)
    for rate, rows in rows_by_rate.items():
        for row in rows:
            if row.state == "complete" and row.accuracy is not None:
                axis = "base" if row.role == "base" else axis_of[row.key]
                accuracies[axis, rate].append(row.accuracy)
    return [Arm(axis, rate, tuple(values)) for (axis, rate), values in sorted(accuracies.items())]


def differences(groups: Mapping[str, Sequence[float]]) -> tuple[Difference, ...]:
    """Each extreme against the base, with Student's one-sided 95 % bound from the pooled variance of all networks.

    ``groups`` are accuracies (fractions) by axis, including "base". Without replicates the bound is −∞.
    """
    points = {axis: 100 * np.asarray(values) for axis, values in groups.items()}
    freedom = sum(len(v) - 1 for v in points.values())
    squares = sum(float(((v - v.mean()) ** 2).sum()) for v in points.values())
    base, each = points["base"], []
    for axis in AXES[1:]:
        gain = float(points[axis].mean() - base.mean())
        margin = math.inf
        if freedom:
            error = math.sqrt(squares / freedom * (1 / len(base) + 1 / len(points[axis])))
            margin = float(stats.t.ppf(0.95, freedom)) * error
        each.append(Difference(axis, gain, gain - margin, (len(points[axis]), len(base))))
    return tuple(each)


def find_rule(spec: StudySpec, arms: Sequence[Arm]) -> tuple[float, float]:
    """(learning_rate, depth_exponent): the best rate of the shallow arms, and the exponent that gives the depth extreme its best.

    Raises:
        InputError: a network has no complete run at any rate.
    """
    by = {(a.axis, a.rate): a for a in arms}
    rates = sorted({a.rate for a in arms})
    missing = [axis for axis in AXES if not any((axis, r) in by for r in rates)]
    if missing:
        raise InputError(f"no run of {', '.join(missing)} is complete", ERRORS_HINT)
    shallow = [axis for axis in AXES if axis != "depth"]
    complete_rates = [r for r in rates if all((axis, r) in by for axis in shallow)]
    rate = max(complete_rates, key=lambda r: sum(by[axis, r].mean for axis in shallow))
    deep_rate = max((r for r in rates if ("depth", r) in by and r <= rate), key=lambda r: by["depth", r].mean)
    growth = extremes(search_space(spec))["depth"].depth
    return rate, round(math.log(rate / deep_rate) / math.log(growth), 2) if growth > 1 else 0.0


def calibrate(spec: StudySpec, arms: Sequence[Arm], judged: Sequence[TrialRow]) -> Calibration:
    """The rule fitted to ``arms``, and its test by the runs of :func:`rule_spec` (``judged``).

    Raises:
        InputError: a network has no complete run.
    """
    rate, exponent = find_rule(spec, arms)
    confirmed = measured_arms(spec, {rate: judged})
    groups = {a.axis: a.accuracies for a in confirmed}
    missing = [axis for axis in AXES if axis not in groups]
    if missing:
        raise InputError(f"no run of {', '.join(missing)} under the rule is complete", ERRORS_HINT)
    return Calibration(rate, exponent, tuple(arms), tuple(confirmed), differences(groups))
