"""Opening and upgrading databases; unusable ones are refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scaling_search.errors import InputError, StoreError
from scaling_search.store import Store, current_schema, open_database, upgrade_database
from scaling_search.store.database import HEAD, shown
from tests.support.studies import add_study


def test_upgrade_returns_both_schemas(tmp_path: Path) -> None:
    where = str(tmp_path / "u.db")
    assert upgrade_database(where) == (None, HEAD)
    assert upgrade_database(where) == (HEAD, HEAD)


@pytest.mark.parametrize("name", ["a?b.db", "100%25.db", "s.db?mode=ro", "a#b+c.db", "u@h:x.db", "ä ö.db"])
def test_special_characters_in_a_path_are_kept(tmp_path: Path, name: str) -> None:
    where = str(tmp_path / name)
    upgrade_database(where)
    store = Store(open_database(where))
    add_study(store)
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert current_schema(where) == HEAD


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:SECRET@h:port/d",
        "postgresql://u:SECRET@[::1/d",
        "postgresql://u:SE@SECRET:word@h/d",
        "postgresql://u:SE@SECRET@h/d",
        "postgresql://u:SECRET@h:x/d?password=SECRET&sslpassword=SECRET",
        "no url://u:SECRET@h/d",
        "sqlite:///s.db?password=SECRET",
    ],
)
def test_an_invalid_url_is_refused_without_showing_its_password(url: str) -> None:
    for use in (open_database, upgrade_database, current_schema):
        with pytest.raises(InputError, match="--db: ") as caught:
            use(url)
        assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shows"),
    [
        ("postgresql://u:SECRET@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u@h:5432/d?sslmode=require", "postgresql://u@h:5432/d?sslmode=require"),
        ("postgresql://h/d?password=SECRET&user=u", "postgresql://h/d?password=***&user=u"),
        ("folder/u:x@y.db", "folder/u:x@y.db"),
    ],
)
def test_a_database_is_shown_without_its_password(url: str, shows: str) -> None:
    assert shown(url) == shows


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE studies (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    for use in (lambda: open_database(str(path), create=True), lambda: upgrade_database(str(path))):
        with pytest.raises(StoreError, match="another program's"):
            use()
    assert path.read_bytes()[100:] == before[100:]


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("not a database, " * 100)
    with pytest.raises(StoreError, match="cannot use the database"):
        open_database(str(path), create=True)
    assert path.read_text().startswith("not a database")
