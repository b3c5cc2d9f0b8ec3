"""Events on PostgreSQL, where an event written first may become visible last; errors of the reading loop."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from scaling_search.errors import StoreError
from scaling_search.search.studies import submit_study
from scaling_search.service import event_stream
from scaling_search.service.event_stream import EventBroadcaster
from scaling_search.spec.study_file import parse
from scaling_search.store import Control, EventRow, Events, Store, open_database
from scaling_search.store.events import add_event
from scaling_search.store.tables import Study
from tests.support.postgresql import Server


@pytest.fixture
def control(postgresql: Server, empty_database: str, tiny: Callable[..., str]) -> Iterator[Control]:
    """Two studies, late and early."""
    store = Store(open_database(postgresql.new_database(empty_database)))
    for name in ("late", "early"):
        submit_study(store, parse(tiny(name)), "ann")
    yield Control(store)
    store.close()


@contextmanager
def written_first_and_seen_last(control: Control) -> Iterator[None]:
    """An event of the study late is written first but becomes visible at the end, after one of the study early."""
    with control.database.transaction(write=True) as connection:
        study = select(Study.id).where(Study.name == "late").with_for_update()
        add_event(connection, connection.execute(study).scalar_one(), "control", {"priority": 1})
        control.change("early", priority=1)
        yield


async def heard(stream: AsyncIterator[str], n: int) -> list[str]:
    """The studies of the next ``n`` events, or of more if more arrive together."""
    studies: list[str] = []
    while len(studies) < n:
        studies += re.findall(r'"study": "(\w+)"', await anext(stream))
    return studies


async def nothing_twice(control: Control, stream: AsyncIterator[str]) -> None:
    """No event comes twice: the next is a new one."""
    control.change("early", priority=2)
    assert await heard(stream, 1) == ["early"]


def test_an_event_that_becomes_visible_after_a_newer_one_is_published(control: Control) -> None:
    async def watch() -> None:
        stream = EventBroadcaster(Events(control.database)).listen(None, None)
        await anext(stream)
        with written_first_and_seen_last(control):
            assert await heard(stream, 1) == ["early"]
        assert await heard(stream, 1) == ["late"]
        await nothing_twice(control, stream)

    asyncio.run(watch())


@pytest.mark.parametrize(("last", "missed"), [(None, []), (0, ["late", "early", "early"])])
def test_a_listener_that_came_between_the_two_gets_the_late_one(
    control: Control, last: int | None, missed: list[str]
) -> None:
    async def watch() -> None:
        broadcaster = EventBroadcaster(Events(control.database))
        first = broadcaster.listen(None, None)
        await anext(first)
        with written_first_and_seen_last(control):
            assert await heard(first, 1) == ["early"]
            second = broadcaster.listen(None, last)
            await anext(second)
            assert await heard(second, len(missed)) == missed
        assert await heard(second, 1) == ["late"]
        await nothing_twice(control, second)

    asyncio.run(watch())


def test_a_broadcaster_that_starts_between_the_two_publishes_the_late_one(control: Control) -> None:
    async def watch() -> None:
        stream = EventBroadcaster(Events(control.database)).listen("late", None)
        with written_first_and_seen_last(control):
            await anext(stream)
        assert await heard(stream, 1) == ["late"]

    asyncio.run(watch())


def test_an_unexpected_error_is_logged_once_and_reading_continues(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(event_stream, "POLL_S", 0.01)
    errors = [ZeroDivisionError(), StoreError("the database failed"), ZeroDivisionError()]

    class BrokenAtFirst(Events):
        def after(self, *args: Any, **kwargs: Any) -> list[EventRow]:
            if errors:
                raise errors.pop()
            return super().after(*args, **kwargs)

    async def watch() -> None:
        stream = EventBroadcaster(BrokenAtFirst(store)).listen(None, None)
        await anext(stream)
        Control(store).change("tiny", priority=1)
        assert await heard(stream, 1) == ["tiny"]

    with caplog.at_level(logging.DEBUG, "scaling_search"):
        asyncio.run(watch())
    assert errors == []
    (record,) = caplog.records
    assert "reading events failed" in record.message
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
