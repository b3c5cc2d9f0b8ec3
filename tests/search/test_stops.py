"""When to stop early."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaling_search.engine import Event, Finished, LocalEngine, Progress, Task
from scaling_search.errors import InputError, StoreError
from scaling_search.records import EpochResult
from scaling_search.search.lease import claim_study
from scaling_search.search.pruning import should_prune
from scaling_search.search.run import run_study
from scaling_search.search.stopping import finished_curves, stale_rounds
from scaling_search.search.studies import extend_study, get_or_create_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Control, Store, open_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(open_database(str(tmp_path / "s.db"), create=True))
    yield opened
    opened.close()


def test_rounds_without_a_rise_are_counted(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    """On a real study: the rule equals a recount by hand."""
    run_study(parse(tiny(replicates="0")), store, LocalEngine(2), tmp_path / "runs")
    rows = store.trials("tiny")
    best, risen = -1.0, -1
    for k in range(4):
        top = max(r.accuracy or 0 for r in rows if r.round == k and r.role == "candidate")
        if top > best:
            best, risen = top, k
    assert stale_rounds(rows, 4) == 3 - risen
    assert stale_rounds(rows, 1) == 0
    curves = finished_curves(rows, store.epochs("tiny"), before=2)
    assert len(curves) == 6
    assert all(len(c) == 2 for c in curves)


def test_patience_stops_with_its_reason_and_the_same_trials_for_any_slots(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    for name, slots in (("a", 1), ("b", 3)):
        text = tiny(name, trials="30").replace("round: 3", "round: 3, patience: 1")
        row = run_study(parse(text), store, LocalEngine(slots), tmp_path / name)
        assert row.state == "stopped"
        assert row.reason is not None
        assert "search.patience" in row.reason
    a, b = ([(t.number, t.key, t.accuracy) for t in store.trials(name)] for name in "ab")
    assert a == b
    assert len(a) < 31
    assert store.choice("a") == store.choice("b")


def test_out_of_time_stops_and_goes_on(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    row = run_study(parse(tiny() + "run: {max_hours: 0.0005}\n"), store, LocalEngine(2), tmp_path / "runs")
    assert (row.state, "run.max_hours" in (row.reason or "")) == ("stopped", True)
    assert "running" not in store.counts()["tiny"]
    assert run_study(parse(tiny()), store, LocalEngine(2), tmp_path / "runs").state == "complete"


def test_failures_in_a_row_fail_the_study(store: Store, diverging: str, tmp_path: Path) -> None:
    spec = parse(diverging + "run: {max_failures: 100, max_failures_in_row: 2}\n")
    assert run_study(spec, store, LocalEngine(1), tmp_path / "runs").state == "failed"
    assert store.counts()["tiny"]["failed"] == 2


def test_failures_are_counted_since_the_last_start(store: Store, diverging: str, tmp_path: Path) -> None:
    spec = parse(diverging + "run: {max_failures: 1, max_failures_in_row: 100}\n")
    for failed in (2, 4):
        assert run_study(spec, store, LocalEngine(1), tmp_path / "runs").state == "failed"
        assert store.counts()["tiny"]["failed"] == failed


def test_stages_in_which_every_run_fails_come_to_an_end(store: Store, diverging: str, tmp_path: Path) -> None:
    text = (
        diverging.replace("round: 3", "round: 3, stages: {}") + "run: {max_failures: 100, max_failures_in_row: 100}\n"
    )
    assert run_study(parse(text), store, LocalEngine(2), tmp_path / "runs").state == "failed"
    assert store.counts() == {"tiny": {"failed": 11}}


def test_a_stop_asked_of_a_coordinator_that_died_is_carried_out_by_the_next(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    spec = parse(tiny())
    get_or_create_study(store, spec)
    claim = claim_study(store, "tiny")
    store.move_study(claim, "running")
    Control(store).ask("tiny", "stop")
    store.renew(claim, -1)  # it is never heard of again
    row = run_study(spec, store, Noted(2), tmp_path / "runs")
    assert (row.state, row.reason, row.request) == ("stopped", "stop was asked for", None)
    assert store.trials("tiny") == []


class Noted(LocalEngine):
    """Says whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True
        super().close()


def test_an_engine_is_closed_where_nothing_is_run(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    spec, engine = parse(tiny()), Noted(2)
    get_or_create_study(store, spec)
    claim = store.claim("tiny", f"{socket.gethostname()}:{os.getppid()}", 60)
    assert claim is not None
    with pytest.raises(StoreError, match="is being run by"):
        run_study(spec, store, engine, tmp_path / "runs", wait=0)
    assert engine.closed


def test_the_median_rule() -> None:
    finished = [[0.1 * i, 0.2 * i, 0.3 * i] for i in range(1, 6)]
    assert should_prune(finished, [0.2, 0.3])
    assert not should_prune(finished, [0.3, 0.7])
    assert not should_prune(finished, [0.1])  # the first epoch never prunes
    assert not should_prune(finished[:4], [0.0, 0.0])  # too few to judge by


class Scripted:
    """An engine of virtual runs: every second trial from number 11 on learns nothing. For the coordinator's rules alone."""

    slots = 2

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.cancelled: list[int] = []
        self.submitted: list[int] = []

    def submit(self, task: Task) -> None:
        self.submitted.append(task.number)
        level = 0.1 if task.number > 10 and task.number % 2 else 0.5 + task.number / 1000
        for epoch in range(4):
            result = EpochResult(epoch, 1.0, 1.0, level + 0.01 * epoch, 0.001, 1.0, 100.0)
            self.heard.append(Progress(task.number, result))
        self.heard.append(Finished(task.number))

    def events(self, timeout: float) -> list[Event]:
        heard, self.heard = self.heard, []
        return heard

    def cancel(self, number: int) -> None:
        self.cancelled.append(number)

    def close(self) -> None:
        self.heard = []


def test_pruned_runs_are_kept_out_of_the_fit(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    text = tiny(trials="20", replicates="0", epochs="4").replace("round: 3", "round: 5, pruner: median")
    engine = Scripted()
    run_study(parse(text), store, engine, tmp_path / "runs")
    rows = store.trials("tiny")
    pruned = [t for t in rows if t.state == "pruned"]
    assert [t.number for t in pruned] == sorted(engine.cancelled) == [11, 13, 15, 17, 19]
    assert all(t.epochs == 2 for t in pruned)  # at the second epoch, the first that may be judged
    assert [t.state for t in rows if t not in pruned] == ["complete"] * 16
    choice = store.choice("tiny")
    assert choice is not None
    assert choice["runs"] == 15


def test_the_slowest_of_a_round_start_first(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    engine = Scripted()
    run_study(
        parse(tiny(trials="12", replicates="0").replace("round: 3", "round: 6")), store, engine, tmp_path / "runs"
    )
    rows = {t.number: t for t in store.trials("tiny")}
    for k in (0, 1):
        sizes = [rows[n].activations for n in engine.submitted if rows[n].round == k]
        assert len(set(sizes)) > 3
        assert sizes == sorted(sizes, reverse=True)
    assert [rows[n].round for n in engine.submitted] == [0] * 7 + [1] * 6


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
