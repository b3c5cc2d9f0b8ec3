"""An engine with something that goes wrong at a chosen moment, and what is left of its processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

import psutil

from scaling_search.engine import Engine, Event, Task


class Disturbed:
    """An engine; ``disturb`` hears every batch of events before the coordinator does."""

    def __init__(self, engine: Engine, disturb: Callable[[list[Event]], None]) -> None:
        self.engine, self.disturb, self.slots = engine, disturb, engine.slots

    def submit(self, task: Task) -> None:
        """Start a run."""
        self.engine.submit(task)

    def events(self, timeout: float) -> list[Event]:
        """What happened, after what goes wrong."""
        found = self.engine.events(timeout)
        self.disturb(found)
        return found

    def cancel(self, number: int) -> None:
        """End a run."""
        self.engine.cancel(number)

    def close(self) -> None:
        """End every run."""
        self.engine.close()


def runs() -> list[psutil.Process]:
    """This process's local runs: those that lead a group of their own, dead ones included."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(process.pid) == process.pid:
                found.append(process)
    return found
