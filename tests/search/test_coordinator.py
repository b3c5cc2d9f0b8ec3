"""What a coordinator does with the events of runs, with requests, and with failures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scaling_search.engine import Event, Failed, LocalEngine, Task
from scaling_search.errors import LeaseLost
from scaling_search.records import Request, StudyRow, StudyState
from scaling_search.search.coordinator import MAX_ATTEMPTS, requested_exit
from scaling_search.search.lease import claim_study
from scaling_search.search.run import run_study
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.run import RunSpec
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Control, Store
from scaling_search.store.control import Orders
from tests.support.engines import ScriptedEngine, finished_run, succeed
from tests.support.factories import tiny_spec
from tests.support.outcomes import outcome


def run(store: Store, spec: StudySpec, folder: Path) -> StudyRow:
    return run_study(spec, store, LocalEngine(2), folder / "runs")


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
    assert outcome(store, "tiny") == outcome(store, "whole")
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
    store.renew(claim, -1)  # that coordinator died
    row = run_study(spec, store, ScriptedEngine(), tmp_path / "runs")
    assert (row.state, row.reason, row.request) == ("stopped", "stop was asked for", None)
    assert store.trials("tiny") == []


def test_pruned_runs_are_kept_out_of_the_fit(store: Store, tmp_path: Path) -> None:
    spec = tiny_spec(search={"trials": 20, "replicates": 0, "round": 5, "pruner": "median"}, proxy={"epochs": 4})
    hopeless = [11, 13, 15, 17, 19]
    engine = ScriptedEngine(
        lambda task: finished_run(task, 0.1 if task.number in hopeless else 0.5 + task.number / 1000)
    )
    run_study(spec, store, engine, tmp_path / "runs")
    rows = store.trials("tiny")
    pruned = [t for t in rows if t.state == "pruned"]
    assert [t.number for t in pruned] == sorted(engine.cancelled) == hopeless
    assert all(t.epochs == 2 for t in pruned)  # the second epoch is the first that may be judged
    assert [t.state for t in rows if t not in pruned] == ["complete"] * 16
    choice = store.choice("tiny")
    assert choice is not None
    assert choice["runs"] == 15


def test_the_slowest_of_a_round_start_first(store: Store, tmp_path: Path) -> None:
    engine = ScriptedEngine()
    run_study(tiny_spec(search={"trials": 12, "replicates": 0, "round": 6}), store, engine, tmp_path / "runs")
    rows = {t.number: t for t in store.trials("tiny")}
    for k in (0, 1):
        sizes = [rows[task.number].activations for task in engine.submitted if rows[task.number].round == k]
        assert len(set(sizes)) > 3
        assert sizes == sorted(sizes, reverse=True)
    assert [rows[task.number].round for task in engine.submitted] == [0] * 7 + [1] * 6


@pytest.mark.parametrize(
    ("request_", "hours", "state"),
    [
        (None, 0.5, None),
        ("stop", 0.5, None),
        ("pause", 0.5, "paused"),
        ("cancel", 0.5, "stopped"),
        (None, 1.5, "stopped"),
    ],
)
def test_pause_cancel_and_the_time_limit_end_a_study_at_once(
    request_: Request | None, hours: float, state: StudyState | None
) -> None:
    state_and_reason = requested_exit(Orders(request_, None), RunSpec(max_hours=1.0), hours)
    assert (state_and_reason and state_and_reason[0]) == state
    assert requested_exit(Orders(None, None), RunSpec(), 1e6) is None


def test_each_network_is_counted_once_and_again_after_a_crash(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    crashes = {3: 2}

    def script(task: Task) -> list[Event]:
        if crashes.get(task.number, 0) > 0:
            crashes[task.number] -= 1
            return [Failed(task.number, "SIGKILL", crashed=True)]
        return succeed(task)

    engine = ScriptedEngine(script)
    assert run_study(parse(tiny()), store, engine, tmp_path / "runs").state == "complete"
    rows = {row.number: row for row in store.trials("tiny")}
    assert rows[3].attempts == MAX_ATTEMPTS == 3
    assert rows[3].state == "complete"
    assert [task.verify for task in engine.submitted if task.number == 3] == [True, True, True]
    verified = [rows[task.number].key for task in engine.submitted if task.verify and task.number != 3]
    assert len(verified) == len(set(verified)) >= 8


def test_a_third_crash_fails_the_trial(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    def script(task: Task) -> list[Event]:
        return [Failed(3, "SIGKILL", crashed=True)] if task.number == 3 else succeed(task)

    engine = ScriptedEngine(script)
    assert run_study(parse(tiny()), store, engine, tmp_path / "runs").state == "complete"
    row = store.trials("tiny")[3]
    assert (row.state, row.error, row.attempts) == ("failed", "SIGKILL", 3)
    assert [task.number for task in engine.submitted].count(3) == 3


def test_an_error_that_would_repeat_is_not_tried_again(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    def script(task: Task) -> list[Event]:
        return [Failed(3, "the loss is not finite", crashed=False)] if task.number == 3 else succeed(task)

    engine = ScriptedEngine(script)
    run_study(parse(tiny()), store, engine, tmp_path / "runs")
    assert store.trials("tiny")[3].state == "failed"
    assert [task.number for task in engine.submitted].count(3) == 1


@pytest.mark.parametrize("keep", [False, True])
def test_checkpoints_of_finished_trials_are_removed_unless_they_are_to_be_kept(
    store: Store, tiny: Callable[..., str], tmp_path: Path, keep: bool
) -> None:
    def script(task: Task) -> list[Event]:
        assert task.checkpoint is not None
        Path(task.checkpoint).touch()
        return succeed(task)

    text = tiny(trials="4", replicates="0") + f"run: {{keep_checkpoints: {str(keep).lower()}}}\n"
    run_study(parse(text), store, ScriptedEngine(script), tmp_path / "runs")
    assert len(list((tmp_path / "runs").iterdir())) == (5 if keep else 0)


@pytest.mark.parametrize(("request_", "state"), [("pause", "paused"), ("cancel", "stopped")])
def test_a_request_ends_the_runs_and_keeps_what_is_complete(
    store: Store, tiny: Callable[..., str], tmp_path: Path, request_: Request, state: str
) -> None:
    def script(task: Task) -> list[Event]:
        if task.number == 5:
            Control(store).ask("tiny", request_)
            return []  # it never ends
        return succeed(task)

    engine = ScriptedEngine(script)
    row = run_study(parse(tiny()), store, engine, tmp_path / "runs")
    assert (row.state, row.reason, row.request) == (state, f"{request_} was asked for", None)
    assert engine.is_closed
    assert store.counts()["tiny"].get("running", 0) == 0
    choice = store.choice("tiny")
    assert choice is not None
    assert choice["runs"] == len([r for r in store.trials("tiny") if r.state == "complete" and r.role == "candidate"])


def test_stop_starts_nothing_new_and_lets_runs_end(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    def script(task: Task) -> list[Event]:
        if task.number == 5:
            Control(store).ask("tiny", "stop")
        return succeed(task)

    engine = ScriptedEngine(script)
    row = run_study(parse(tiny()), store, engine, tmp_path / "runs")
    assert (row.state, row.reason) == ("stopped", "stop was asked for")
    assert set(store.counts()["tiny"]) <= {"complete", "waiting"}
    assert store.counts()["tiny"]["complete"] == len(engine.submitted) < 11


def test_slots_may_change_while_it_runs(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    def script(task: Task) -> list[Event]:
        if task.number == 2:
            Control(store).change("tiny", slots=5)
        return succeed(task)

    engine = ScriptedEngine(script, slots=1)
    run_study(parse(tiny()), store, engine, tmp_path / "runs")
    assert engine.slots == 5


def test_a_coordinator_that_lost_its_study_writes_no_more(
    store: Store, tiny: Callable[..., str], tmp_path: Path
) -> None:
    def script(task: Task) -> list[Event]:
        if task.number == 5:
            holder = store.holder("tiny")
            assert holder is not None
            assert store.claim("tiny", "another:1", 60, dead_owner=holder[0]) is not None
        return succeed(task)

    with pytest.raises(LeaseLost):
        run_study(parse(tiny()), store, ScriptedEngine(script), tmp_path / "runs")
    assert store.trials("tiny")[5].state == "waiting"
    assert store.holder("tiny") is not None
