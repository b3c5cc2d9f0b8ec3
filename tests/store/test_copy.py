"""A finished study copied from SQLite to PostgreSQL and back: every row and every export is the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from scaling_search.cli import main
from scaling_search.errors import InputError, NotFound, StoreError
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import GradcamMaps, Store, copy_studies, open_database
from tests.benchmarks.coordinator import SPEC, Instant
from tests.support.postgresql import Server

EXPORTS = [["export", "overhead", "--format", form] for form in ("json", "csv", "markdown", "python", "yaml", "html")]
READS = [*EXPORTS, ["trials", "overhead", "--format", "csv"], ["show", "overhead", "--json"]]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with a study that the coordinator completed."""
    folder = tmp_path_factory.mktemp("finished")
    store = Store(open_database(str(folder / "s.db"), create=True))
    row = run_study(parse(SPEC.format(trials=12, replicates=3)), store, Instant(2), folder / "runs")
    assert row.state == "complete"
    GradcamMaps(store).keep("overhead", [{"arm": "base", "accuracy": 0.5}], b"\x89PNG\0")
    store.close()
    return str(folder / "s.db")


def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, *args: str) -> bytes:
    monkeypatch.setattr(sys, "argv", ["scaling-search", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capfdbinary.readouterr()
    assert (ended.value.code, err) == (0, b"")
    return out


def test_a_copy_to_postgresql_and_back_is_equal(
    finished: str,
    postgresql: Server,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_server, copied_back = postgresql.new_database(), str(tmp_path / "back.db")
    report = run(capfdbinary, monkeypatch, "db", "copy", finished, on_server)
    assert report == b"overhead: 12 trial, 120 epoch, 2 choice, 16 family_member, 1 activation_maps\n"
    assert run(capfdbinary, monkeypatch, "db", "copy", on_server, copied_back) == report
    for read in READS:
        first, second, third = (
            run(capfdbinary, monkeypatch, *read, "--db", db) for db in (finished, on_server, copied_back)
        )
        assert first == second == third, read
    maps = []
    for db in (finished, on_server, copied_back):
        store = Store(open_database(db))
        maps.append(GradcamMaps(store).newest("overhead"))
        store.close()
    assert maps[0] is not None
    assert maps[0] == maps[1] == maps[2]


def test_a_copy_continues_where_the_study_was(finished: str, store: Store, tmp_path: Path) -> None:
    source = Store(open_database(finished))
    copy_studies(source, store)
    longer = parse(SPEC.format(trials=14, replicates=3))
    claim = store.claim("overhead", "me", 60)
    assert claim is not None
    store.replace_spec(claim, longer.model_dump(mode="json"), longer.hash())
    store.release(claim)
    assert run_study(longer, store, Instant(2), tmp_path / "runs").state == "complete"
    assert store.trials("overhead")[:12] == source.trials("overhead")
    assert len(store.trials("overhead")) == 14
    source.close()


def test_what_cannot_be_copied_is_refused(finished: str, store: Store) -> None:
    source = Store(open_database(finished))
    with pytest.raises(NotFound, match=r"no study 'x'(?s:.*)known: overhead"):
        copy_studies(source, store, ["x"])
    claim = source.claim("overhead", "me", 60)
    assert claim is not None
    with pytest.raises(StoreError, match="being run by me"):
        copy_studies(source, store)
    source.release(claim)
    copy_studies(source, store, ["overhead"])
    with pytest.raises(InputError, match="has a study 'overhead' already"):
        copy_studies(source, store)
    source.close()


def test_a_row_that_comes_back_different_undoes_the_copy(finished: str, store: Store) -> None:
    source = Store(open_database(finished))
    damage = "UPDATE epoch SET accuracy = accuracy + 1e-12 WHERE attempt = 1 AND epoch = 3"

    @event.listens_for(store.engine, "after_cursor_execute")
    def spoil(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO family_member"):
            connection.exec_driver_sql(damage)  # type: ignore[attr-defined]

    with pytest.raises(StoreError, match="row 4 of epoch differs after copying"):
        copy_studies(source, store)
    assert store.studies() == []
    source.close()
