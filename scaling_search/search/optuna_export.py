"""Copies a study into Optuna, for optuna-dashboard and optuna.visualization.

The copy's parameters are α, β, γ of each network's *real* shares. The proposed triple, the network and its cost are user
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


def frozen_trial(row: TrialRow, curve: Sequence[float], spec: StudySpec) -> FrozenTrial:
    """A trial in Optuna's form. A waiting trial has no parameters, as in Optuna."""
    limit = spec.budget.target * (1 + spec.budget.slack if spec.budget.mode == "nominal" else 1 + spec.budget.tolerance)
    distributions: dict[str, BaseDistribution] = {
        name: FloatDistribution(min(1.0, limit / 4), max(1.0, 2 * limit)) for name in ("alpha", "beta", "gamma")
    }
    attributes: dict[str, Any] = {name: getattr(row, name) for name in COPIED_FIELDS}
    attributes |= {"asked_alpha": row.alpha, "asked_beta": row.beta, "asked_gamma": row.gamma, "error": row.error}
    attributes |= {"shares": row.shares, "blocks": row.blocks, "channels": row.channels}
    real_triple = triple_of(row.shares or (0, 0, 0), math.log2(row.macs_ratio))
    is_waiting = row.state == "waiting"
    value = row.accuracy if row.state in ("complete", "pruned") else None
    return create_trial(
        state=STATES[row.state],
        value=value,
        params={} if is_waiting else real_triple._asdict(),
        distributions={} if is_waiting else distributions,
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
        copy = quiet_study(row.name, storage)
    except optuna.exceptions.DuplicatedStudyError:
        raise InputError(
            f"--to: {storage} already has an Optuna study {row.name!r}", "delete it there, or give another URL"
        ) from None
    except Exception as e:  # Optuna's storages raise exceptions of many libraries for a URL they cannot use
        reason = str(e).strip().splitlines()[0]
        raise InputError(
            f"--to: Optuna cannot use {storage!r}: {reason}", "give a URL such as sqlite:///optuna.db"
        ) from e
    copy.set_user_attr("description", row.description)
    copy.set_user_attr("spec", row.spec)
    copy.set_user_attr("versions", row.versions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        copy.set_metric_names(["accuracy"])
        copy.add_trials([frozen_trial(t, curves.get(t.number, ()), spec) for t in trials if t.role == "candidate"])
    return copy
