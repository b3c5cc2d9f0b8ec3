"""Runs on this machine: one process for each run, forked from a server that has torch loaded.

On CPUs every process has one thread, which trains more networks an hour than fewer processes with more threads. A process dies
with its coordinator: it holds one end of a pipe whose other end only the coordinator has.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerProcess

from scaling_search.engine.protocol import CPU_ENVIRONMENT, Event, Failed, Finished, Task
from scaling_search.errors import EngineError
from scaling_search.hardware import cores, gpus

TASK_MODULE = "scaling_search.engine.run_task"


def default_slots() -> int:
    """Number of GPUs, or of the CPU cores that this process may use."""
    return len(gpus()) or cores()


@contextlib.contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for processes that are started within the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _process_main(coordinator: connection.Connection, task: Task, device: str) -> None:
    from scaling_search.engine.run_task import run_task_in_process

    run_task_in_process(coordinator, task, device)


@dataclass
class _Run:
    process: ForkServerProcess
    pipe: connection.Connection
    slot: int

    def kill(self) -> None:
        """Kill the whole process group, or the process alone if it has not made its group yet."""
        self.process.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.process.pid is not None and os.getpgid(self.process.pid) == self.process.pid:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.pipe.close()


class LocalEngine:
    """Runs tasks in processes of this machine."""

    def __init__(self, slots: int | None = None) -> None:
        self.devices = gpus() or ["cpu"]
        self.slots = slots or default_slots()
        self._runs: dict[int, _Run] = {}
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["__main__", TASK_MODULE])
        with environment(CPU_ENVIRONMENT if self.devices == ["cpu"] else {}):
            forkserver.ensure_running()

    def submit(self, task: Task) -> None:
        """Start a run in a free slot.

        Raises:
            EngineError: no slot is free, or the process cannot be started.
        """
        free = set(range(self.slots)) - {run.slot for run in self._runs.values()}
        if not free:
            raise EngineError(f"all {self.slots} slots are taken")
        slot = min(free)
        parent_end, child_end = self._context.Pipe(duplex=True)
        device = self.devices[slot % len(self.devices)]
        process = self._context.Process(target=_process_main, args=(child_end, task, device), daemon=False)
        try:
            process.start()
        except EOFError as e:
            hint = "try: python -c 'import scaling_search.engine.run_task'"
            raise EngineError("cannot start a trial: the process that trials are forked from has died", hint) from e
        except OSError as e:
            raise EngineError(f"cannot start a trial: {e}", "lower run.slots") from e
        child_end.close()
        self._runs[task.number] = _Run(process, parent_end, slot)

    def events(self, timeout: float) -> list[Event]:
        """Events that runs sent since the last call; a run whose pipe closed before its last event has crashed."""
        numbers = {run.pipe: number for number, run in self._runs.items()}
        events: list[Event] = []
        for pipe in connection.wait(list(numbers), timeout):
            number = numbers[pipe]  # type: ignore[index]
            new = self._receive(number)
            events += new
            if new and isinstance(new[-1], Finished | Failed):
                self._discard(number)
        return events

    def _receive(self, number: int) -> list[Event]:
        """The events that one run has sent, up to its last."""
        run, events = self._runs[number], list[Event]()
        try:
            while run.pipe.poll():
                events.append(run.pipe.recv())
                if isinstance(events[-1], Finished | Failed):
                    break
        except (EOFError, OSError):
            run.process.join()
            code = run.process.exitcode or 0
            cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            events.append(Failed(number, f"the run's process ended without a result ({cause})", crashed=True))
        return events

    def _discard(self, number: int) -> None:
        run = self._runs.pop(number)
        run.process.join(timeout=5)
        run.kill()

    def cancel(self, number: int) -> None:
        """Kill a run's process group."""
        if number in self._runs:
            self._runs.pop(number).kill()

    def close(self) -> None:
        """Kill every run."""
        for number in list(self._runs):
            self.cancel(number)
