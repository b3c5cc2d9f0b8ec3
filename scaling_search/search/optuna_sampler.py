"""Points of the triangle of shares as Optuna's samplers want them tried, and Optuna studies without its log messages.

Optuna's study is built in memory from our rows each time, so it needs no storage of its own. Two uniforms (u, v) map onto
the triangle of shares uniformly: a = 1 − √(1−u), b = (1−a)·v, c = (1−a)·(1−v). Rows enter with the (u, v) of their *real*
shares, and a proposal becomes the nearest real network.
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


UNIFORMS: dict[str, BaseDistribution] = {"u": FloatDistribution(0, 1), "v": FloatDistribution(0, 1)}


def to_shares(u: float, v: float) -> Shares:
    """Uniform (u, v) in the unit square → uniform shares on the triangle."""
    a = 1 - math.sqrt(1 - u)
    return a, (1 - a) * v, (1 - a) * (1 - v)


def from_shares(shares: Shares) -> tuple[float, float]:
    """Inverse of :func:`to_shares`; v is ½ where depth has everything."""
    a, b, _ = shares
    left = 1 - a
    return min(1.0, max(0.0, 1 - left**2)), min(1.0, max(0.0, b / left)) if left > 1e-9 else 0.5


def _known(study: optuna.Study, shares: Shares, value: float | None) -> None:
    """Tell Optuna of a run: finished with a value, or still running."""
    u, v = from_shares(shares)
    state = OptunaState.RUNNING if value is None else OptunaState.COMPLETE
    study.add_trial(create_trial(state=state, params={"u": u, "v": v}, distributions=UNIFORMS, value=value))


class OptunaSampler:
    """Asks Optuna for shares, one at a time, telling it each time which real network became of the last."""

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
                seen = row.round <= k - 2 and row.state == "complete"
                _known(self.study, row.shares, row.accuracy if seen else None)

    def ask(self) -> Shares:
        """The next point of the triangle; Optuna's own trial is withdrawn, so only real networks stay."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            trial = self.study.ask(UNIFORMS)
        self.study.tell(trial, state=OptunaState.FAIL)
        return to_shares(trial.params["u"], trial.params["v"])

    def became(self, shares: Shares) -> None:
        """The real network's shares of the point just asked."""
        _known(self.study, shares, None)
