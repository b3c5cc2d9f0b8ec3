"""Transactions with retry after a lost connection.

If the connection is lost during a commit, PostgreSQL is asked whether the transaction took place.
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
T = TypeVar("T", bound="Database | DatabaseView")

PATIENCE_S = 120.0
"""How long a call waits for an unreachable database before it fails."""
FIRST_PAUSE_S, MAX_PAUSE_S = 0.05, 5.0
TRANSIENT_STATES = {"40001", "40P01", "53300", "57P01", "57P02", "57P03"}
"""SQLSTATEs worth a retry: serialization failure, deadlock, too many connections, shutdown, crash, start-up."""

log = logging.getLogger("scaling_search.store")


class ConnectionLost(StoreError):
    """The connection was lost. ``transaction`` is the transaction's number if it may have been committed."""

    transaction: str | None = None


def _is_transient(error: DBAPIError) -> bool:
    """Whether a retry may succeed: no connection, or one of TRANSIENT_STATES.

    SQLite does not queue for its lock, so with many writers a statement may hit its busy_timeout.
    """
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return True
    sqlstate = getattr(error.orig, "sqlstate", "SQLite has none")
    unreachable = isinstance(error, OperationalError) and sqlstate is None
    return error.connection_invalidated or unreachable or sqlstate in TRANSIENT_STATES


class Database:
    """One database and its transactions. ``clock`` is its time as an SQL expression, in Unix seconds."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        on_postgresql = engine.dialect.name == "postgresql"
        sqlite_clock = "(julianday('now') - 2440587.5) * 86400.0"
        clock = "extract(epoch from clock_timestamp())::float8" if on_postgresql else sqlite_clock
        self.clock: ColumnElement[float] = literal_column(clock)
        self._insert: Callable[..., Any] = (postgresql if on_postgresql else sqlite).insert
        transaction_number = "pg_current_xact_id()::text" if on_postgresql else "NULL"
        number: ColumnElement[str | None] = literal_column(transaction_number).label("number")
        self._fence = select(Study.fence, number).where(Study.id == bindparam("study_id")).with_for_update()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def insert_new(self, table: Any) -> Any:
        """An INSERT that leaves rows whose key exists as they are."""
        return self._insert(table).on_conflict_do_nothing()

    @contextmanager
    def transaction(self, write: bool = False) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back if the block raises.

        Raises:
            ConnectionLost: the connection was lost; a retry may succeed.
            StoreError: the database refused a statement.
        """
        try:
            with self.engine.connect().execution_options(write=write) as connection, connection.begin():
                yield connection
        except DBAPIError as e:
            kind = ConnectionLost if _is_transient(e) else StoreError
            raise kind(f"the database failed: {reason_of(e)}", "this step wrote nothing; run again to continue") from e

    @contextmanager
    def fenced(self, claim: Claim) -> Iterator[Connection]:
        """A write transaction for the holder of a claim.

        Raises:
            LeaseLost: a newer claim exists.
        """
        number = None
        try:
            with self.transaction(write=True) as connection:
                row = connection.execute(self._fence, {"study_id": claim.study_id}).one_or_none()
                if row is None or row.fence != claim.fence:
                    raise LeaseLost(
                        f"study {claim.name!r} was taken over by another coordinator",
                        "this coordinator stops; nothing is lost",
                    )
                number = row.number
                yield connection
        except ConnectionLost as e:
            e.transaction = number
            raise

    def was_committed(self, transaction: str) -> bool:
        """Whether a PostgreSQL transaction took place.

        Raises:
            ConnectionLost: the server is unreachable, or has not yet noticed the lost connection.
        """
        with self.transaction() as connection:
            query = text("SELECT pg_xact_status(CAST(:number AS xid8))")
            status = connection.execute(query, {"number": transaction}).scalar()
        if status == "in progress":
            raise ConnectionLost("the database still holds a lost connection open")
        return bool(status == "committed")


class DatabaseView(Protocol):
    """A class that reads or writes part of a database, such as Control."""

    @property
    def database(self) -> Database:
        """The database it works on."""


def persistent(method: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
    """Decorator: retry a method while the database is unreachable, for up to PATIENCE_S.

    The method must be idempotent, or else fenced and return None. Its arguments may be read more than once.
    """

    @functools.wraps(method)
    def wrapped(self: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
        database = self if isinstance(self, Database) else self.database
        deadline, pause, uncertain = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S, cast(Any, None)
        while True:
            try:
                if uncertain is not None and database.was_committed(uncertain):
                    return cast(R, None)
                uncertain = None
                return method(self, *args, **kwargs)
            except ConnectionLost as e:
                uncertain = e.transaction or uncertain
                if time.monotonic() + pause > deadline:
                    raise
                log.warning("%s; again in %.2g s", e.message, pause)
                time.sleep(pause)
                pause = min(2 * pause, MAX_PAUSE_S)

    return wrapped
