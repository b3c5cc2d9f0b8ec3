"""Whole studies on the digits: real networks, real training, a real database."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scaling_search.analysis.recommendation import recommend
from scaling_search.engine import LocalEngine
from scaling_search.errors import CheckpointError, ScalingSearchError, StoreError, StudyChanged
from scaling_search.records import StudyRow
from scaling_search.search.lease import claim_study
from scaling_search.search.progress import Snapshot
from scaling_search.search.proposals import propose
from scaling_search.search.run import run_study
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(open_database(str(tmp_path / "s.db"), create=True))
    yield opened
    opened.close()


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
    assert choice == json.loads(json.dumps(recommend(trials, spec)[0]))
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


def test_a_changed_spec_is_refused_with_what_differs(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    with pytest.raises(StudyChanged, match=r"proxy\.epochs: 2 → 4") as refused:
        get_or_create_study(store, parse(tiny(epochs="4")))
    assert "proxy.dataset" not in refused.value.message


def test_how_it_is_run_may_change(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    get_or_create_study(store, parse(tiny() + "run: {slots: 1, max_failures: 9}\ndescription: another\n"))


def test_too_many_failures_fail_the_study_with_their_reason(store: Store, diverging: str, tmp_path: Path) -> None:
    row = run(store, parse(diverging + "run: {max_failures: 2}\n"), tmp_path)
    assert row.state == "failed"
    assert row.reason is not None
    assert "the loss is not finite" in row.reason
    assert store.counts()["tiny"]["failed"] == 3
    assert store.holder("tiny") is None


def test_damaged_data_stops_the_study_and_costs_no_trial(
    store: Store, tiny: Callable[..., str], tmp_path: Path, damaged_root: Path
) -> None:
    spec = parse(tiny(root=str(damaged_root)))
    row = run(store, spec, tmp_path)
    assert row.state == "failed"
    assert row.reason is not None
    assert "the cached copy of digits is damaged" in row.reason
    assert set(store.counts()["tiny"]) == {"waiting"}
    shutil.rmtree(damaged_root / "cache")
    assert run(store, spec, tmp_path).state == "complete"
    run(store, parse(tiny("whole")), tmp_path)
    assert results(store, "tiny") == results(store, "whole")
    assert {t.error for t in store.trials("tiny")} == {None}


def test_a_checkpoint_that_cannot_be_written_stops_the_study_and_costs_no_trial(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    in_the_way = tmp_path / "runs" / "4.pt"
    in_the_way.mkdir(parents=True)
    row = run(store, parse(tiny()), tmp_path)
    assert row.state == "failed"
    assert row.reason is not None
    assert f"cannot write the checkpoint {in_the_way}: Is a directory" in row.reason
    assert "failed" not in store.counts()["tiny"]
    assert store.counts()["tiny"]["complete"] >= 2
    in_the_way.rmdir()
    assert run(store, parse(tiny()), tmp_path).state == "complete"


def test_without_a_folder_for_checkpoints_nothing_begins(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(CheckpointError, match="cannot make the folder for checkpoints"):
        run(store, parse(tiny()), tmp_path)
    assert store.holder("tiny") is None
    assert store.trials("tiny") == []


def test_a_live_coordinator_is_left_alone(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    store.claim("tiny", f"{socket.gethostname()}:{os.getppid()}", 60)
    with pytest.raises(StoreError, match="is being run by"):
        claim_study(store, "tiny", wait=0)


def test_a_dead_coordinator_of_this_host_is_followed_at_once(store: Store, tiny: Callable[..., str]) -> None:
    get_or_create_study(store, parse(tiny()))
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    store.claim("tiny", f"{socket.gethostname()}:{gone}", 60)
    assert claim_study(store, "tiny", wait=0).fence == 2


def test_nothing_complete_is_a_failure_not_a_choice(tiny: Callable[..., str]) -> None:
    with pytest.raises(ScalingSearchError, match="nothing to choose from"):
        recommend([], parse(tiny()))


@pytest.mark.parametrize("sampler", ["lattice", "random", "gp"])
def test_proposals_do_not_depend_on_when_the_last_round_ends(
    store: Store, tiny: Callable[..., str], sampler: str, tmp_path: Path
) -> None:
    spec = parse(tiny(trials="15").replace("trials: 15", f"trials: 15, sampler: {sampler}"))
    from dataclasses import replace

    from scaling_search.store import Claim

    get_or_create_study(store, spec)
    claim = store.claim("tiny", "me", 60)
    assert isinstance(claim, Claim)
    for k in range(4):
        store.add_trials(claim, propose(store.trials("tiny"), spec, k))
    rows = [
        replace(r, state="complete", accuracy=0.5 + r.number / 100) if r.round < 3 else r for r in store.trials("tiny")
    ]
    later = [replace(r, state="complete", accuracy=0.9) if r.round == 3 else r for r in rows]
    assert propose(rows, spec, 4) == propose(later, spec, 4) != []
