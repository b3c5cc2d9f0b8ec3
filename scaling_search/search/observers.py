"""Observers: other programs' eyes on a running study, such as a progress display or an experiment tracker.

They see what has been committed to the store, from a queue and a thread of their own, each thing at least once. They never
write the store. One that raises is logged and goes on with the next event; one that is slow delays nothing: when its queue is
full, events are dropped, and once it has caught up it is shown the whole study again.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from scaling_search.records import EpochResult, TrialRow
from scaling_search.search.progress import Snapshot

log = logging.getLogger(__name__)

MAX_QUEUED = 1000
"""Events that wait for one observer before they are dropped."""
GRACE_S = 10.0
"""Seconds that an observer may take, at the end of a study, to see what is left in its queue."""


class Observer:
    """Base class: override what is of interest. Keys of events are (study, trial number, attempt, epoch); repeats happen."""

    def on_trial_start(self, study: str, trial: TrialRow) -> None:
        """A run has started; ``trial.attempts`` is its attempt."""

    def on_epoch(self, study: str, trial: TrialRow, result: EpochResult) -> None:
        """An epoch of a run is stored."""

    def on_trial_end(self, study: str, trial: TrialRow) -> None:
        """A run has ended: complete, pruned, failed, or waiting for another attempt."""

    def on_recommendation(self, study: str, recommendation: dict[str, Any]) -> None:
        """A choice is stored, in its JSON form."""

    def on_progress(self, snapshot: Snapshot) -> None:
        """The study as it is now. Only the newest is of interest."""


@dataclass(frozen=True, slots=True)
class Event:
    """A call of the observer's method ``name``."""

    name: str
    arguments: tuple[Any, ...]


Replay = Callable[[], Iterable[Event]]
"""Everything that is stored of the study, as events, read when an observer has missed some."""


class _Feed:
    """One observer's queue and thread."""

    def __init__(self, observer: Observer, replay: Replay) -> None:
        self.observer, self.replay = observer, replay
        self.queue: queue.Queue[Event | None] = queue.Queue(MAX_QUEUED)
        self.missed = threading.Event()
        self.failed: set[str] = set()
        self.thread = threading.Thread(target=self._run, name=f"observer {type(observer).__name__}", daemon=True)
        self.thread.start()

    def put(self, event: Event) -> None:
        """Hand an event over without waiting; where the queue is full, note that one was missed."""
        try:
            self.queue.put_nowait(event)
        except queue.Full:
            self.missed.set()

    def close(self, until_s: float) -> None:
        """End the thread after what is queued, or leave it behind after ``until_s`` seconds."""
        with suppress(queue.Full):
            self.queue.put(None, timeout=until_s)
        self.thread.join(until_s)
        if self.thread.is_alive():
            log.warning("%s has not seen all of the study: it is too slow", type(self.observer).__name__)

    def _run(self) -> None:
        while (event := self.queue.get()) is not None:
            self._show(event)
            if self.missed.is_set() and self.queue.empty():
                self._catch_up()
        if self.missed.is_set():
            self._catch_up()

    def _catch_up(self) -> None:
        self.missed.clear()
        try:
            for event in self.replay():
                self._show(event)
        except Exception:
            log.exception("%s cannot be shown what it missed", type(self.observer).__name__)

    def _show(self, event: Event) -> None:
        try:
            getattr(self.observer, event.name)(*event.arguments)
        except Exception:
            if event.name not in self.failed:  # the first failure of each kind, not thousands of the same
                self.failed.add(event.name)
                log.exception("%s failed in %s; the study goes on", type(self.observer).__name__, event.name)


class Observers:
    """All observers of one study. Methods return at once."""

    def __init__(self, study: str, observers: Sequence[Observer], replay: Replay) -> None:
        self.study = study
        self.feeds = [_Feed(observer, replay) for observer in observers]

    def _put(self, name: str, *arguments: Any) -> None:
        for feed in self.feeds:
            feed.put(Event(name, arguments))

    def trial_started(self, trial: TrialRow) -> None:
        """Say that a run has started, once that is committed."""
        self._put("on_trial_start", self.study, trial)

    def epoch_ended(self, trial: TrialRow, result: EpochResult) -> None:
        """Say that an epoch has ended, once it is committed."""
        self._put("on_epoch", self.study, trial, result)

    def trial_ended(self, trial: TrialRow) -> None:
        """Say that a run has ended, once that is committed."""
        self._put("on_trial_end", self.study, trial)

    def recommended(self, recommendation: dict[str, Any]) -> None:
        """Say that a choice was made, once it is committed."""
        self._put("on_recommendation", self.study, recommendation)

    def progressed(self, snapshot: Snapshot) -> None:
        """Show the study as it is."""
        self._put("on_progress", snapshot)

    def close(self) -> None:
        """Let observers see what is left, for up to GRACE_S seconds."""
        for feed in self.feeds:
            feed.close(GRACE_S)
