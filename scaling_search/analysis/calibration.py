"""Is the proxy fair? The learning rate that each axis wants, and whether any axis fails to train in runs this short.

The base and the three extreme candidates are trained at a half, one and two times the spec's peak rate. The rule that
comes of it is lr(blocks) = lr · (base blocks / blocks)^κ, for the best rate falls with depth. Whether each axis trains is
then judged by fresh runs under the rule, since the runs that picked the rate flatter it. Pure: rows in, finding out.
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
AXES = ("base", "depth", "width", "resolution")


@dataclass(frozen=True, slots=True)
class Arm:
    """One network at one rate: accuracies (fractions) of its seeds."""

    axis: str
    rate: float
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean accuracy, a fraction."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True, slots=True)
class Difference:
    """Extreme minus base, percentage points: the mean, its one-sided 95 % lower bound, and runs of each."""

    axis: str
    points: float
    bound: float
    runs: tuple[int, int]

    @property
    def words(self) -> str:
        """Whether the axis trains."""
        if self.bound > -0.5:
            return f"{self.axis} trains: {self.points:+.2f} points over the base (95 % bound {self.bound:+.2f})"
        if self.points < -0.5:
            return f"{self.axis} does not train in runs this short: {self.points:+.2f} points over the base; use more epochs"
        return f"{self.axis} is not proven to train: {self.points:+.2f} points over the base, 95 % bound {self.bound:+.2f}; more seeds would tell"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The rule, and what each axis does under it."""

    learning_rate: float
    depth_exponent: float
    arms: tuple[Arm, ...]
    confirmed: tuple[Arm, ...]
    differences: tuple[Difference, ...]


def _extremes_spec(spec: StudySpec, name: str, seeds: int, seed: int, **recipe: float) -> StudySpec:
    """A study of ``seeds`` runs of the base and of each extreme candidate, under another recipe."""
    runs = {"sampler": "extremes", "trials": 3 * seeds, "replicates": 0, "base_runs": seeds, "stages": None}
    search = spec.search.model_copy(update=runs | {"pruner": "none", "patience": None, "seed": seed})
    proxy = spec.proxy.model_copy(update=recipe)
    name = f"{spec.name[:44]}.calibrate-{name}"
    return spec.model_copy(update={"name": name, "proxy": proxy, "search": search})


def rate_specs(spec: StudySpec, seeds: int) -> list[StudySpec]:
    """The studies to run: base and extremes at each rate, ``seeds`` runs of each network."""
    rates = [float(f"{spec.proxy.learning_rate * factor:.3g}") for factor in FACTORS]
    seed = spec.search.seed
    return [_extremes_spec(spec, f"{r:g}", seeds, seed, learning_rate=r, depth_exponent=0.0) for r in rates]


def rule_spec(spec: StudySpec, rate: float, exponent: float, seeds: int) -> StudySpec:
    """The study that judges a rule: other seeds than those that found it."""
    name, recipe = f"rule-{rate:g}-{exponent:g}", {"learning_rate": rate, "depth_exponent": exponent}
    return _extremes_spec(spec, name, seeds, spec.search.seed + 1, **recipe)


def arms_of(spec: StudySpec, rows_by_rate: Mapping[float, Sequence[TrialRow]]) -> list[Arm]:
    """Accuracies by network and rate."""
    names = {c.key: axis for axis, c in extremes(search_space(spec)).items()}
    found: dict[tuple[str, float], list[float]] = defaultdict(list)
    for rate, rows in rows_by_rate.items():
        for row in rows:
            if row.state == "complete" and row.accuracy is not None:
                found["base" if row.role == "base" else names[row.key], rate].append(row.accuracy)
    return [Arm(axis, rate, tuple(values)) for (axis, rate), values in sorted(found.items())]


def differences(groups: Mapping[str, Sequence[float]]) -> tuple[Difference, ...]:
    """Each extreme against the base, with Student's one-sided 95 % bound; the spread of all networks' runs is pooled.

    ``groups`` are accuracies (fractions) by axis, "base" among them. Without replicates there is no bound.
    """
    points = {axis: 100 * np.asarray(values) for axis, values in groups.items()}
    spare = sum(len(v) - 1 for v in points.values())
    squares = sum(float(((v - v.mean()) ** 2).sum()) for v in points.values())
    base, found = points["base"], []
    for axis in AXES[1:]:
        gain = float(points[axis].mean() - base.mean())
        margin = math.inf
        if spare:
            error = math.sqrt(squares / spare * (1 / len(base) + 1 / len(points[axis])))
            margin = float(stats.t.ppf(0.95, spare)) * error
        found.append(Difference(axis, gain, gain - margin, (len(points[axis]), len(base))))
    return tuple(found)


def find_rule(spec: StudySpec, arms: Sequence[Arm]) -> tuple[float, float]:
    """(learning_rate, depth_exponent): the best rate at the base's depth, and what gives the depth extreme its own best one.

    Raises:
        InputError: a network has no complete run at any rate.
    """
    by = {(a.axis, a.rate): a for a in arms}
    rates = sorted({a.rate for a in arms})
    missing = [axis for axis in AXES if not any((axis, r) in by for r in rates)]
    if missing:
        raise InputError(f"no run of {', '.join(missing)} is complete", "look at the trials' errors, and run it again")
    shallow = [axis for axis in AXES if axis != "depth"]
    everywhere = [r for r in rates if all((axis, r) in by for axis in shallow)]
    rate = max(everywhere, key=lambda r: sum(by[axis, r].mean for axis in shallow))
    deep_rate = max((r for r in rates if ("depth", r) in by and r <= rate), key=lambda r: by["depth", r].mean)
    growth = extremes(search_space(spec))["depth"].depth
    return rate, round(math.log(rate / deep_rate) / math.log(growth), 2) if growth > 1 else 0.0


def calibrate(spec: StudySpec, arms: Sequence[Arm], judged: Sequence[TrialRow]) -> Calibration:
    """The rule that the arms give, and the axes as the runs of :func:`rule_spec` (``judged``) show them.

    Raises:
        InputError: a network has no complete run.
    """
    rate, exponent = find_rule(spec, arms)
    confirmed = arms_of(spec, {rate: judged})
    groups = {a.axis: a.accuracies for a in confirmed}
    missing = [axis for axis in AXES if axis not in groups]
    if missing:
        said = f"no run of {', '.join(missing)} under the rule is complete"
        raise InputError(said, "look at the trials' errors, and run it again")
    return Calibration(rate, exponent, tuple(arms), tuple(confirmed), differences(groups))
