"""Opening a database: connection settings, and whether its schema is ours and current."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from scaling_search.errors import InputError, NotFound, StoreError

HEAD = "0005"
"""The newest migration; a test holds it equal to Alembic's head."""
VERSION_TABLE = "scaling_search_version"
CONNECTION = {
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "application_name": "scaling_search",
    "keepalives_idle": "20",
    "tcp_user_timeout": "30000",
    "options": "-c statement_timeout=60s -c lock_timeout=30s -c idle_in_transaction_session_timeout=60s",
}
"""libpq's parameters on PostgreSQL, each unless the URL gives it: nothing waits for ever."""
ONE_AT_A_TIME = 7_301_854_236
"""Number of the advisory lock under which PostgreSQL is migrated."""


SECRETS = re.compile(r"(://[^:/]*:)(?:[^?]*|[^@]*)@|(password=)[^&]*")
"""Passwords in a URL, even one that cannot be parsed: up to the last @, since people forget to encode theirs."""
SchemaState = Literal["empty", "older", "newest", "newer"]


def database_url(where: str) -> URL:
    """A SQLAlchemy URL of a URL, or of the path of a SQLite file: whatever characters that has, it is a path.

    Raises:
        ArgumentError: it is no URL; the message says why and repeats no part of it, which may be the password's.
    """
    if "://" not in where:
        return URL.create("sqlite", database=where)
    try:
        url: URL | None = make_url(where)
    except ValueError:  # its port
        url = None
    except ArgumentError:
        raise ArgumentError("it cannot be read as a URL") from None
    if url is None or "@" in (url.host or ""):
        raise ArgumentError(
            "its host or port cannot be read: a port is a number, an IPv6 address stands in [ ], "
            "and @ : / ? in a password are written %40 %3A %2F %3F"
        )
    if url.get_backend_name() == "sqlite" and url.query:
        raise ArgumentError("a SQLite file takes no ?parameters")
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin says
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def shown(where: str) -> str:
    """``where`` as people may see it: without a password."""
    return SECRETS.sub(lambda m: f"{m[1]}***@" if m[1] else f"{m[2]}***", where) if "://" in where else where


def _on_server(url: URL) -> dict[str, Any]:
    """What create_engine is told for PostgreSQL. Connections are opened when needed; a process of one thread has one."""
    options = {k: v for k, v in CONNECTION.items() if k not in url.query}
    return {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 12, "pool_use_lifo": True, "connect_args": options}


def _connect(where: str, create: bool) -> Engine:
    try:
        url = database_url(where)
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError("only SQLite and PostgreSQL are supported")
        engine = create_engine(url, **({} if url.get_backend_name() == "sqlite" else _on_server(url)))
    except ModuleNotFoundError as e:
        raise InputError(f"--db: {e.name} is missing", "pip install 'scaling-search[postgres]'") from None
    except (ArgumentError, NoSuchModuleError, ImportError) as e:
        raise InputError(
            f"--db: {shown(where)!r} is no database: {e}", "give a file, or postgresql://user@host/name"
        ) from None
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        if not url.database or url.database == ":memory:":
            raise InputError("--db: a database in memory would be lost", "give the path of a file")
        if not create and not os.path.exists(path):  # Path's own raises where a folder may not be looked into
            raise NotFound(f"there is no database at {path}", "run a study first, or give --db or SCALING_SEARCH_DB")
        if not os.path.isdir(path.parent):
            raise InputError(f"--db: the folder {path.parent} does not exist", "create it, or choose another path")
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def _schema_version(connection: Connection, where: str) -> str | None:
    """The migration the database is at, None when it is empty.

    Raises:
        StoreError: it holds somebody else's tables.
    """
    if connection.dialect.name == "postgresql":
        encoding = connection.execute(text("SHOW server_encoding")).scalar()
        if encoding != "UTF8":
            raise StoreError(f"{where} has the encoding {encoding}", "create it with: createdb --encoding UTF8 NAME")
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
        if len(found) != 1:
            raise StoreError(f"{where} is damaged: it does not say which schema it has", "restore it from a backup")
        return str(found[0])
    if tables:
        raise StoreError(
            f"{where} is another program's database (it has {', '.join(tables[:3])})", "choose another with --db"
        )
    return None


def _migrate(connection: Connection, where: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as e:
        raise StoreError(f"{where} cannot be upgraded: {e}", "it was made by another version") from e


def reason_of(error: DBAPIError) -> str:
    """The first line of what the driver says."""
    return str(error.orig).strip().splitlines()[0]


@contextmanager
def _usable(where: str) -> Iterator[None]:
    """What the driver raises here means that the database cannot be used."""
    try:
        yield
    except DBAPIError as e:
        server = "check host, port, name, user and password (PGPASSWORD, ~/.pgpass)"
        remedy = server if "://" in where else "check the path, its permissions and free space"
        raise StoreError(f"cannot use the database {where}: {reason_of(e)}", remedy) from e


def schema_state(version: str | None) -> SchemaState:
    """How a schema that :func:`current_schema` gave stands to the newest that this program knows."""
    if version is None:
        return "empty"
    return "newest" if version == HEAD else "newer" if version > HEAD else "older"


def _refuse_newer(where: str, version: str | None) -> None:
    if schema_state(version) == "newer":
        raise StoreError(f"{where} has schema {version}; this program knows {HEAD}", "upgrade scaling-search")


def upgrade_database(where: str) -> tuple[str | None, str]:
    """Bring the database to the newest schema, creating it if need be; its migrations before and after.

    Raises:
        StoreError: it cannot be opened, is somebody else's, or is newer than this program.
    """
    engine = _connect(where, create=True)
    where = shown(where)
    try:
        with _usable(where), engine.connect().execution_options(write=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
            before = _schema_version(connection, where)
            _refuse_newer(where, before)
            if before != HEAD:
                _migrate(connection, where)
    finally:
        engine.dispose()
    return before, HEAD


def current_schema(where: str) -> str | None:
    """The migration a database is at, None when it is empty. Changes nothing.

    Raises:
        NotFound: there is none.
        StoreError: it cannot be opened, or is somebody else's.
    """
    engine, name = _connect(where, create=False), shown(where)
    try:
        with _usable(name), engine.connect() as connection:
            return _schema_version(connection, name)
    finally:
        engine.dispose()


def open_database(where: str, create: bool = False) -> Engine:
    """An engine on a database of the current schema; with ``create``, an empty or missing one is set up.

    Raises:
        NotFound: there is none and ``create`` is off.
        StoreError: it is unreadable, somebody else's, or of another schema; the hint says what to do.
    """
    engine = _connect(where, create)
    version, name = None, shown(where)
    try:
        with _usable(name), engine.connect() as connection:
            version = _schema_version(connection, name)
    finally:
        if version != HEAD:
            engine.dispose()
    if version == HEAD:
        return engine
    if version is None and create:
        upgrade_database(where)
        return _connect(where, create)
    if version is None:
        raise NotFound(f"the database {name} is empty", "run a study first")
    _refuse_newer(name, version)
    raise StoreError(
        f"{name} has the older schema {version}", f"run: scaling-search db upgrade --db {shlex.quote(name)}"
    )
