"""One suite for every engine: what the protocol promises."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scaling_search.engine import Engine, Event, Failed, Finished, LocalEngine, Progress, Task, make_engine
from scaling_search.engine.protocol import CPU_ENVIRONMENT, Counted
from scaling_search.errors import EngineError
from scaling_search.networks.cost import cost
from scaling_search.spec.run import RunSpec
from scaling_search.spec.study_file import parse

RAY = pytest.param("ray", marks=pytest.mark.slow)


@pytest.fixture(params=["local", RAY])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "ray":
        request.getfixturevalue("ray_here")
    opened = make_engine(RunSpec(engine=request.param), slots=2)
    yield opened
    opened.close()


@pytest.fixture
def task(tiny: Callable[..., str], tmp_path: Path) -> Callable[..., Task]:
    def make(number: int = 0, verify: bool = False, **changes: str) -> Task:
        spec = parse(tiny(**changes))
        return Task(number, spec.base_architecture(), number, spec.proxy, str(tmp_path / f"{number}.pt"), verify)

    return make


def until_ended(engine: Engine, numbers: set[int]) -> list[Event]:
    """All events until each of these runs has ended."""
    events: list[Event] = []
    running = set(numbers)
    while running:
        new = engine.events(timeout=60)
        assert new, "no event for a minute"
        events += new
        running -= {e.number for e in new if isinstance(e, Finished | Failed)}
    return events


def test_a_run_sends_its_count_its_epochs_and_its_end(engine: Engine, task: Callable[..., Task]) -> None:
    one = task(verify=True)
    engine.submit(one)
    events = until_ended(engine, {0})
    assert [type(e) for e in events] == [Counted, Progress, Progress, Finished]
    assert isinstance(events[0], Counted)
    assert events[0].macs == cost(one.architecture).macs
    assert [e.result.epoch for e in events if isinstance(e, Progress)] == [0, 1]


def test_slots_run_side_by_side_and_are_freed(engine: Engine, task: Callable[..., Task]) -> None:
    for number in (0, 1):
        engine.submit(task(number))
    with pytest.raises(EngineError, match="all 2 slots are taken"):
        engine.submit(task(2))
    events = until_ended(engine, {0, 1})
    assert {e.number for e in events if isinstance(e, Finished)} == {0, 1}
    engine.submit(task(3))
    assert isinstance(until_ended(engine, {3})[-1], Finished)


def test_damaged_data_is_no_crash_and_not_the_networks_fault(
    engine: Engine, task: Callable[..., Task], damaged_root: Path
) -> None:
    engine.submit(task(root=str(damaged_root)))
    (failed,) = until_ended(engine, {0})
    assert isinstance(failed, Failed)
    assert (failed.crashed, failed.outside) == (False, True)
    assert "the cached copy of digits is damaged" in failed.error


def runs_of(engine: Engine) -> list[psutil.Process]:
    """The processes of runs: local ones lead a process group, Ray's are named after their function."""
    children = psutil.Process().children(recursive=True)
    if isinstance(engine, LocalEngine):
        return [p for p in children if os.getpgid(p.pid) == p.pid and "multiprocessing.forkserver" in str(p.cmdline())]
    return [p for p in children if p.cmdline()[:1] == ["ray::carry_out"]]


def have_ended(engine: Engine, runs: list[psutil.Process]) -> bool:
    """Whether these processes have ended; Ray drops a task moments before its process ends."""
    _, alive = psutil.wait_procs(runs, timeout=0 if isinstance(engine, LocalEngine) else 30)
    return not alive


def test_a_run_on_a_cpu_has_the_allocators_environment_and_the_coordinator_has_not(
    engine: Engine, task: Callable[..., Task]
) -> None:
    engine.submit(task(epochs="1000"))
    assert engine.events(timeout=60)
    (run,) = runs_of(engine)
    assert run.environ().items() >= CPU_ENVIRONMENT.items()
    assert "MALLOC_TOP_PAD_" not in os.environ


def test_a_killed_process_is_a_crash_that_names_the_signal(engine: Engine, task: Callable[..., Task]) -> None:
    engine.submit(task(epochs="1000"))
    assert any(isinstance(e, Progress) for e in engine.events(timeout=60))
    (run,) = runs_of(engine)
    run.send_signal(signal.SIGKILL)
    failed = until_ended(engine, {0})[-1]
    assert isinstance(failed, Failed)
    assert failed.crashed
    assert ("SIGKILL" if isinstance(engine, LocalEngine) else "worker process was lost: killed") in failed.error


def test_a_cancelled_run_is_gone_and_silent(engine: Engine, task: Callable[..., Task]) -> None:
    engine.submit(task(epochs="1000"))
    assert engine.events(timeout=60)
    (run,) = runs_of(engine)
    engine.cancel(0)
    assert have_ended(engine, [run])
    assert engine.events(timeout=0) == []
    engine.submit(task(1))
    assert {e.number for e in until_ended(engine, {1})} == {1}


def test_close_ends_every_run(engine: Engine, task: Callable[..., Task]) -> None:
    for number in (0, 1):
        engine.submit(task(number, epochs="1000"))
    numbers: set[int] = set()
    while numbers != {0, 1}:
        numbers |= {e.number for e in engine.events(timeout=60)}
    runs = runs_of(engine)
    assert len(runs) == 2
    engine.close()
    assert have_ended(engine, runs)
