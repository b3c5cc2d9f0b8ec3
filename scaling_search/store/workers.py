"""Worker processes. Each reports regularly, by the database's clock; the study it runs is read from the leases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, insert, select, update

from scaling_search.store.mapping import now
from scaling_search.store.service_tables import Worker
from scaling_search.store.tables import Study, Trial
from scaling_search.store.transactions import Database

HEARTBEAT_S, LOST_AFTER_S, FORGOTTEN_AFTER_S = 5.0, 20.0, 86_400.0
"""Time between a worker's heartbeats, and without one until it counts as lost, and until its row is deleted."""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker; ``heard`` is the seconds since its last heartbeat, ``runs`` the running trials of its study."""

    host: str
    pid: int
    state: Literal["busy", "idle", "lost"]
    slots: int
    study: str | None
    runs: int
    heard: float
    started_at: datetime


class Workers:
    """The table of worker processes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def arrive(self, host: str, pid: int, slots: int) -> int:
        """Add a worker and return its number. Workers silent for FORGOTTEN_AFTER_S are deleted."""
        with self.database.transaction(write=True) as connection:
            connection.execute(delete(Worker).where(Worker.beat_at < self.database.clock - FORGOTTEN_AFTER_S))
            values = {"host": host, "pid": pid, "slots": slots, "started_at": now(), "beat_at": self.database.clock}
            return int(connection.execute(insert(Worker).values(**values).returning(Worker.id)).scalar_one())

    def beat(self, number: int) -> bool:
        """Record a heartbeat; False if the worker's row was deleted and it must arrive again."""
        with self.database.transaction(write=True) as connection:
            change = update(Worker).where(Worker.id == number).values(beat_at=self.database.clock)
            return connection.execute(change).rowcount == 1

    def leave(self, number: int) -> None:
        """Delete a worker's row."""
        with self.database.transaction(write=True) as connection:
            connection.execute(delete(Worker).where(Worker.id == number))

    def all(self) -> list[WorkerRow]:
        """Every worker, by host and pid. A killed one is listed as lost until its row is deleted."""
        heard = (self.database.clock - Worker.beat_at).label("heard")
        running = (Trial.study_id == Study.id) & (Trial.state == "running")
        leases = select(Study.owner, Study.name, func.count(Trial.id)).outerjoin(Trial, running)
        leases = leases.where(Study.lease_until > self.database.clock).group_by(Study.owner, Study.name)
        with self.database.transaction() as connection:
            held = {owner: (name, n) for owner, name, n in connection.execute(leases)}
            rows = connection.execute(select(Worker.__table__, heard).order_by(Worker.host, Worker.pid)).all()
        workers = []
        for r in rows:
            is_lost = r.heard > LOST_AFTER_S
            study, runs = (None, 0) if is_lost else held.get(f"{r.host}:{r.pid}", (None, 0))
            state: Literal["busy", "idle", "lost"] = "lost" if is_lost else "busy" if study else "idle"
            workers.append(WorkerRow(r.host, r.pid, state, r.slots, study, runs, max(0.0, r.heard), r.started_at))
        return workers
