"""A snapshot of a running study: counts, the runs in flight, and the time left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scaling_search.records import FINISHED, EpochResult, TrialState


@dataclass(slots=True)
class RunningTrial:
    """A run in flight: ``work`` is its cost over the base's, ``last`` its newest epoch, ``epochs`` its planned number if not the spec's."""

    number: int
    key: str
    work: float
    last: EpochResult | None = None
    epochs: int | None = None


@dataclass(slots=True)
class Snapshot:
    """Counts per state, runs in flight, best accuracy so far (fraction), seconds elapsed, and work left.

    ``work_left`` is the cost of the unfinished runs, in runs of the unscaled base; ``seconds_per_work`` is the time of one such run.
    """

    study: str
    epochs: int
    slots: int
    total: int
    counts: dict[TrialState, int]
    running_trials: list[RunningTrial]
    best: float | None
    elapsed: float
    work_left: float
    seconds_per_work: float | None

    @property
    def done(self) -> int:
        """Number of finished trials: complete, pruned or failed."""
        return sum(self.counts.get(s, 0) for s in FINISHED)

    @property
    def images_per_second(self) -> float:
        """Training images a second, summed over the runs in flight."""
        return sum(t.last.images_per_second for t in self.running_trials if t.last)

    @property
    def eta(self) -> float | None:
        """Seconds left, estimated from the runs so far; None until an epoch has ended."""
        seconds_per_work = self.seconds_per_work
        with_epochs = [(t, t.last) for t in self.running_trials if t.last]
        if seconds_per_work is None and with_epochs:
            seconds = sum(last.seconds * self.epochs for _, last in with_epochs)
            seconds_per_work = seconds / sum(t.work for t, _ in with_epochs)
        if seconds_per_work is None:
            return None
        work_begun = sum(t.work * (last.epoch + 1) / self.epochs for t, last in with_epochs)
        parallel_runs = min(self.slots, max(1, self.total - self.done))
        return max(0.0, seconds_per_work * (self.work_left - work_begun) / parallel_runs)


ProgressCallback = Callable[[Snapshot], None]
