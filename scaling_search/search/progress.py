"""What a running study looks like from outside: counts, the runs in flight, and how long it will still take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scaling_search.records import FINISHED, EpochResult, TrialState


@dataclass(slots=True)
class RunningTrial:
    """A run in flight; ``work`` is its cost over the base's, ``last`` its newest epoch, ``epochs`` its own number of them."""

    number: int
    key: str
    work: float
    last: EpochResult | None = None
    epochs: int | None = None


@dataclass(slots=True)
class Snapshot:
    """Counts per state, runs in flight, best accuracy (fraction) so far, and seconds elapsed and left.

    ``work_left`` is the cost of what is not finished, in runs of the unscaled base; ``seconds_per_work`` what one took.
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
        """Trials that are finished, well or badly."""
        return sum(self.counts.get(s, 0) for s in FINISHED)

    @property
    def images_per_second(self) -> float:
        """Training images a second over the runs in flight."""
        return sum(f.last.images_per_second for f in self.running_trials if f.last)

    @property
    def eta(self) -> float | None:
        """Seconds left, from what runs took so far; None until an epoch has ended."""
        each = self.seconds_per_work
        seen = [f for f in self.running_trials if f.last]
        if each is None and seen:
            each = sum(f.last.seconds * self.epochs for f in seen if f.last) / sum(f.work for f in seen)
        if each is None:
            return None
        begun = sum(f.work * (f.last.epoch + 1) / self.epochs for f in seen if f.last)
        return max(0.0, each * (self.work_left - begun) / min(self.slots, max(1, self.total - self.done)))


ProgressCallback = Callable[[Snapshot], None]
