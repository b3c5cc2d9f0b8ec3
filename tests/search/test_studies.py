"""Studies are created once, queued once, and extended."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from scaling_search.engine import LocalEngine
from scaling_search.errors import InputError, StoreError, StudyChanged, StudyExists
from scaling_search.search.run import run_study
from scaling_search.search.studies import (
    MAX_TRIALS,
    extend_study,
    extended_spec,
    get_or_create_study,
    submit_study,
)
from scaling_search.search.versions import library_versions
from scaling_search.spec.study_file import parse
from scaling_search.store import Store


def test_a_changed_spec_is_refused_with_what_differs(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    with pytest.raises(StudyChanged, match=r"proxy\.epochs: 2 → 4") as refused:
        get_or_create_study(store, parse(tiny(epochs="4")))
    assert "proxy.dataset" not in refused.value.message


def test_how_it_is_run_may_change(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    get_or_create_study(store, parse(tiny() + "run: {slots: 1, max_failures: 9}\ndescription: another\n"))


def test_extend_adds_trials_and_keeps_those_there_are(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    run_study(parse(tiny()), store, LocalEngine(2), tmp_path / "runs")
    before = store.trials("tiny")
    longer = extend_study(store, "tiny", 5)
    assert (longer.search.trials, longer.search.replicates) == (15, 3)
    run_study(longer, store, LocalEngine(2), tmp_path / "runs")
    after = store.trials("tiny")
    assert after[: len(before)] == before
    assert [t.state for t in after] == ["complete"] * 16
    with pytest.raises(InputError, match="--trials"):
        extend_study(store, "tiny", 0)


def test_a_study_is_created_once_with_the_versions_of_its_first_start(store: Store, tiny: Callable[..., str]) -> None:
    row = get_or_create_study(store, parse(tiny()))
    assert (row.state, row.launched_by, row.spec_hash) == ("queued", None, parse(tiny()).hash())
    assert row.versions == library_versions()
    assert row.versions["torch"] == metadata.version("torch")
    assert get_or_create_study(store, parse(tiny())) == row


def test_a_study_is_queued_once(store: Store, tiny: Callable[..., str]) -> None:
    row = submit_study(store, parse(tiny()), "ann", priority=3, slots=2, webhook="https://example.org/hook")
    assert (row.state, row.launched_by, row.priority, row.slots) == ("queued", "ann", 3, 2)
    assert row.webhook == "https://example.org/hook"
    assert row.spec_hash == parse(tiny()).hash()
    with pytest.raises(StudyExists, match="a study named 'tiny' already exists"):
        submit_study(store, parse(tiny(epochs="4")), "bob")
    assert store.study("tiny") == row


def test_an_extended_spec_keeps_the_proportion_of_replicates_and_everything_else(tiny: Callable[..., str]) -> None:
    spec = parse(tiny())
    longer = extended_spec(spec, 10)
    assert (longer.search.trials, longer.search.replicates) == (20, 4)
    unchanged = {"trials": 10, "replicates": 2}
    assert longer.model_copy(update={"search": longer.search.model_copy(update=unchanged)}) == spec
    assert extended_spec(spec, MAX_TRIALS - 10).search.trials == MAX_TRIALS
    with pytest.raises(InputError, match=f"--trials: {MAX_TRIALS + 1} trials in total are too many"):
        extended_spec(spec, MAX_TRIALS - 9)


def test_a_study_that_is_held_is_not_extended(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    claim = store.claim("tiny", f"{socket.gethostname()}:{os.getppid()}", 60)
    assert claim is not None
    with pytest.raises(StoreError, match="is being run by"):
        extend_study(store, "tiny", 5)
    store.release(claim)
    assert extend_study(store, "tiny", 5).search.trials == 15
    row = store.study("tiny")
    assert (row.state, row.reason, store.holder("tiny")) == ("queued", "extended", None)
