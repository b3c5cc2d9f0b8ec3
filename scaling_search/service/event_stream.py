"""Server-sent events for any number of clients. One task reads the database for all of them while any listens."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from scaling_search.service.background import LoopErrors
from scaling_search.store import EventRow, Events

POLL_S, HEARTBEAT_S = 0.5, 15.0
"""Time between reads of the database, and between heartbeats to an idle client."""
MAX_BACKLOG = 200
"""Batches that may wait for a slow client before it is dropped."""
GAP_TIMEOUT_S, MAX_GAPS = 30.0, 200
"""On PostgreSQL an event with a lower id may become visible after one with a higher id. So ids missing among the newest
MAX_GAPS are read again, each for GAP_TIMEOUT_S."""
Batch = list[tuple[int, str]]
"""Ids and frames of the events of one read."""


@dataclass(eq=False)
class _Listener:
    study: str | None
    queue: asyncio.Queue[Batch | None] = field(default_factory=lambda: asyncio.Queue(MAX_BACKLOG))


def frame(event: EventRow) -> str:
    """An event in the text/event-stream format."""
    data = {"study": event.study, "at": event.at.isoformat(), **event.data}
    return f"id: {event.id}\nevent: {event.kind}\ndata: {json.dumps(data)}\n\n"


class EventBroadcaster:
    """Distributes the store's events to listeners."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self._listeners: set[_Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._last = 0
        self._gaps: dict[int, float] = {}
        """Missing id → when it was first missed."""
        self._closing = False

    @property
    def listener_count(self) -> int:
        """Number of listeners."""
        return len(self._listeners)

    async def _read(self) -> None:
        """Publish new events until nobody listens. Events missed through an error come with a later read."""
        errors = LoopErrors("reading events")
        while self._listeners:
            await asyncio.sleep(POLL_S)
            with errors.caught():
                events = await asyncio.to_thread(self.events.after, self._last, also=tuple(self._gaps))
                self._track_gaps({event.id for event in events})
                self._publish(events)

    def _track_gaps(self, read_ids: set[int]) -> None:
        """Update the newest id that was read, and the missing ids below it."""
        now, newest = time.monotonic(), max(self._last, *read_ids, 0)
        newly_missing = range(max(self._last + 1, newest - MAX_GAPS), newest)
        gaps = self._gaps | dict.fromkeys(newly_missing, now)
        open_gaps = [(i, since) for i, since in gaps.items() if i not in read_ids and since > now - GAP_TIMEOUT_S]
        self._gaps, self._last = dict(open_gaps[-MAX_GAPS:]), newest

    def _publish(self, events: Sequence[EventRow]) -> None:
        """Queue a batch for each listener. Each frame is built once, so many listeners cost little more than one."""
        studies = {event.study for event in events}
        frames = [(event.study, event.id, frame(event)) for event in events]
        batches: dict[str | None, Batch] = {
            s: [(i, text) for study, i, text in frames if s in (None, study)] for s in (None, *studies)
        }
        for listener in list(self._listeners):
            if batch := batches.get(listener.study):
                if listener.queue.full():  # too slow: it must read the study again
                    self._drop(listener)
                else:
                    listener.queue.put_nowait(batch)

    def _drop(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        while not listener.queue.empty():
            listener.queue.get_nowait()
        listener.queue.put_nowait(None)

    async def listen(self, study: str | None, last: int | None) -> AsyncIterator[str]:
        """Frames of the events of a study, or of all, after ``last`` or from now on; ``reset`` if some were pruned."""
        listener = _Listener(study)
        sent = set(await asyncio.to_thread(self.events.recent, MAX_GAPS))
        begin = max(sent, default=0)
        if not self._listeners:
            self._last = max(begin - MAX_GAPS, 0)
            self._track_gaps(sent)
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
        try:
            yield f": connected\nretry: 2000\nid: {begin if last is None else last}\n\n"
            if last is not None and await asyncio.to_thread(self.events.has_missed, last, study):
                last = begin
                yield f"id: {begin}\nevent: reset\ndata: {{}}\n\n"
            position = begin if last is None else last
            while last is not None and (missed := await asyncio.to_thread(self.events.after, position, study)):
                for event in missed:
                    position = event.id
                    sent.add(position)
                    yield frame(event)
            async for text in self._frames(listener, begin - MAX_GAPS, sent):
                yield text
        finally:
            self._listeners.discard(listener)

    async def _frames(self, listener: _Listener, above: int, sent: set[int]) -> AsyncIterator[str]:
        """Frames of queued events with an id over ``above`` that were not ``sent`` before; heartbeats between them."""
        while not self._closing:
            try:
                batch = await asyncio.wait_for(listener.queue.get(), HEARTBEAT_S)
            except TimeoutError:
                yield ": alive\n\n"
                continue
            if batch is None:
                yield "event: reset\ndata: {}\n\n"
                return
            if text := "".join(frame for i, frame in batch if i > above and i not in sent):
                yield text

    def close(self) -> None:
        """End every stream, so that the server can shut down."""
        self._closing = True
        for listener in list(self._listeners):
            self._drop(listener)
