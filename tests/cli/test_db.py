"""`db upgrade`, `db current` and `db copy`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaling_search.cli import main
from scaling_search.store import Store, open_database
from scaling_search.store.database import HEAD
from tests.support.cli import rows_of_table

REFUSED: list[tuple[str, int, str]] = [
    ("db upgrade --db nowhere/s.db", 2, "the folder nowhere does not exist"),
    ("db current --db postgresql://u@h:notaport/d", 2, "a port is a number"),
    ("db upgrade --db foreign.db", 1, "another program's database"),
    ("db upgrade --db text.db", 1, "cannot use the database text.db"),
    ("db upgrade --db newer.db", 1, "schema 9999"),
    ("db upgrade --db older.db", 1, "0000"),
    ("db upgrade --db unversioned.db", 1, "unversioned.db"),
    ("db copy s.db twin.db", 2, "run: scaling-search serve --db twin.db"),
    ("db copy s.db twin.db --study queued", 2, "DELETE /api/v1/studies/queued"),
    ("db copy s.db twin.db --study nope", 2, "there is no study 'nope'"),
]


def test_db_upgrade_makes_a_database_and_leaves_a_current_one_alone(
    printed: Callable[..., bytes], printed_json: Callable[..., Any], tmp_path: Path
) -> None:
    upgrade = ("db", "upgrade", "--db", "s.db")
    assert printed(*upgrade, cwd=tmp_path).decode() == f"s.db: schema {HEAD} (was empty)\n"
    tables = rows_of_table(tmp_path, "sqlite_master")
    assert printed(*upgrade, cwd=tmp_path).decode() == f"s.db: schema {HEAD} (nothing to do)\n"
    assert rows_of_table(tmp_path, "sqlite_master") == tables
    assert printed_json("list", "--db", "s.db", cwd=tmp_path) == []


@pytest.mark.parametrize("name", ["a?b.db", "100%25.db"])
def test_the_path_of_a_database_is_taken_as_it_is(printed: Callable[..., bytes], tmp_path: Path, name: str) -> None:
    assert printed("db", "upgrade", "--db", name, cwd=tmp_path).decode() == f"{name}: schema {HEAD} (was empty)\n"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_study_named_twice_is_copied_once(
    printed: Callable[..., bytes], printed_json: Callable[..., Any], tmp_path: Path
) -> None:
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    for name in ("tiny", "other"):
        store.create_study(name, "", {}, "", {})
    store.close()
    assert printed("db", "copy", "s.db", "t.db", "--study", "tiny", "--study", "tiny", cwd=tmp_path) == b"tiny: \n"
    assert [s["study"] for s in printed_json("list", "--db", "t.db", cwd=tmp_path)] == ["tiny"]


@pytest.mark.parametrize(
    ("db", "state", "message"),
    [
        ("s.db", "newest", f"s.db: schema {HEAD} (the newest)"),
        ("older.db", "older", f"(the newest is {HEAD}; run: scaling-search db upgrade --db older.db)"),
        ("empty.db", "empty", "run: scaling-search db upgrade --db empty.db"),
        ("newer.db", "newer", f"(this program knows {HEAD} and is too old for it; upgrade scaling-search)"),
    ],
)
def test_db_current_ends_with_1_unless_the_schema_is_the_newest(
    db: str,
    state: str,
    message: str,
    bad_files: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(bad_files)
    outputs = []
    for more in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", ["scaling-search", "db", "current", "--db", db, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code, err) == (0 if state == "newest" else 1, "")
        outputs.append(out)
    assert message in outputs[0]
    values = json.loads(outputs[1])
    assert (values["database"], values["newest"], values["state"]) == (db, HEAD, state)
    assert (values["schema"] == HEAD) == (state == "newest")


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
