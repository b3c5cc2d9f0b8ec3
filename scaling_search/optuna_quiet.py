"""Optuna studies without Optuna's remarks on them."""

from __future__ import annotations

import optuna


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
