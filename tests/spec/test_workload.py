"""Recipes of runs, and the cost of runs and of whole searches in short runs of the base."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scaling_search.records import Proposal, TrialRow
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.workload import recipe_of, whole_work, work_of
from tests.support.factories import as_row, tiny_spec


@pytest.fixture(scope="module")
def row() -> TrialRow:
    """A waiting trial of the first candidate of the TINY study."""
    candidate = search_space(tiny_spec())[0]
    return as_row(Proposal(0, 0, "candidate", 0, candidate.triple, candidate))


def test_the_recipe_of_a_deeper_network_has_a_lower_peak_rate(row: TrialRow) -> None:
    spec = tiny_spec(proxy={"learning_rate": 0.004, "depth_exponent": 0.5})
    recipe = recipe_of(replace(row, depth=4.0), spec)
    assert recipe == spec.proxy.model_copy(update={"learning_rate": 0.002})


def test_a_confirm_run_has_its_own_epochs(row: TrialRow) -> None:
    spec = tiny_spec()
    longer = replace(row, planned=10)
    assert recipe_of(row, spec).epochs == spec.proxy.epochs == 2
    assert recipe_of(longer, spec).epochs == 10
    assert work_of(row, spec) == row.macs_ratio
    assert work_of(longer, spec) == row.macs_ratio * 5


@pytest.mark.parametrize(
    ("spec", "runs", "work"),
    [
        (tiny_spec(), 11, 10 * 2 + 1),
        (tiny_spec(budget={"target": 4}, search={"base_runs": 0}), 10, 10 * 4),
        (tiny_spec(search={"stages": {"confirm": 3, "confirm_epochs": 5}}), 14, 10 * 2 + 1 + 3 * 2 * 5),
        (tiny_spec(validation={"shares": [0.2, 0.3, 0.5], "phi": 2}), 11, 10 * 4 + 1),
    ],
    ids=["one stage", "no base runs", "stages", "validation at φ = 2"],
)
def test_the_work_of_a_search_counts_each_run_by_its_cost(spec: StudySpec, runs: int, work: float) -> None:
    assert whole_work(spec) == (runs, work)


def test_the_work_of_a_search_at_another_cost_takes_the_mean_macs() -> None:
    assert whole_work(tiny_spec(), macs=1.5) == (11, 10 * 1.5 + 1)
