"""Whole studies on the digits: real networks, real training, a real database."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaling_search.analysis.recommendation import recommend
from scaling_search.engine import LocalEngine
from scaling_search.errors import CheckpointError, LeaseLost, StoreError
from scaling_search.records import StudyRow
from scaling_search.search.progress import Snapshot
from scaling_search.search.run import run_claimed, run_study
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store
from tests.support.engines import ScriptedEngine


def run(
    store: Store, spec: StudySpec, folder: Path, slots: int = 2, report: Callable[[Snapshot], None] = lambda _: None
) -> StudyRow:
    return run_study(spec, store, LocalEngine(slots), folder / "runs", report)


def results(store: Store, name: str) -> list[Any]:
    """All that must not depend on timing: trials with their networks and outcomes, the last attempt's curves, the choice."""
    trials = store.trials(name)
    rows = [(t.number, t.round, t.role, t.key, t.seed, t.state, t.accuracy, t.loss, t.counted_macs) for t in trials]
    last = {t.number: t.attempts for t in trials}
    curves = [
        (n, e.epoch, e.train_loss, e.validation_loss, e.accuracy)
        for n, attempt, e in store.epochs(name)
        if attempt == last[n]
    ]
    return [rows, curves, store.choice(name)]


def test_a_study_runs_to_its_choice(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    spec = parse(tiny())
    seen: list[Snapshot] = []
    row = run(store, spec, tmp_path, report=seen.append)
    trials = store.trials("tiny")
    assert row.state == "complete"
    assert [t.state for t in trials] == ["complete"] * 11
    assert [t.role for t in trials].count("base") == 1
    assert all(t.counted_macs is None or t.counted_macs == t.macs for t in trials)
    assert {t.key for t in trials} == {t.key for t in trials if t.counted_macs}
    assert all(abs(t.macs_ratio - 2) <= 0.04 for t in trials if t.role == "candidate")
    assert len({t.key for t in trials if t.role == "candidate"}) == 8
    assert len(store.epochs("tiny")) == 22
    choice = store.choice("tiny")
    assert choice is not None
    assert choice["runs"] == 10
    assert choice == recommend(trials, spec).to_dict()
    assert [m["name"] for m in choice["family"]["models"]] == [f"b{i}" for i in range(8)]
    assert seen[-1].done == seen[-1].total == 11
    assert any(s.eta for s in seen)
    assert list((tmp_path / "runs").glob("*")) == []


@pytest.mark.parametrize("slots", [4, pytest.param(2, marks=pytest.mark.slow)])
def test_slots_change_nothing(store: Store, tiny: Callable[..., str], tmp_path: Path, slots: int) -> None:
    for name, n in (("one", 1), ("more", slots)):
        run(store, parse(tiny(name)), tmp_path / name, n)
    assert results(store, "one") == results(store, "more")


def test_interrupted_it_pauses_and_goes_on_to_the_same_end(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    def interrupt(s: Snapshot) -> None:
        if s.done >= 4 and any(f.last for f in s.running_trials):
            raise KeyboardInterrupt

    run(store, parse(tiny("whole")), tmp_path / "a")
    with pytest.raises(KeyboardInterrupt):
        run(store, parse(tiny("broken")), tmp_path / "b", report=interrupt)
    paused = store.study("broken")
    assert (paused.state, store.holder("broken")) == ("paused", None)
    assert "running" not in store.counts()["broken"]
    assert run(store, parse(tiny("broken")), tmp_path / "b").state == "complete"
    assert results(store, "broken") == results(store, "whole")


def test_a_finished_study_is_not_run_again(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    spec = parse(tiny(trials="2", replicates="1", epochs="1"))
    run(store, spec, tmp_path)
    before = results(store, "tiny"), store.study("tiny")
    run(store, spec, tmp_path)
    assert (results(store, "tiny"), store.study("tiny")) == before


def test_without_a_folder_for_checkpoints_nothing_begins(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(CheckpointError, match="cannot make the folder for checkpoints"):
        run(store, parse(tiny()), tmp_path)
    assert store.holder("tiny") is None
    assert store.trials("tiny") == []


def test_an_engine_is_closed_where_nothing_is_run(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    spec, engine = parse(tiny()), ScriptedEngine()
    get_or_create_study(store, spec)
    claim = store.claim("tiny", f"{socket.gethostname()}:{os.getppid()}", 60)
    assert claim is not None
    with pytest.raises(StoreError, match="is being run by"):
        run_study(spec, store, engine, tmp_path / "runs", wait=0)
    assert engine.is_closed


def test_a_claim_that_is_lost_before_the_start_changes_nothing_and_closes_the_engine(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    spec, engine = parse(tiny()), ScriptedEngine()
    get_or_create_study(store, spec)
    claim = store.claim("tiny", "one:1", 60)
    assert claim is not None
    assert store.claim("tiny", "two:1", 60, dead_owner="one:1") is not None
    with pytest.raises(LeaseLost):
        run_claimed(spec, store, engine, claim, tmp_path / "runs")
    assert engine.is_closed
    assert store.study("tiny").state == "queued"
    assert engine.submitted == []
