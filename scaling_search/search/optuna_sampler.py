"""Optuna's samplers on the triangle of shares, and Optuna studies without its log messages.

The Optuna study is built in memory from the trial rows each time, so it needs no storage. Two uniform numbers (u, v) map
uniformly onto the triangle: a = 1 − √(1−u), b = (1−a)·v, c = (1−a)·(1−v). Rows enter with the (u, v) of their *real* shares,
and a suggestion is replaced by the nearest real network.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState as OptunaState
from optuna.trial import create_trial

from scaling_search.networks.coefficients import Shares
from scaling_search.records import TrialRow
from scaling_search.spec.study import StudySpec

UNIFORMS: dict[str, BaseDistribution] = {"u": FloatDistribution(0, 1), "v": FloatDistribution(0, 1)}


def quiet_study(
    name: str | None = None,
    storage: str | None = None,
    sampler: optuna.samplers.BaseSampler | None = None,
    pruner: optuna.pruners.BasePruner | None = None,
) -> optuna.Study:
    """A new study that maximises, in memory or at ``storage`` (a URL). Raises what optuna.create_study raises."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(
            study_name=name, storage=storage, sampler=sampler, pruner=pruner, direction="maximize"
        )
    finally:
        optuna.logging.set_verbosity(level)


def to_shares(u: float, v: float) -> Shares:
    """Uniform (u, v) in the unit square → uniform shares on the triangle."""
    a = 1 - math.sqrt(1 - u)
    return a, (1 - a) * v, (1 - a) * (1 - v)


def from_shares(shares: Shares) -> tuple[float, float]:
    """Inverse of :func:`to_shares`; v is ½ where depth has the whole growth."""
    a, b, _ = shares
    rest = 1 - a
    return min(1.0, max(0.0, 1 - rest**2)), min(1.0, max(0.0, b / rest)) if rest > 1e-9 else 0.5


def _add_run(study: optuna.Study, shares: Shares, accuracy: float | None) -> None:
    """Add a run to the Optuna study: complete with an accuracy, or still running."""
    u, v = from_shares(shares)
    state = OptunaState.RUNNING if accuracy is None else OptunaState.COMPLETE
    study.add_trial(create_trial(state=state, params={"u": u, "v": v}, distributions=UNIFORMS, value=accuracy))


class OptunaSampler:
    """Suggests shares for round k, one at a time. It sees the results of rounds ≤ k − 2; later runs count as running."""

    def __init__(self, rows: Sequence[TrialRow], spec: StudySpec, k: int) -> None:
        seed = spec.seed_of(k)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            samplers = {
                "random": optuna.samplers.RandomSampler,
                "tpe": optuna.samplers.TPESampler,
                "gp": optuna.samplers.GPSampler,
            }
            sampler: optuna.samplers.BaseSampler = samplers[spec.search.sampler](seed=seed)
        self.study = quiet_study(sampler=sampler)
        for row in rows:
            if row.shares is not None and row.state != "failed":
                is_visible = row.round <= k - 2 and row.state == "complete"
                _add_run(self.study, row.shares, row.accuracy if is_visible else None)

    def suggest(self) -> Shares:
        """The next point of the triangle. Its Optuna trial is marked failed, so that only real networks stay in the study."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            trial = self.study.ask(UNIFORMS)
        self.study.tell(trial, state=OptunaState.FAIL)
        return to_shares(trial.params["u"], trial.params["v"])

    def observe(self, shares: Shares) -> None:
        """Enter the shares of the real network that was taken for the last suggestion."""
        _add_run(self.study, shares, None)
