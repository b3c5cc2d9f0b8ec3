"""Events: what changed in a study, written in the transaction that changes it, and read by those who watch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, func, insert, or_, select

from scaling_search.records import EpochResult, StudyState, TrialEnd
from scaling_search.store.mapping import now
from scaling_search.store.service_tables import Delivery, Event
from scaling_search.store.tables import Study
from scaling_search.store.transactions import Transactions

MAX_EVENTS = 2000
"""Newest events of a study that are kept; who has missed more reads the study anew."""
NOTIFIED_STATES: tuple[StudyState, ...] = ("complete", "stopped", "failed", "paused")
"""States whose coming a webhook is told."""


ADD = insert(cast(Table, Event.__table__)).returning(Event.__table__.c.id)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as stored; ``study`` is the study's name."""

    id: int
    study: str
    at: datetime
    kind: str
    data: dict[str, Any]


def runs_event(
    started: Sequence[int], epochs: Sequence[tuple[int, EpochResult]], ended: Sequence[TrialEnd]
) -> dict[str, Any]:
    """What runs did: numbers started, [number, epoch, accuracy] of epochs, [number, state] of ends."""
    return {
        "started": list(started),
        "epochs": [[n, e.epoch, e.accuracy] for n, e in epochs],
        "ended": [[e.number, e.state] for e in ended],
    }


def add_event(connection: Connection, study_id: int, kind: str, data: dict[str, Any]) -> None:
    """Add an event, and let go of the study's oldest now and then. The study's row must be locked."""
    values = {"study_id": study_id, "at": now(), "kind": kind, "data": data}
    made: int = connection.execute(ADD, values).scalar_one()
    if made % 100 == 0:
        newest = (
            select(Event.id).where(Event.study_id == study_id).order_by(Event.id.desc()).offset(MAX_EVENTS).limit(1)
        )
        edge = connection.execute(newest).scalar()
        if edge is not None:
            connection.execute(delete(Event).where(Event.study_id == study_id, Event.id <= edge))


def state_changed(connection: Connection, study_id: int, state: StudyState, reason: str | None) -> None:
    """Add the event of a new state, and a webhook call where one is wanted."""
    add_event(connection, study_id, "state", {"state": state, "reason": reason})
    if state not in NOTIFIED_STATES or reason == "interrupted":  # a worker that leaves; another goes on
        return
    row = connection.execute(select(Study.name, Study.webhook).where(Study.id == study_id)).one()
    if row.webhook:
        payload = {"study": row.name, "state": state, "reason": reason, "at": now().isoformat()}
        values = {"study_id": study_id, "payload": payload, "attempts": 0, "due_at": now()}
        connection.execute(insert(Delivery).values(**values))


class Events:
    """Reading events of a store."""

    def __init__(self, store: Transactions) -> None:
        self.store = store

    def newest(self) -> int:
        """The id of the newest event, 0 when there is none."""
        with self.store._transaction() as connection:
            return connection.execute(select(func.max(Event.id))).scalar() or 0

    def recent(self, span: int) -> list[int]:
        """Which of the newest ``span`` ids are those of events, rising."""
        edge = select(func.max(Event.id) - span).scalar_subquery()
        with self.store._transaction() as connection:
            return list(connection.scalars(select(Event.id).where(Event.id > edge).order_by(Event.id)))

    def after(
        self, last: int, study: str | None = None, limit: int = 500, also: Collection[int] = ()
    ) -> list[EventRow]:
        """Events with an id above ``last`` or in ``also``, of one study or of all, oldest first."""
        asked = or_(Event.id > last, Event.id.in_(also)) if also else Event.id > last
        query = select(Event.__table__, Study.name).join(Study).where(asked).order_by(Event.id).limit(limit)
        if study is not None:
            query = query.where(Study.name == study)
        with self.store._transaction() as connection:
            return [EventRow(r.id, r.name, r.at, r.kind, r.data) for r in connection.execute(query)]

    def has_missed(self, last: int, study: str | None = None) -> bool:
        """Whether events after ``last`` may have been let go of, or ``last`` is of another database."""
        query = select(func.count()).select_from(Event).where(Event.id > last)
        if study is not None:
            query = query.join(Study).where(Study.name == study)
        with self.store._transaction() as connection:
            waiting = connection.execute(query).scalar_one()
        return waiting >= MAX_EVENTS - 100 or last > self.newest()
