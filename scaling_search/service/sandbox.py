"""Where slow work is done: one child process with bounded time and memory, replaced when it exceeds them.

A stranger's spec may ask for an enumeration of millions of networks; it must not stop the server.
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

SECONDS, BYTES = 20.0, 4 << 30
TOO_MUCH = "ask for less: a smaller budget.tolerance or target, a larger budget.divisor, fewer φ"


class SandboxBusy(ScalingSearchError):
    """Too many ask for slow work at once."""


def _serve(pipe: Connection) -> None:
    """The child: takes (function, arguments), gives (whether it worked, result), until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    importlib.import_module("scaling_search.service.sandbox_jobs")
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    pipe.send(None)
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send((True, function(*args, **kwargs)))
        except MemoryError:
            pipe.send((False, InputError("this takes too much memory to work out here", TOO_MUCH)))
        except ScalingSearchError as e:
            pipe.send((False, e))
        except Exception as e:
            pipe.send((False, RuntimeError(f"{type(e).__name__}: {e}")))


class Sandbox:
    """One such child, started when it is first needed."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._child: tuple[SpawnProcess, Connection] | None = None

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``function(*args, **kwargs)``, done by the child. The function must be importable.

        Raises:
            InputError: it took too long or too much memory.
            SandboxBusy: others' work kept the child for long.
            ScalingSearchError: what the function raises.
        """
        if not self._lock.acquire(timeout=2 * self.seconds):
            raise SandboxBusy("the server is busy with other plans", "try again in a minute")
        try:
            _, pipe = self._child = self._child or self._start()
            try:
                pipe.send((function, args, kwargs))
                if not pipe.poll(self.seconds):
                    raise TimeoutError
                worked, result = pipe.recv()
            except (TimeoutError, EOFError, OSError):
                self._end()
                raise InputError(f"this takes more than {self.seconds:g} s to work out here", TOO_MUCH) from None
        finally:
            self._lock.release()
        if not worked:
            raise result
        made: T = result
        return made

    @staticmethod
    def _start() -> tuple[SpawnProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        ours.recv()  # it is ready; loading what it needs takes seconds on a busy machine
        return process, ours

    def warm(self) -> None:
        """Start the child before it is needed."""
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
        """End the child, whatever it is doing."""
        self._end()
