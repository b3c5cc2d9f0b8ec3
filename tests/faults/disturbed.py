"""An engine on which something goes wrong at a chosen moment, and the processes of its runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

import psutil

from scaling_search.engine import Engine, Event, Task


class Disturbed:
    """Wraps an engine; ``disturb`` gets every batch of events before the coordinator does."""

    def __init__(self, engine: Engine, disturb: Callable[[list[Event]], None]) -> None:
        self.engine, self.disturb, self.slots = engine, disturb, engine.slots

    def submit(self, task: Task) -> None:
        self.engine.submit(task)

    def events(self, timeout: float) -> list[Event]:
        events = self.engine.events(timeout)
        self.disturb(events)
        return events

    def cancel(self, number: int) -> None:
        self.engine.cancel(number)

    def close(self) -> None:
        self.engine.close()


def runs() -> list[psutil.Process]:
    """This process's local runs, which lead process groups; dead ones included."""
    leaders = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(process.pid) == process.pid:
                leaders.append(process)
    return leaders
