"""The worker processes there are: each writes that it lives, by the database's clock; what they run is read from the leases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, insert, select, update

from scaling_search.store.ledger import Store
from scaling_search.store.mapping import now
from scaling_search.store.service_tables import Worker
from scaling_search.store.tables import Study, Trial

BEAT, LOST, FORGOTTEN = 5.0, 20.0, 86_400.0
"""Seconds between a worker's signs of life, without one until it counts as lost, and until it is forgotten."""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker; ``heard`` is seconds since its last sign of life, ``runs`` those in flight in the study it holds."""

    host: str
    pid: int
    state: Literal["busy", "idle", "lost"]
    slots: int
    study: str | None
    runs: int
    heard: float
    started_at: datetime


class Workers:
    """The store as workers announce themselves in it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def arrive(self, host: str, pid: int, slots: int) -> int:
        """Enter a worker; its number. Those long unheard of are forgotten."""
        with self.store._transaction(write=True) as connection:
            connection.execute(delete(Worker).where(Worker.beat_at < self.store._clock - FORGOTTEN))
            values = {"host": host, "pid": pid, "slots": slots, "started_at": now(), "beat_at": self.store._clock}
            return int(connection.execute(insert(Worker).values(**values).returning(Worker.id)).scalar_one())

    def beat(self, number: int) -> bool:
        """Say that a worker lives; False when it has been forgotten and must arrive anew."""
        with self.store._transaction(write=True) as connection:
            here = update(Worker).where(Worker.id == number)
            return connection.execute(here.values(beat_at=self.store._clock)).rowcount == 1

    def leave(self, number: int) -> None:
        """Strike a worker off."""
        with self.store._transaction(write=True) as connection:
            connection.execute(delete(Worker).where(Worker.id == number))

    def all(self) -> list[WorkerRow]:
        """Every worker, by host and pid; one that was killed is lost for a day."""
        heard = (self.store._clock - Worker.beat_at).label("heard")
        owned = Study.owner, Study.name, func.count(Trial.id)
        flying = (Trial.study_id == Study.id) & (Trial.state == "running")
        held = select(*owned).outerjoin(Trial, flying).where(Study.lease_until > self.store._clock)
        with self.store._transaction() as connection:
            holds = {o: (name, n) for o, name, n in connection.execute(held.group_by(Study.owner, Study.name))}
            rows = connection.execute(select(Worker.__table__, heard).order_by(Worker.host, Worker.pid)).all()
        made = []
        for r in rows:
            study, runs = holds.get(f"{r.host}:{r.pid}", (None, 0)) if r.heard <= LOST else (None, 0)
            state: Literal["busy", "idle", "lost"] = "lost" if r.heard > LOST else "busy" if study else "idle"
            made.append(WorkerRow(r.host, r.pid, state, r.slots, study, runs, max(0.0, r.heard), r.started_at))
        return made
