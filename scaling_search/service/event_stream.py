"""Events to any number of browsers: one reader of the database for all of them, and only while somebody listens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from scaling_search.store import EventRow, Events

POLL, HEARTBEAT, BACKLOG = 0.5, 15.0, 200
"""Seconds between readings, and between signs of life; readings that a slow listener may leave waiting."""
LATE, GAPS = 30.0, 200
"""Seconds for which ids missing below the newest are asked for again, as the transaction of an older id may commit later on
PostgreSQL; how many ids at most, and how far below the newest."""
Batch = list[tuple[int, str]]
"""Ids and frames of the events of one reading."""


@dataclass(eq=False)
class _Listener:
    study: str | None
    queue: asyncio.Queue[Batch | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))


def frame(event: EventRow) -> str:
    """An event as text/event-stream has it."""
    data = {"study": event.study, "at": event.at.isoformat(), **event.data}
    return f"id: {event.id}\nevent: {event.kind}\ndata: {json.dumps(data)}\n\n"


class EventBroadcaster:
    """Fans the store's events out to listeners."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self._listeners: set[_Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._last = 0
        self._gaps: dict[int, float] = {}
        self._closing = False

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    async def _read(self) -> None:
        """Hand new events on until nobody listens."""
        while self._listeners:
            await asyncio.sleep(POLL)
            with contextlib.suppress(Exception):  # the database may be away for a while; what was missed comes later
                events = await asyncio.to_thread(self.events.after, self._last, also=tuple(self._gaps))
                self._track_gaps({event.id for event in events})
                self._publish(events)

    def _track_gaps(self, read: set[int]) -> None:
        """Take note of the newest id that was read, and of those missing below it."""
        now, newest = time.monotonic(), max(self._last, *read, 0)
        missing = range(max(self._last + 1, newest - GAPS), newest)
        known = self._gaps | dict.fromkeys(missing, now)
        kept = [(i, since) for i, since in known.items() if i not in read and since > now - LATE]
        self._gaps, self._last = dict(kept[-GAPS:]), newest

    def _publish(self, events: Sequence[EventRow]) -> None:
        """One batch for each listener, each frame made once: many listeners cost little more than one."""
        studies = {event.study for event in events}
        frames = [(event.study, event.id, frame(event)) for event in events]
        batches: dict[str | None, Batch] = {
            s: [(i, text) for of, i, text in frames if s in (None, of)] for s in (None, *studies)
        }
        for listener in list(self._listeners):
            if batch := batches.get(listener.study):
                if listener.queue.full():  # too slow: it is told to read anew
                    self._drop(listener)
                else:
                    listener.queue.put_nowait(batch)

    def _drop(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        while not listener.queue.empty():
            listener.queue.get_nowait()
        listener.queue.put_nowait(None)

    async def listen(self, study: str | None, last: int | None) -> AsyncIterator[str]:
        """Frames of a study's events, or all, after ``last`` or from now on; a ``reset`` where some have been missed."""
        listener = _Listener(study)
        had = set(await asyncio.to_thread(self.events.recent, GAPS))
        begin = max(had, default=0)
        if not self._listeners:
            self._last = max(begin - GAPS, 0)
            self._track_gaps(had)
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
        try:
            yield f": connected\nretry: 2000\nid: {begin if last is None else last}\n\n"
            if last is not None and await asyncio.to_thread(self.events.has_missed, last, study):
                last = begin
                yield f"id: {begin}\nevent: reset\ndata: {{}}\n\n"
            seen = begin if last is None else last
            while last is not None and (missed := await asyncio.to_thread(self.events.after, seen, study)):
                for event in missed:
                    seen = event.id
                    had.add(seen)
                    yield frame(event)
            async for text in self._frames(listener, begin - GAPS, had):
                yield text
        finally:
            self._listeners.discard(listener)

    async def _frames(self, listener: _Listener, edge: int, had: set[int]) -> AsyncIterator[str]:
        """What comes with an id above ``edge``, late or not, that the listener has not ``had``."""
        while not self._closing:
            try:
                batch = await asyncio.wait_for(listener.queue.get(), HEARTBEAT)
            except TimeoutError:
                yield ": alive\n\n"
                continue
            if batch is None:
                yield "event: reset\ndata: {}\n\n"
                return
            if text := "".join(frame for i, frame in batch if i > edge and i not in had):
                yield text

    def close(self) -> None:
        """End every stream, so that the server can leave."""
        self._closing = True
        for listener in list(self._listeners):
            self._drop(listener)
