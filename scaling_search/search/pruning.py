"""Optuna's median rule: whether a run falls behind the finished ones."""

from __future__ import annotations

from collections.abc import Sequence

import optuna
from optuna.trial import create_trial

from scaling_search.search.optuna_sampler import quiet_study


def should_prune(finished: Sequence[Sequence[float]], curve: Sequence[float], warmup: int = 1) -> bool:
    """Optuna's median rule: whether a run's accuracy is under the median of finished runs at the same epoch.

    ``finished`` are the curves of complete runs of finished rounds; fewer than five, or the first ``warmup`` epochs, never
    prune.
    """
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=warmup)
    study = quiet_study(pruner=pruner)
    study.add_trials([create_trial(value=c[-1], intermediate_values=dict(enumerate(c))) for c in finished])
    trial = study.ask()
    for epoch, accuracy in enumerate(curve):
        trial.report(accuracy, epoch)
    return trial.should_prune()
