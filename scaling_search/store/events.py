"""Events of a study, written in the transaction of the change they describe."""

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
from scaling_search.store.transactions import Database

MAX_EVENTS = 2000
"""Stored events of a study. A reader that missed more must read the study again."""
PRUNE_EVERY = 100
"""Each insert whose id is a multiple of this deletes the study's oldest events."""
NOTIFIED_STATES: tuple[StudyState, ...] = ("complete", "stopped", "failed", "paused")
"""New states that call the study's webhook."""
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
    """Progress of runs: numbers started, [number, epoch, accuracy] of epochs, [number, state] of ended ones."""
    return {
        "started": list(started),
        "epochs": [[n, e.epoch, e.accuracy] for n, e in epochs],
        "ended": [[e.number, e.state] for e in ended],
    }


def add_event(connection: Connection, study_id: int, kind: str, data: dict[str, Any]) -> None:
    """Insert an event; every PRUNE_EVERY-th insert prunes the study's oldest. The study's row must be locked."""
    values = {"study_id": study_id, "at": now(), "kind": kind, "data": data}
    event_id: int = connection.execute(ADD, values).scalar_one()
    if event_id % PRUNE_EVERY == 0:
        of_study = select(Event.id).where(Event.study_id == study_id)
        newest_to_delete = connection.execute(of_study.order_by(Event.id.desc()).offset(MAX_EVENTS).limit(1)).scalar()
        if newest_to_delete is not None:
            connection.execute(delete(Event).where(Event.study_id == study_id, Event.id <= newest_to_delete))


def state_changed(connection: Connection, study_id: int, state: StudyState, reason: str | None) -> None:
    """Add the event of a new state, and queue a call if the study has a webhook."""
    add_event(connection, study_id, "state", {"state": state, "reason": reason})
    if state not in NOTIFIED_STATES or reason == "interrupted":  # interrupted: another worker will continue
        return
    row = connection.execute(select(Study.name, Study.webhook).where(Study.id == study_id)).one()
    if row.webhook:
        payload = {"study": row.name, "state": state, "reason": reason, "at": now().isoformat()}
        values = {"study_id": study_id, "payload": payload, "attempts": 0, "due_at": now()}
        connection.execute(insert(Delivery).values(**values))


class Events:
    """Reads stored events."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def newest(self) -> int:
        """The id of the newest event, or 0."""
        with self.database.transaction() as connection:
            return connection.execute(select(func.max(Event.id))).scalar() or 0

    def recent(self, span: int) -> list[int]:
        """The ids in use among the newest ``span`` ids, ascending."""
        lower_bound = select(func.max(Event.id) - span).scalar_subquery()
        with self.database.transaction() as connection:
            return list(connection.scalars(select(Event.id).where(Event.id > lower_bound).order_by(Event.id)))

    def after(
        self, last: int, study: str | None = None, limit: int = 500, also: Collection[int] = ()
    ) -> list[EventRow]:
        """Events with an id above ``last`` or in ``also``, of one study or of all, oldest first."""
        wanted = or_(Event.id > last, Event.id.in_(also)) if also else Event.id > last
        query = select(Event.__table__, Study.name).join(Study).where(wanted).order_by(Event.id).limit(limit)
        if study is not None:
            query = query.where(Study.name == study)
        with self.database.transaction() as connection:
            return [EventRow(r.id, r.name, r.at, r.kind, r.data) for r in connection.execute(query)]

    def has_missed(self, last: int, study: str | None = None) -> bool:
        """Whether events after ``last`` may have been pruned, or ``last`` is of another database."""
        query = select(func.count()).select_from(Event).where(Event.id > last)
        if study is not None:
            query = query.join(Study).where(Study.name == study)
        with self.database.transaction() as connection:
            newer = connection.execute(query).scalar_one()
        return newer >= MAX_EVENTS - PRUNE_EVERY or last > self.newest()
