"""Commands in this process, a finished study, and a folder of good and bad files that commands refuse."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaling_search.cli import main
from scaling_search.store import Store, open_database
from scaling_search.store.database import VERSION_TABLE
from tests.support.cli import start_cli, write_sqlite
from tests.support.factories import tiny_yaml

SPEC = "base: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}\n"


@pytest.fixture
def printed(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., bytes]:
    """What a command that succeeds writes to standard output: ``main`` in this process, which is quicker than another."""
    monkeypatch.delenv("SCALING_SEARCH_DB", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*args: str, cwd: Path) -> bytes:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["scaling-search", *args])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        assert (ended.value.code, err) == (0, b"")
        return out

    return call


@pytest.fixture
def printed_json(printed: Callable[..., bytes]) -> Callable[..., Any]:
    """The JSON that a command prints."""

    def call(*args: str, cwd: Path) -> Any:
        return json.loads(printed(*args, "--json", cwd=cwd))

    return call


@pytest.fixture(scope="session")
def study_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with study.yaml, run to its end in s.db, and what `run --json` wrote: out.json, err.txt."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(tiny_yaml(proxy={"epochs": 1}, search={"round": 4}))
    process = start_cli("run", "study.yaml", "--db", "s.db", "--json", cwd=folder)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err.decode()
    (folder / "out.json").write_bytes(out)
    (folder / "err.txt").write_bytes(err)
    return folder


@pytest.fixture(scope="session")
def choice(study_dir: Path) -> dict[str, Any]:
    """The choice that `run` ended with."""
    result: dict[str, Any] = json.loads((study_dir / "out.json").read_text())["choice"]
    return result


@pytest.fixture(scope="session")
def bad_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with databases and study files, good and bad."""
    folder = tmp_path_factory.mktemp("bad_files")
    version = f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR)"
    write_sqlite(folder / "foreign.db", "CREATE TABLE users (id)")
    write_sqlite(folder / "newer.db", version, f"INSERT INTO {VERSION_TABLE} VALUES ('9999')")
    write_sqlite(folder / "older.db", version, f"INSERT INTO {VERSION_TABLE} VALUES ('0000')")
    write_sqlite(folder / "unversioned.db", version)
    (folder / "text.db").write_text("this is not a database, but it is long enough to look at " * 20)
    (folder / "empty.db").touch()
    (folder / "folder").mkdir()
    store = Store(open_database(str(folder / "s.db"), create=True))
    store.create_study("queued", "", {"name": "queued"}, "hash", {})
    store.close()
    shutil.copy(folder / "s.db", folder / "twin.db")
    (folder / "blank.yaml").write_text("# nothing yet\n")
    (folder / "hollow.yaml").write_text("name: 7\nsearch:\n")
    (folder / "good.yaml").write_text(f"name: good\n{SPEC}")
    (folder / "broken.yaml").write_text("name: x\nbase: {width: 0.25\nsearch:\n")
    (folder / "typo.yaml").write_text("name: x\nserach: {trials: 3}\n")
    (folder / "list.yaml").write_text("- name\n")
    (folder / "binary.yaml").write_bytes(b"\xff\xfe\x00name")
    (folder / "none.yaml").write_text(f"name: none\n{SPEC.replace('divisor: 2', 'divisor: 64, tolerance: 0.0001')}")
    return folder


def _files(folder: Path) -> set[str]:
    """Names of the files; without those of an open write-ahead log."""
    return {p.name for p in folder.iterdir() if not p.name.endswith(("-wal", "-shm"))}


@pytest.fixture
def assert_refused(
    bad_files: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, int, str], None]:
    """Asserts that a command ends with this exit code and one short message, and makes no file.

    ``main`` is what the script and ``python -m`` call; any other exception would be a traceback there.
    """
    monkeypatch.chdir(bad_files)
    monkeypatch.delenv("SCALING_SEARCH_DB", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def check(command: str, code: int, message: str) -> None:
        before = _files(bad_files)
        monkeypatch.setattr(sys, "argv", ["scaling-search", *command.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert ended.value.code == code, err
        assert message in err
        assert out == ""
        assert len(err.strip().splitlines()) <= 6
        assert _files(bad_files) == before

    return check
