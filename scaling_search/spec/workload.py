"""What a study's runs are: each run's own recipe, and the whole search's cost in runs of the base."""

from __future__ import annotations

from scaling_search.records import TrialRow
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.study import StudySpec


def recipe_of(row: TrialRow, spec: StudySpec) -> ProxySpec:
    """The recipe of a run: its own peak rate, and its own epochs if it is a longer one."""
    recipe = spec.proxy.at_depth(row.depth)
    return recipe.model_copy(update={"epochs": row.planned}) if row.planned else recipe


def work_of(row: TrialRow, spec: StudySpec) -> float:
    """A run's cost, in short runs of the unscaled base."""
    return row.macs_ratio * (row.planned or spec.proxy.epochs) / spec.proxy.epochs


def whole_work(spec: StudySpec, macs: float | None = None) -> tuple[int, float]:
    """(runs, their cost in short runs of the unscaled base) of a whole search.

    ``macs`` is a candidate's MACs over the base's: the target, unless the search holds another cost and its set is known.
    """
    search, target = spec.search, macs or spec.budget.target ** (spec.validation.phi if spec.validation else 1)
    runs, work = search.trials + search.base_runs, search.trials * target + search.base_runs
    if search.stages is None:
        return runs, work
    return runs + search.stages.confirm, work + target * search.stages.confirm * search.stages.confirm_epochs
