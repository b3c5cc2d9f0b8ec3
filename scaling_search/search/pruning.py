"""Optuna's median rule: whether a run falls behind the finished ones."""

from __future__ import annotations

from collections.abc import Sequence

import optuna
from optuna.trial import create_trial

from scaling_search.analysis.observations import usable
from scaling_search.records import Epochs, TrialRow, last_curves
from scaling_search.search.optuna_sampler import quiet_study

MIN_FINISHED_RUNS = 5


def finished_curves(rows: Sequence[TrialRow], epochs: Epochs, before: int) -> list[list[float]]:
    """Accuracies after each epoch of the complete candidate runs of rounds before ``before``."""
    complete = [r for r in usable(rows) if r.round < before]
    return [[e.accuracy for e in curve] for curve in last_curves(complete, epochs).values()]


def should_prune(finished: Sequence[Sequence[float]], curve: Sequence[float], warmup: int = 1) -> bool:
    """Whether a run's accuracy is under the median of the ``finished`` curves at the same epoch.

    Fewer than five finished curves, or the first ``warmup`` epochs, never prune.
    """
    pruner = optuna.pruners.MedianPruner(n_startup_trials=MIN_FINISHED_RUNS, n_warmup_steps=warmup)
    study = quiet_study(pruner=pruner)
    study.add_trials([create_trial(value=c[-1], intermediate_values=dict(enumerate(c))) for c in finished])
    trial = study.ask()
    for epoch, accuracy in enumerate(curve):
        trial.report(accuracy, epoch)
    return trial.should_prune()
