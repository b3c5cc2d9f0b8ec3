"""Open, create and migrate a database; check that its schema is current and belongs to this program."""

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
"""The newest migration; a test compares it with Alembic's head."""
VERSION_TABLE = "scaling_search_version"
LIBPQ_DEFAULTS = {
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "application_name": "scaling_search",
    "keepalives_idle": "20",
    "tcp_user_timeout": "30000",
    "options": "-c statement_timeout=60s -c lock_timeout=30s -c idle_in_transaction_session_timeout=60s",
}
"""libpq parameters for PostgreSQL, unless the URL sets them. Every wait has a limit."""
MIGRATION_LOCK = 7_301_854_236
"""Key of the advisory lock that serialises migrations on PostgreSQL."""
SECRETS = re.compile(r"(://[^:/]*:)(?:[^?]*|[^@]*)@|(password=)[^&]*")
"""Passwords in a URL, even one that cannot be parsed: up to the last @, as an unencoded password may contain one."""
SchemaState = Literal["empty", "older", "newest", "newer"]


def database_url(location: str) -> URL:
    """The SQLAlchemy URL of a ``--db`` value. Any text without ``://`` is the path of a SQLite file.

    Raises:
        ArgumentError: invalid URL. The message quotes no part of it, as that could be part of the password.
    """
    if "://" not in location:
        return URL.create("sqlite", database=location)
    try:
        url: URL | None = make_url(location)
    except ValueError:  # the port is not a number
        url = None
    except ArgumentError:
        raise ArgumentError("invalid URL") from None
    if url is None or "@" in (url.host or ""):
        raise ArgumentError(
            "its host or port cannot be read: a port is a number, an IPv6 address stands in [ ], "
            "and @ : / ? in a password are written %40 %3A %2F %3F"
        )
    if url.get_backend_name() == "sqlite" and url.query:
        raise ArgumentError("a SQLite file takes no ?parameters")
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # sqlite3 must not open transactions; _begin does
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def shown(location: str) -> str:
    """``location`` without its password, for messages."""
    return SECRETS.sub(lambda m: f"{m[1]}***@" if m[1] else f"{m[2]}***", location) if "://" in location else location


def _postgresql_options(url: URL) -> dict[str, Any]:
    """Arguments of create_engine for PostgreSQL. Last in, first out: a process with one thread uses one connection."""
    options = {k: v for k, v in LIBPQ_DEFAULTS.items() if k not in url.query}
    return {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 12, "pool_use_lifo": True, "connect_args": options}


def connect(location: str, create: bool) -> Engine:
    """An engine on a database, whatever its schema.

    Raises:
        InputError: ``location`` is no usable URL or path.
        NotFound: the file does not exist and ``create`` is off.
    """
    try:
        url = database_url(location)
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError("only SQLite and PostgreSQL are supported")
        engine = create_engine(url, **({} if url.get_backend_name() == "sqlite" else _postgresql_options(url)))
    except ModuleNotFoundError as e:
        raise InputError(f"--db: {e.name} is missing", "pip install 'scaling-search[postgres]'") from None
    except (ArgumentError, NoSuchModuleError, ImportError) as e:
        raise InputError(
            f"--db: {shown(location)!r} is no database: {e}", "give a file, or postgresql://user@host/name"
        ) from None
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        if not url.database or url.database == ":memory:":
            raise InputError("--db: a database in memory would be lost", "give the path of a file")
        if not create and not os.path.exists(path):  # Path.exists raises in a folder without permission
            raise NotFound(f"there is no database at {path}", "run a study first, or give --db or SCALING_SEARCH_DB")
        if not os.path.isdir(path.parent):
            raise InputError(f"--db: the folder {path.parent} does not exist", "create it, or choose another path")
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def _schema_version(connection: Connection, location: str) -> str | None:
    """The database's newest migration; None if it is empty.

    Raises:
        StoreError: it holds tables of another program.
    """
    if connection.dialect.name == "postgresql":
        encoding = connection.execute(text("SHOW server_encoding")).scalar()
        if encoding != "UTF8":
            raise StoreError(f"{location} has the encoding {encoding}", "create it with: createdb --encoding UTF8 NAME")
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        versions = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
        if len(versions) != 1:
            raise StoreError(f"{location} is damaged: its schema version is missing", "restore it from a backup")
        return str(versions[0])
    if tables:
        raise StoreError(
            f"{location} is another program's database (it has {', '.join(tables[:3])})", "choose another with --db"
        )
    return None


def _migrate(connection: Connection, location: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as e:
        raise StoreError(f"cannot upgrade {location}: {e}", "use the version of scaling-search that made it") from e


def reason_of(error: DBAPIError) -> str:
    """The first line of the driver's message."""
    return str(error.orig).strip().splitlines()[0]


@contextmanager
def _store_errors(location: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as e:
        server_remedy = "check host, port, name, user and password (PGPASSWORD, ~/.pgpass)"
        remedy = server_remedy if "://" in location else "check the path, its permissions and free space"
        raise StoreError(f"cannot use the database {location}: {reason_of(e)}", remedy) from e


def schema_state(version: str | None) -> SchemaState:
    """A version from :func:`current_schema` compared with the newest that this program knows."""
    if version is None:
        return "empty"
    return "newest" if version == HEAD else "newer" if version > HEAD else "older"


def _refuse_newer(location: str, version: str | None) -> None:
    if schema_state(version) == "newer":
        raise StoreError(f"{location} has schema {version}; this program knows {HEAD}", "upgrade scaling-search")


def upgrade_database(location: str) -> tuple[str | None, str]:
    """Migrate a database to the newest schema, or create it; returns its migrations (before, after).

    Raises:
        StoreError: it cannot be opened, belongs to another program, or is newer than this program.
    """
    engine = connect(location, create=True)
    location = shown(location)
    try:
        with _store_errors(location), engine.connect().execution_options(write=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            before = _schema_version(connection, location)
            _refuse_newer(location, before)
            if before != HEAD:
                _migrate(connection, location)
    finally:
        engine.dispose()
    return before, HEAD


def current_schema(location: str) -> str | None:
    """A database's newest migration; None if it is empty. Changes nothing.

    Raises:
        NotFound: there is no database.
        StoreError: it cannot be opened, or belongs to another program.
    """
    engine, name = connect(location, create=False), shown(location)
    try:
        with _store_errors(name), engine.connect() as connection:
            return _schema_version(connection, name)
    finally:
        engine.dispose()


def open_database(location: str, create: bool = False) -> Engine:
    """An engine on a database of the current schema; with ``create``, a missing or empty one is set up.

    Raises:
        NotFound: there is no database and ``create`` is off.
        StoreError: it cannot be read, belongs to another program, or has another schema.
    """
    engine = connect(location, create)
    version, name = None, shown(location)
    try:
        with _store_errors(name), engine.connect() as connection:
            version = _schema_version(connection, name)
    finally:
        if version != HEAD:
            engine.dispose()
    if version == HEAD:
        return engine
    if version is None and create:
        upgrade_database(location)
        return connect(location, create)
    if version is None:
        raise NotFound(f"the database {name} is empty", "run a study first")
    _refuse_newer(name, version)
    raise StoreError(
        f"{name} has the older schema {version}", f"run: scaling-search db upgrade --db {shlex.quote(name)}"
    )
