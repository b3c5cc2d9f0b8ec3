"""Databases of every earlier schema keep every row when they are upgraded, on each kind of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Boolean, DateTime, LargeBinary, MetaData, Numeric, String, Table, select
from sqlalchemy.types import TypeEngine

import scaling_search.store as package
from scaling_search.errors import StoreError
from scaling_search.store import Store, current_schema, open_database, upgrade_database
from scaling_search.store.database import HEAD, VERSION_TABLE, connect
from scaling_search.store.tables import Base
from tests.support.postgresql import Server

SCRIPTS = str(Path(package.__file__).parent / "migrations")
EARLIER = ["0001", "0002", "0003", "0004", "0005"]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "empty.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


def config() -> Config:
    alembic = Config()
    alembic.set_main_option("script_location", SCRIPTS)
    return alembic


def value(kind: TypeEngine[Any]) -> Any:
    if isinstance(kind, JSON):
        return {"α": [1, 0.1]}
    for type_, example in (
        (DateTime, datetime(2026, 1, 2, 3, 4, 5, 678901)),
        (Boolean, True),
        (LargeBinary, b"\0\xff"),
        (String, "wörd"),
    ):
        if isinstance(kind, type_):
            return example
    return 0.1 if isinstance(kind, Numeric) else 1


def contents(tables: list[Table], connection: Any) -> dict[str, list[Any]]:
    return {t.name: [dict(r) for r in connection.execute(select(t)).mappings()] for t in tables}


@pytest.mark.parametrize("version", EARLIER)
def test_a_database_of_an_earlier_schema_keeps_every_row(empty: str, version: str) -> None:
    engine = connect(empty, create=True)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        old = config()
        old.attributes["connection"] = connection
        command.upgrade(old, version)
        known = MetaData()
        known.reflect(connection)
        tables = [t for t in known.sorted_tables if t.name != VERSION_TABLE]
        for table in tables:
            connection.execute(table.insert().values({c.name: value(c.type) for c in table.columns}))
        before = contents(tables, connection)
    assert current_schema(empty) == version
    assert upgrade_database(empty) == (version, HEAD)
    with engine.connect() as connection:
        assert contents(tables, connection) == before
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differ = [d for d in compare_metadata(context, Base.metadata) if "modify_comment" not in str(d)]
        assert differ == []
    engine.dispose()
    store = Store(open_database(empty))
    assert [s.name for s in store.studies()] == ["wörd"]
    store.close()


def test_every_migration_is_tested() -> None:
    revisions = [s.revision for s in ScriptDirectory.from_config(config()).walk_revisions()]
    assert revisions[::-1] == EARLIER
    assert EARLIER[-1] == HEAD


def test_many_processes_set_up_one_database(empty: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        for engine in pool.map(lambda _: open_database(empty, create=True), range(6)):
            engine.dispose()
    assert current_schema(empty) == HEAD


def test_a_postgresql_database_without_utf_8_is_refused(postgresql: Server) -> None:
    postgresql.execute(["CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'"])
    with pytest.raises(StoreError, match=r"encoding SQL_ASCII(?s:.*)createdb --encoding UTF8"):
        open_database(postgresql.url("ascii"), create=True)
