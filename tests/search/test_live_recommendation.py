"""The choice of a running study is kept up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scaling_search.analysis.recommendation import recommend
from scaling_search.analysis.validation import validation_spec
from scaling_search.errors import ScalingSearchError
from scaling_search.records import TrialRow
from scaling_search.search.lease import claim_study
from scaling_search.search.live_recommendation import RecommendationUpdater
from scaling_search.search.stages import propose
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store
from tests.support.factories import as_row


@pytest.fixture
def spec(tiny: Callable[..., str]) -> StudySpec:
    return parse(tiny() + "family: {phi: [1]}\n")


@pytest.fixture
def updater(store: Store, spec: StudySpec) -> RecommendationUpdater:
    get_or_create_study(store, spec)
    return RecommendationUpdater(spec, store, claim_study(store, "tiny"))


@pytest.fixture
def recorded(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After how many runs choices were stored."""
    runs: list[int] = []
    record_choice = store.record_choice

    def record(claim: Any, choice: Any, after_trials: int, family: Any, portrait: Any = None) -> None:
        runs.append(after_trials)
        record_choice(claim, choice, after_trials, family, portrait)

    monkeypatch.setattr(store, "record_choice", record)
    return runs


def complete_rounds(spec: StudySpec, rounds: int) -> list[TrialRow]:
    rows: list[TrialRow] = []
    for k in range(rounds):
        new = [as_row(p) for p in propose(rows, spec, k)]
        rows += [replace(row, state="complete", accuracy=0.5 + row.number / 1000) for row in new]
    return rows


def test_nothing_complete_is_a_failure_not_a_choice(tiny: Callable[..., str]) -> None:
    with pytest.raises(ScalingSearchError, match="nothing to choose from"):
        recommend([], parse(tiny()))


def test_an_update_stores_the_choice_of_the_complete_runs(
    store: Store, spec: StudySpec, updater: RecommendationUpdater, recorded: list[int]
) -> None:
    rows = complete_rounds(spec, 2)
    updater.update(rows)
    assert recorded == [6]
    assert store.choice("tiny") == recommend(rows, spec).to_dict()
    updater.update(rows)  # nothing has completed since
    assert recorded == [6]
    more = complete_rounds(spec, 3)
    updater.update(more)
    assert recorded == [6, 9]
    assert store.choice("tiny") == recommend(more, spec).to_dict()


def test_a_study_without_complete_runs_and_a_validation_get_no_choice(
    store: Store, spec: StudySpec, updater: RecommendationUpdater, recorded: list[int]
) -> None:
    updater.update([replace(row, state="failed", accuracy=None) for row in complete_rounds(spec, 1)])
    updater.spec = validation_spec(spec, (0.4, 0.3, 0.3), seeds=2, phi=1, epochs=None)
    updater.update(complete_rounds(spec, 2))
    assert recorded == []


def test_updates_take_a_small_part_of_the_time(
    spec: StudySpec, updater: RecommendationUpdater, recorded: list[int]
) -> None:
    updater.maybe_update(complete_rounds(spec, 1))
    assert recorded == [3]
    assert updater.duration_s > 0
    updater.duration_s = 1000.0
    updater.maybe_update(complete_rounds(spec, 2))  # too soon after an update that took as long as that
    assert recorded == [3]
    updater.ended_at -= 21 * 1000
    updater.maybe_update(complete_rounds(spec, 2))
    assert recorded == [3, 6]
