"""Pages of studies and trials, and their summaries, on each kind of database."""

from __future__ import annotations

import pytest

from scaling_search.search.studies import submit_study
from scaling_search.spec.search_space import search_space
from scaling_search.spec.stages import StagesSpec
from scaling_search.store import Control, Store, StudyQueries
from scaling_search.store.summaries import TrialFilter
from tests.support.studies import SPEC, filled


@pytest.fixture
def submitted(store: Store) -> None:
    submit_study(store, SPEC, "ann")


@pytest.mark.parametrize("sort", ["number", "accuracy", "started_at", "key", "share_width", "loss", "error"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_each_trial_once_in_order(store: Store, submitted: None, sort: str, descending: bool) -> None:
    filled(store, 7)
    queries, numbers, after = StudyQueries(store), list[int](), None
    while True:
        page = queries.trials("s", sort=sort, descending=descending, after=after, limit=3)
        numbers += [r.number for r in page.rows]
        after = page.next
        if after is None:
            break
    assert sorted(numbers) == list(range(7))
    if sort in ("number", "accuracy"):
        assert numbers == sorted(numbers, reverse=descending)


def test_trials_are_filtered(store: Store, submitted: None) -> None:
    filled(store, 7)
    queries = StudyQueries(store)
    assert queries.trials("s", TrialFilter(state=("failed",))).matching == 0
    assert [r.number for r in queries.trials("s", TrialFilter(least=0.5055)).rows] == [6]
    key = search_space(SPEC)[2].key
    assert [r.key for r in queries.trials("s", TrialFilter(text=key[:12].upper())).rows].count(key) == 1
    assert queries.trials("s", TrialFilter(text="%")).matching == 0


def test_studies_are_found_sorted_and_paged(store: Store) -> None:
    for i in range(5):
        submit_study(store, SPEC.model_copy(update={"name": f"study_{i}", "description": f"the {i}th"}), "ann")
    Control(store).change("study_4", archived=True)
    queries = StudyQueries(store)
    first, after = queries.studies(sort="name", descending=False, limit=3)
    rest, end = queries.studies(sort="name", descending=False, limit=3, after=after)
    assert [s.study.name for s in first + rest] == ["study_0", "study_1", "study_2", "study_3"]
    assert end is None
    assert [s.study.name for s in queries.studies(text="2TH")[0]] == ["study_2"]
    assert [s.study.name for s in queries.studies(archived=True)[0]] == ["study_4"]
    assert queries.studies(state=["running"])[0] == []


def test_a_summary_counts_and_estimates(store: Store, submitted: None) -> None:
    filled(store, 4, epochs=SPEC.proxy.epochs)
    summary = StudyQueries(store).summary("s")
    assert (summary.counts["complete"], summary.best, summary.total, summary.done) == (4, 0.503, 26, 4)
    work = sum(r.macs_ratio for r in store.trials("s"))
    assert summary.work == pytest.approx(work * SPEC.proxy.epochs)
    assert summary.eta == pytest.approx((24 * 2 + 2 - work) * 16 / work)


def test_a_summary_of_a_staged_study_counts_its_longer_runs(store: Store) -> None:
    stages = StagesSpec(confirm=4, confirm_epochs=5)
    spec = SPEC.model_copy(update={"search": SPEC.search.model_copy(update={"stages": stages})})
    submit_study(store, spec, "ann")
    assert StudyQueries(store).summary("s").total == 26 + 4


def test_every_network_is_listed_with_its_runs(store: Store, submitted: None) -> None:
    filled(store, 5)
    assert [n.runs for n in StudyQueries(store).networks("s")] == [1] * 5
