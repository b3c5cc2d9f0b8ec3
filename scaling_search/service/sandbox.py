"""One child process for slow jobs, with limited time and memory. It is replaced when it exceeds a limit.

A spec received over HTTP may describe millions of networks; enumerating them must not stop the server.
"""

from __future__ import annotations

import importlib
import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import ParamSpec, TypeVar

from scaling_search.errors import InputError, ScalingSearchError

P = ParamSpec("P")
T = TypeVar("T")

MAX_JOB_S, MAX_MEMORY = 20.0, 4 << 30
"""Limits of one job: seconds, and bytes of address space."""
HINT = "reduce budget.tolerance or budget.target, increase budget.divisor, or give fewer φ"


class SandboxBusy(ScalingSearchError):
    """Other jobs occupied the sandbox for too long."""


def _serve(pipe: Connection) -> None:
    """Main loop of the child: receives (function, args, kwargs), sends (success, result or error)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    importlib.import_module("scaling_search.service.sandbox_jobs")
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    pipe.send(None)
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send((True, function(*args, **kwargs)))
        except MemoryError:
            pipe.send((False, InputError("this takes too much memory to work out here", HINT)))
        except ScalingSearchError as e:
            pipe.send((False, e))
        except Exception as e:
            pipe.send((False, RuntimeError(f"{type(e).__name__}: {e}")))


class Sandbox:
    """Runs jobs in the child, which is started for the first job."""

    def __init__(self, seconds: float = MAX_JOB_S) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._child: tuple[SpawnProcess, Connection] | None = None

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``function(*args, **kwargs)`` in the child. Function, arguments and result must pickle.

        Raises:
            InputError: the job took too long or too much memory.
            SandboxBusy: other jobs occupied the sandbox for too long.
            ScalingSearchError: raised by the function.
        """
        if not self._lock.acquire(timeout=2 * self.seconds):
            raise SandboxBusy("the server is busy with other plans", "try again in a minute")
        try:
            _, pipe = self._child = self._child or self._start()
            try:
                pipe.send((function, args, kwargs))
                if not pipe.poll(self.seconds):
                    raise TimeoutError
                succeeded, result = pipe.recv()
            except (TimeoutError, EOFError, OSError):
                self._end()
                raise InputError(f"this takes more than {self.seconds:g} s to work out here", HINT) from None
        finally:
            self._lock.release()
        if not succeeded:
            raise result
        returned: T = result
        return returned

    @staticmethod
    def _start() -> tuple[SpawnProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        ours.recv()  # wait until its imports are done, which takes seconds on a busy machine
        return process, ours

    def warm(self) -> None:
        """Start the child before the first job."""
        with self._lock:
            self._child = self._child or self._start()

    def _end(self) -> None:
        if self._child is not None:
            process, pipe = self._child
            process.kill()
            process.join()
            pipe.close()
            self._child = None

    def close(self) -> None:
        """Kill the child."""
        self._end()
