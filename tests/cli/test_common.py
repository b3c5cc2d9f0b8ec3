"""Study files and databases that commands open, and those that they refuse."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaling_search.store.database import HEAD

REFUSED: list[tuple[str, int, str]] = [
    ("list --db missing.db", 2, "there is no database at missing.db"),
    ("list", 2, "there is no database at scaling_search.db"),
    ("show x --db missing.db", 2, "SCALING_SEARCH_DB"),
    ("run good.yaml --db nowhere/s.db", 2, "the folder nowhere does not exist"),
    ("run good.yaml --db :memory:", 2, "in memory"),
    ("run good.yaml --db nonsense://x", 2, "'nonsense://x' is no database"),
    (
        "list --db postgresql://u@h:notaport/d",
        2,
        "--db: 'postgresql://u@h:notaport/d' is no database: its host or port",
    ),
    ("list --db postgresql://u:word@[::1/d", 2, "--db: 'postgresql://u:***@[::1/d' is no database: its host or port"),
    ("list --db sqlite:///s.db?mode=ro", 2, "a SQLite file takes no ?parameters"),
    ("list --db s.db?mode=ro", 2, "there is no database at s.db?mode=ro"),
    (f"list --db {'x' * 300}.db", 2, "there is no database at xxx"),
    ("show x --db empty.db", 2, "is empty"),
    ("show x --db foreign.db", 1, "another program's database (it has users)"),
    ("run good.yaml --db foreign.db", 1, "another program's database"),
    ("show x --db text.db", 1, "cannot use the database text.db"),
    ("run good.yaml --db text.db", 1, "cannot use the database text.db"),
    ("show x --db folder", 1, "cannot use the database folder"),
    ("show x --db postgresql://me@127.0.0.1:9/x", 1, "check host, port, name, user and password"),
    ("show x --db newer.db", 1, f"schema 9999; this program knows {HEAD}"),
    ("run good.yaml --db newer.db", 1, "upgrade scaling-search"),
    ("show x --db older.db", 1, "scaling-search db upgrade --db older.db"),
    ("show x --db unversioned.db", 1, "unversioned.db"),
    ("plan good.yaml --jsno", 2, "No such option"),
    ("plan nope", 2, "there is no study file 'nope'"),
    ("plan nope", 2, "quickstart"),
    ("plan nope.yaml", 2, "cannot read the study file nope.yaml"),
    ("plan folder/nope.yaml", 2, "folder/nope.yaml"),
    ("spec broken.yaml", 2, "broken.yaml is not YAML: line "),
    ("plan typo.yaml", 2, "serach: unknown field"),
    ("plan list.yaml", 2, "holds list, not fields"),
    ("plan blank.yaml", 2, "blank.yaml is empty"),
    ("plan hollow.yaml", 2, "name: should be a string, and this is a number (7): quote it"),
    ("plan hollow.yaml", 2, "search: is empty: give fields, or leave it out"),
    ("plan quick-start", 2, "did you mean quickstart?"),
    ("run binary.yaml --db s.db", 2, "not UTF-8"),
    ("plan folder", 2, "folder"),
    ("plan none.yaml", 2, "no network costs 2× the base"),
    ("plan none.yaml", 2, "budget.tolerance"),
]


def test_the_database_may_be_named_by_the_environment(
    printed_json: Callable[..., Any], study_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALING_SEARCH_DB", str(study_dir / "s.db"))
    (study,) = printed_json("list", cwd=tmp_path)
    assert study["study"] == "tiny"


@pytest.mark.parametrize("command", ["show x", "run good.yaml", "db upgrade"])
def test_a_refused_database_is_not_changed(
    assert_refused: Callable[[str, int, str], None], bad_files: Path, command: str
) -> None:
    assert_refused(f"{command} --db foreign.db", 1, "another program's database")
    connection = sqlite3.connect(bad_files / "foreign.db")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("users",)]
    connection.close()


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
