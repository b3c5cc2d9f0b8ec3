"""Transactions, and what is done when the database goes away in one: wait, and do the same again.

Whether a commit took place whose answer was lost is not guessed: PostgreSQL is asked for the transaction's fate.
"""

from __future__ import annotations

import functools
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, literal_column, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError

from scaling_search.errors import LeaseLost, StoreError
from scaling_search.store.database import reason_of
from scaling_search.store.states import Claim
from scaling_search.store.tables import Study

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", bound="Transactions | StoreView")

PATIENCE = 120.0
"""Seconds a database may be away before what was asked of it fails."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
PASSING = {"40001", "40P01", "53300", "57P01", "57P02", "57P03"}
"""SQLSTATEs that pass: serialization failure, deadlock, too many connections, shutdown, crash, start-up."""

log = logging.getLogger("scaling_search.store")


class ConnectionLost(StoreError):
    """The database went away. ``transaction`` is the number of the one under way, when it may have been committed."""

    transaction: str | None = None


def _passes(error: DBAPIError) -> bool:
    """Whether the same may succeed in a while: the connection is gone or was not to be had, or the state is a passing one.

    SQLite gives its lock to any of those who wait, so that one of many may wait in vain until its busy_timeout.
    """
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return True
    state = getattr(error.orig, "sqlstate", "none of SQLite's")
    unreachable = isinstance(error, OperationalError) and state is None
    return error.connection_invalidated or unreachable or state in PASSING


class Transactions:
    """A database, and transactions on it. Raises StoreError where it fails."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._on_postgresql = engine.dialect.name == "postgresql"
        seconds = "(julianday('now') - 2440587.5) * 86400.0"
        clock = "extract(epoch from clock_timestamp())::float8" if self._on_postgresql else seconds
        self._clock: ColumnElement[float] = literal_column(clock)
        self._insert_new = (postgresql if self._on_postgresql else sqlite).insert
        number = "pg_current_xact_id()::text" if self._on_postgresql else "NULL"
        under: ColumnElement[str | None] = literal_column(number).label("number")
        self._fence = select(Study.fence, under).where(Study.id == bindparam("study_id")).with_for_update()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, write: bool = False) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(write=write) as connection, connection.begin():
                yield connection
        except DBAPIError as e:
            remedy = "nothing of this step was written; run again to go on"
            kind = ConnectionLost if _passes(e) else StoreError
            raise kind(f"the database failed: {reason_of(e)}", remedy) from e

    @contextmanager
    def _fenced(self, claim: Claim) -> Iterator[Connection]:
        """A write transaction that begins only while the claim holds.

        Raises:
            LeaseLost: a newer claim exists.
        """
        number = None
        try:
            with self._transaction(write=True) as connection:
                row = connection.execute(self._fence, {"study_id": claim.study_id}).one_or_none()
                if row is None or row.fence != claim.fence:
                    raise LeaseLost(
                        f"study {claim.name!r} was taken over by another coordinator", "this one stops; nothing is lost"
                    )
                number = row.number
                yield connection
        except ConnectionLost as e:
            e.transaction = number
            raise

    def _committed(self, transaction: str) -> bool:
        """Whether that transaction took place.

        Raises:
            ConnectionLost: the server cannot be asked, or has not yet seen that the connection is gone.
        """
        with self._transaction() as connection:
            status = text("SELECT pg_xact_status(CAST(:number AS xid8))")
            fate = connection.execute(status, {"number": transaction}).scalar()
        if fate == "in progress":
            raise ConnectionLost("the database has not let go of a lost connection")
        return bool(fate == "committed")


class StoreView(Protocol):
    """A view of the store, such as Control."""

    @property
    def store(self) -> Transactions:
        """The store it looks at."""


def persistent(method: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
    """A method that waits for a database that is away, up to PATIENCE, and then does its work once.

    Its arguments must bear being read twice, and what it does twice must be the same as once, unless it is fenced and
    returns None.
    """

    @functools.wraps(method)
    def wrapped(self: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
        ledger = self if isinstance(self, Transactions) else self.store
        until, pause, doubtful = time.monotonic() + PATIENCE, FIRST_PAUSE, cast(Any, None)
        while True:
            try:
                if doubtful is not None and ledger._committed(doubtful):
                    return cast(R, None)
                doubtful = None
                return method(self, *args, **kwargs)
            except ConnectionLost as e:
                doubtful = e.transaction or doubtful
                if time.monotonic() + pause > until:
                    raise
                log.warning("%s; again in %.2g s", e.message, pause)
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    return wrapped
