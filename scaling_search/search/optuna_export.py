"""A faithful Optuna copy of a study, for optuna-dashboard and optuna.visualization; and the median rule, which is Optuna's.

The copy's parameters are α, β, γ of each network's *real* shares; what was asked for, the network and its cost are user
attributes; accuracies after each epoch are intermediate values; real cost is a constraint (feasible when ≤ 0).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import FrozenTrial, create_trial
from optuna.trial import TrialState as OptunaState

from scaling_search.errors import InputError
from scaling_search.networks.coefficients import triple_of
from scaling_search.records import StudyRow, TrialRow
from scaling_search.search.optuna_sampler import quiet_study
from scaling_search.spec.study import StudySpec

Curves = Mapping[int, Sequence[float]]
"""Trial number → accuracy (fraction) after each epoch of its last attempt."""

STATES = {
    "waiting": OptunaState.WAITING,
    "running": OptunaState.RUNNING,
    "complete": OptunaState.COMPLETE,
    "pruned": OptunaState.PRUNED,
    "failed": OptunaState.FAIL,
}
COPIED_FIELDS = (
    "number",
    "round",
    "seed",
    "key",
    "resolution",
    "macs",
    "macs_ratio",
    "params",
    "activations",
    "attempts",
    "seconds",
)


def frozen(row: TrialRow, curve: Sequence[float], spec: StudySpec) -> FrozenTrial:
    """One trial as Optuna sees it. Waiting trials have no parameters yet, as in Optuna."""
    limit = spec.budget.target * (1 + spec.budget.slack if spec.budget.mode == "nominal" else 1 + spec.budget.tolerance)
    distributions: dict[str, BaseDistribution] = {
        name: FloatDistribution(min(1.0, limit / 4), max(1.0, 2 * limit)) for name in ("alpha", "beta", "gamma")
    }
    attributes: dict[str, Any] = {name: getattr(row, name) for name in COPIED_FIELDS}
    attributes |= {"asked_alpha": row.alpha, "asked_beta": row.beta, "asked_gamma": row.gamma, "error": row.error}
    attributes |= {"shares": row.shares, "blocks": row.blocks, "channels": row.channels}
    real = triple_of(row.shares or (0, 0, 0), math.log2(row.macs_ratio))
    waiting = row.state == "waiting"
    value = row.accuracy if row.state in ("complete", "pruned") else None
    return create_trial(
        state=STATES[row.state],
        value=value,
        params={} if waiting else real._asdict(),
        distributions={} if waiting else distributions,
        user_attrs=attributes,
        intermediate_values=dict(enumerate(curve)),
        constraints={"macs_ratio": abs(row.macs_ratio / spec.budget.target - 1) - spec.budget.tolerance},
    )


def copy_study(row: StudyRow, trials: Sequence[TrialRow], curves: Curves, storage: str | None = None) -> optuna.Study:
    """The study's candidate trials as an Optuna study, in memory or in Optuna's own tables at ``storage`` (a URL).

    Raises:
        InputError: the storage has a study of that name already.
    """
    spec = StudySpec.model_validate(row.spec)
    try:
        made = quiet_study(row.name, storage)
    except optuna.exceptions.DuplicatedStudyError:
        raise InputError(
            f"{storage} has an Optuna study {row.name!r} already", "delete it there, or give another --to"
        ) from None
    except Exception as e:  # whatever Optuna's storage raises for a URL it cannot use
        reason = str(e).strip().splitlines()[0]
        raise InputError(
            f"--to: Optuna cannot use {storage!r}: {reason}", "give a URL such as sqlite:///optuna.db"
        ) from e
    made.set_user_attr("description", row.description)
    made.set_user_attr("spec", row.spec)
    made.set_user_attr("versions", row.versions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        made.set_metric_names(["accuracy"])
        made.add_trials([frozen(t, curves.get(t.number, ()), spec) for t in trials if t.role == "candidate"])
    return made
