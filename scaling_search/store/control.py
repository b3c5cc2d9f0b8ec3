"""Queue studies for workers; pause, stop, cancel, resume, extend, change and delete them.

Every change is a compare-and-set under the lock of the study's row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scaling_search.errors import IllegalTransition, LeaseLost, NotFound, StoreError
from scaling_search.records import Request, StudyState
from scaling_search.store.events import add_event, state_changed
from scaling_search.store.mapping import now
from scaling_search.store.states import CLAIMABLE, STUDY_MOVES, Claim
from scaling_search.store.tables import Study
from scaling_search.store.transactions import Database, persistent

ORDERS = select(Study.fence, Study.request, Study.slots).where(Study.id == bindparam("study_id"))


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders to a coordinator: a request not yet carried out, and the number of runs at a time (None: the spec's)."""

    request: Request | None
    slots: int | None


class Control:
    """Queueing and steering of studies."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def _locked(self, name: str) -> Iterator[tuple[Connection, Row[Any], bool]]:
        """A write transaction on the study's locked row, and whether a coordinator holds it.

        Raises:
            NotFound: there is no such study.
        """
        with self.database.transaction(write=True) as connection:
            query = select(Study.__table__, self.database.clock.label("clock")).where(Study.name == name)
            row = connection.execute(query.with_for_update()).one_or_none()
            if row is None:
                raise NotFound(f"there is no study {name!r}")
            yield connection, row, row.owner is not None and row.lease_until > row.clock

    def submit(self, values: dict[str, Any], by: str) -> bool:
        """Queue a new study for a worker; ``values`` are columns of the study. False if the name is taken."""
        fixed = {"state": "queued", "created_at": now(), "fence": 0, "launched_by": by}
        try:
            with self.database.transaction(write=True) as connection:
                new = insert(Study).values(**values, **fixed).returning(Study.id)
                state_changed(connection, connection.execute(new).scalar_one(), "queued", None)
        except StoreError as e:
            if isinstance(e.__cause__, IntegrityError):
                return False
            raise
        return True

    def ask(self, name: str, request: Request) -> None:
        """Ask a study to pause, stop or cancel. Its coordinator carries the request out; without one it is done here.

        Raises:
            NotFound: there is no such study.
            IllegalTransition: the study has ended, or is paused already.
        """
        with self._locked(name) as (connection, row, held):
            target: StudyState = "paused" if request == "pause" else "stopped"
            if target not in STUDY_MOVES[row.state] or row.state == "failed":
                raise IllegalTransition(
                    f"study {name!r} is {row.state}; it cannot {request}", "reload to see its state"
                )
            if held:
                connection.execute(update(Study).where(Study.id == row.id).values(request=request))
                add_event(connection, row.id, "control", {"request": request})
                return
            values = {"state": target, "reason": f"{request} was asked for", "request": None}
            connection.execute(update(Study).where(Study.id == row.id).values(**values))
            state_changed(connection, row.id, target, values["reason"])

    def resume(self, name: str, by: str) -> None:
        """Queue a paused, stopped or failed study again, or withdraw the request to a running one.

        Raises:
            NotFound: there is no such study.
            IllegalTransition: the study is complete or queued, or runs without a request.
        """
        with self._locked(name) as (connection, row, held):
            if held and row.request is not None:
                connection.execute(update(Study).where(Study.id == row.id).values(request=None))
                add_event(connection, row.id, "control", {"request": None})
                return
            if held or "queued" not in STUDY_MOVES[row.state]:
                raise IllegalTransition(f"study {name!r} is {row.state}; it cannot resume", "extend a complete study")
            self._queue(connection, row, by)

    @staticmethod
    def _queue(connection: Connection, row: Row[Any], by: str, **more: Any) -> None:
        values = {"state": "queued", "reason": None, "request": None, "finished_at": None, **more}
        values["launched_by"] = row.launched_by or by
        connection.execute(update(Study).where(Study.id == row.id).values(**values))
        state_changed(connection, row.id, "queued", more.get("reason"))

    def extend(self, name: str, spec: dict[str, Any], spec_hash: str, by: str) -> None:
        """Store a longer spec for a study and queue it.

        Raises:
            NotFound: there is no such study.
            IllegalTransition: a coordinator holds it.
        """
        with self._locked(name) as (connection, row, held):
            if held:
                raise IllegalTransition(
                    f"study {name!r} is running; it cannot be extended now", "pause or stop it first"
                )
            self._queue(connection, row, by, spec=spec, spec_hash=spec_hash, reason="extended")

    def change(self, name: str, **values: int | bool | None) -> None:
        """Set ``slots`` (takes effect while running too), ``priority`` or ``archived``.

        Raises:
            NotFound: there is no such study.
        """
        with self._locked(name) as (connection, row, _):
            connection.execute(update(Study).where(Study.id == row.id).values(**values))
            add_event(connection, row.id, "control", dict(values))

    def delete(self, name: str) -> None:
        """Delete a study and all its rows.

        Raises:
            NotFound: there is no such study.
            IllegalTransition: a coordinator holds it.
        """
        with self._locked(name) as (connection, row, held):
            if held:
                raise IllegalTransition(f"study {name!r} is running; it cannot be deleted", "cancel it first")
            connection.execute(delete(Study).where(Study.id == row.id))

    # --- workers

    @persistent
    def claimable(self) -> list[str]:
        """Studies for workers: queued ones, and running ones that may have lost their coordinator.

        In order of priority, then of creation.
        """
        for_workers = Study.launched_by.is_not(None) & Study.archived.is_(False) & Study.state.in_(CLAIMABLE)
        query = select(Study.name).where(for_workers).order_by(Study.priority.desc(), Study.created_at)
        with self.database.transaction() as connection:
            return list(connection.scalars(query))

    @persistent
    def orders(self, claim: Claim) -> Orders:
        """The orders to the coordinator that holds the claim.

        Raises:
            LeaseLost: another coordinator has taken over, or the study was deleted.
        """
        with self.database.transaction() as connection:
            row = connection.execute(ORDERS, {"study_id": claim.study_id}).one_or_none()
        if row is None or row.fence != claim.fence:
            raise LeaseLost(f"study {claim.name!r} was taken over or deleted", "this coordinator stops")
        return Orders(row.request, row.slots)
