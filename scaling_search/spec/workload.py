"""The recipe of each run, and the cost of runs and searches in short runs of the base."""

from __future__ import annotations

from scaling_search.records import TrialRow
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.study import StudySpec


def recipe_of(row: TrialRow, spec: StudySpec) -> ProxySpec:
    """The recipe of a run: its peak learning rate depends on its depth, and a confirm run has more epochs."""
    recipe = spec.proxy.at_depth(row.depth)
    return recipe.model_copy(update={"epochs": row.planned}) if row.planned else recipe


def work_of(row: TrialRow, spec: StudySpec) -> float:
    """Cost of a run in short runs of the unscaled base."""
    return row.macs_ratio * (row.planned or spec.proxy.epochs) / spec.proxy.epochs


def whole_work(spec: StudySpec, macs: float | None = None) -> tuple[int, float]:
    """(number of runs, their cost in short runs of the unscaled base) of a whole search.

    ``macs`` is the MACs of a candidate over those of the base, by default the target; see :func:`scaling_search.spec.search_space.typical_macs`.
    """
    search, ratio = spec.search, macs or spec.budget.target ** (spec.validation.phi if spec.validation else 1)
    runs, work = search.trials + search.base_runs, search.trials * ratio + search.base_runs
    if search.stages is None:
        return runs, work
    return runs + search.stages.confirm, work + ratio * search.stages.confirm * search.stages.confirm_epochs
