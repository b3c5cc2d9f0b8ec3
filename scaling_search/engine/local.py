"""Runs on this machine: one process a run, forked from a server that has torch loaded.

On CPUs every process has one thread, which gives more work a second than fewer processes with more threads. A process
dies with its coordinator: it holds one end of a pipe whose other end only the coordinator has.
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

WORKER = "scaling_search.engine.run_task"


def default_slots() -> int:
    """The GPUs, or the CPU cores this process may use."""
    return len(gpus()) or cores()


@contextlib.contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """These environment variables for the processes that are started meanwhile."""
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


def _enter(coordinator: connection.Connection, task: Task, device: str) -> None:
    from scaling_search.engine.run_task import process_main

    process_main(coordinator, task, device)


@dataclass
class _Run:
    process: ForkServerProcess
    pipe: connection.Connection
    slot: int

    def kill(self) -> None:
        """The whole process group; the process alone if it has not made its group yet."""
        self.process.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.process.pid is not None and os.getpgid(self.process.pid) == self.process.pid:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.pipe.close()


class LocalEngine:
    """The Engine of this machine."""

    def __init__(self, slots: int | None = None) -> None:
        self.devices = gpus() or ["cpu"]
        self.slots = slots or default_slots()
        self._runs: dict[int, _Run] = {}
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["__main__", WORKER])
        with environment(CPU_ENVIRONMENT if self.devices == ["cpu"] else {}):
            forkserver.ensure_running()

    def submit(self, task: Task) -> None:
        """Start a run in a free slot.

        Raises:
            EngineError: there is none, or the process cannot be started.
        """
        free = set(range(self.slots)) - {run.slot for run in self._runs.values()}
        if not free:
            raise EngineError(f"all {self.slots} slots are taken")
        slot = min(free)
        ours, theirs = self._context.Pipe(duplex=True)
        device = self.devices[slot % len(self.devices)]
        process = self._context.Process(target=_enter, args=(theirs, task, device), daemon=False)
        try:
            process.start()
        except EOFError as e:
            remedy = "try: python -c 'import scaling_search.engine.run_task'"
            raise EngineError("cannot start a run: the process that runs are forked from has died", remedy) from e
        except OSError as e:
            raise EngineError(f"cannot start a run: {e}", "lower run.slots") from e
        theirs.close()
        self._runs[task.number] = _Run(process, ours, slot)

    def events(self, timeout: float) -> list[Event]:
        """What runs sent since the last call; a run whose pipe closed without a last word has crashed."""
        pipes = {run.pipe: number for number, run in self._runs.items()}
        found: list[Event] = []
        for ready in connection.wait(list(pipes), timeout):
            number = pipes[ready]  # type: ignore[index]
            heard = self._hear(number)
            found += heard
            if heard and isinstance(heard[-1], Finished | Failed):
                self._forget(number)
        return found

    def _hear(self, number: int) -> list[Event]:
        """What one run has sent, up to its last word."""
        run, heard = self._runs[number], list[Event]()
        try:
            while run.pipe.poll():
                heard.append(run.pipe.recv())
                if isinstance(heard[-1], Finished | Failed):
                    break
        except (EOFError, OSError):
            run.process.join()
            code = run.process.exitcode or 0
            word = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            heard.append(Failed(number, f"the run's process ended without a result ({word})", crashed=True))
        return heard

    def _forget(self, number: int) -> None:
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
