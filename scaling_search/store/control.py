"""Control: queueing studies for workers, and what people ask of a study. Every change is a compare-and-set under the row's lock."""

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
from scaling_search.store.ledger import Store
from scaling_search.store.mapping import now
from scaling_search.store.states import CLAIMABLE, STUDY_MOVES, Claim
from scaling_search.store.tables import Study
from scaling_search.store.transactions import persistent

ORDERS = select(Study.fence, Study.request, Study.slots).where(Study.id == bindparam("study_id"))


@dataclass(frozen=True, slots=True)
class Orders:
    """What a coordinator is asked: a request not yet carried out, and how many runs at a time."""

    request: Request | None
    slots: int | None


class Control:
    """The store as those who queue and steer studies see it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @contextmanager
    def _locked(self, name: str) -> Iterator[tuple[Connection, Row[Any], bool]]:
        """A write transaction on the study's locked row, and whether a coordinator holds it.

        Raises:
            NotFound: there is no such study.
        """
        with self.store._transaction(write=True) as connection:
            query = select(Study.__table__, self.store._clock.label("clock")).where(Study.name == name)
            row = connection.execute(query.with_for_update()).one_or_none()
            if row is None:
                raise NotFound(f"there is no study {name!r}")
            yield connection, row, row.owner is not None and row.lease_until > row.clock

    def submit(self, values: dict[str, Any], by: str) -> bool:
        """Queue a new study for a worker; ``values`` are columns of the study. False when the name is taken."""
        fixed = {"state": "queued", "created_at": now(), "fence": 0, "launched_by": by}
        try:
            with self.store._transaction(write=True) as connection:
                made = connection.execute(insert(Study).values(**values, **fixed).returning(Study.id)).scalar_one()
                state_changed(connection, made, "queued", None)
        except StoreError as e:
            if isinstance(e.__cause__, IntegrityError):
                return False
            raise
        return True

    def ask(self, name: str, request: Request) -> None:
        """Ask a study to pause, stop or cancel. Its coordinator carries it out; where there is none it is done here.

        Raises:
            NotFound: there is no such study.
            IllegalTransition: it has ended, or is paused already.
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
        """Queue a paused, stopped or failed study again; of a running one, withdraw what was asked.

        Raises:
            NotFound: there is no such study.
            IllegalTransition: it is complete, or queued already.
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
        """Keep a longer spec for a study that nobody runs, and queue it.

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
        """Set ``slots`` (from now on, while running too), ``priority`` or ``archived``.

        Raises:
            NotFound: there is no such study.
        """
        with self._locked(name) as (connection, row, _):
            connection.execute(update(Study).where(Study.id == row.id).values(**values))
            add_event(connection, row.id, "control", dict(values))

    def delete(self, name: str) -> None:
        """Delete a study with all that belongs to it.

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
        """Studies for a worker, first come first: queued ones, and running ones that may have lost their coordinator."""
        here = Study.launched_by.is_not(None) & Study.archived.is_(False) & Study.state.in_(CLAIMABLE)
        query = select(Study.name).where(here).order_by(Study.priority.desc(), Study.created_at)
        with self.store._transaction() as connection:
            return list(connection.scalars(query))

    @persistent
    def orders(self, claim: Claim) -> Orders:
        """What the coordinator that holds the claim is asked.

        Raises:
            LeaseLost: another coordinator has taken over, or the study is gone.
        """
        with self.store._transaction() as connection:
            row = connection.execute(ORDERS, {"study_id": claim.study_id}).one_or_none()
        if row is None or row.fence != claim.fence:
            raise LeaseLost(f"study {claim.name!r} was taken over or deleted", "this coordinator stops")
        return Orders(row.request, row.slots)
