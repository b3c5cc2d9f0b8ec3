"""An engine without training, for tests of what a coordinator does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scaling_search.engine import Event, Finished, Progress, Task
from scaling_search.records import EpochResult


def epoch_result(epoch: int, accuracy: float, seconds: float = 1.0) -> EpochResult:
    return EpochResult(epoch, 1.0, 1.0, accuracy, 0.001, seconds, 100.0)


def finished_run(task: Task, accuracy: float) -> list[Event]:
    """The events of a run of all epochs, whose accuracy rises by a point an epoch from ``accuracy`` on."""
    epochs = range(task.proxy.epochs)
    progress = [Progress(task.number, epoch_result(e, accuracy + 0.01 * e)) for e in epochs]
    return [*progress, Finished(task.number)]


def succeed(task: Task) -> list[Event]:
    """A run whose accuracy depends on the trial's number alone."""
    return finished_run(task, 0.5 + task.number / 1000)


class ScriptedEngine:
    """Runs end at once: ``script`` gives the events of each task. Records what the coordinator asks for."""

    def __init__(self, script: Callable[[Task], Iterable[Event]] = succeed, slots: int = 2) -> None:
        self.script, self.slots = script, slots
        self.pending: list[Event] = []
        self.submitted: list[Task] = []
        self.cancelled: list[int] = []
        self.is_closed = False

    def submit(self, task: Task) -> None:
        self.submitted.append(task)
        self.pending += self.script(task)

    def events(self, timeout: float) -> list[Event]:
        events, self.pending = self.pending, []
        return events

    def cancel(self, number: int) -> None:
        self.cancelled.append(number)
        self.pending = [e for e in self.pending if e.number != number]

    def close(self) -> None:
        self.pending, self.is_closed = [], True
