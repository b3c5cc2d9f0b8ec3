"""An unreachable or locked database is waited for, and the work is done once."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from scaling_search.errors import IllegalTransition, StoreError
from scaling_search.records import Proposal, TrialEnd
from scaling_search.spec.search_space import search_space
from scaling_search.store import Claim, Control, Store, open_database, transactions
from tests.support.postgresql import Server
from tests.support.studies import EPOCH, SPEC


@pytest.fixture
def store(postgresql: Server, empty_database: str) -> Iterator[Store]:
    opened = Store(open_database(postgresql.new_database(empty_database)))
    yield opened
    opened.close()


@pytest.fixture
def claim(store: Store) -> Claim:
    store.create_study("s", "", SPEC.model_dump(mode="json"), SPEC.hash(), {})
    claim = store.claim("s", "me", 60)
    assert claim is not None
    store.add_trials(claim, [Proposal(i, 0, "candidate", i, c.triple, c) for i, c in enumerate(search_space(SPEC)[:3])])
    return claim


@pytest.fixture
def down(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Stops the server, which is started again when a call waits for it."""

    def start(_: float) -> None:
        monkeypatch.undo()
        postgresql.start()

    def stop(mode: str) -> None:
        postgresql.stop(mode)
        monkeypatch.setattr("scaling_search.store.transactions.time.sleep", start)

    return stop


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_stopped_server_is_waited_for(store: Store, claim: Claim, down: Callable[[str], None], mode: str) -> None:
    store.write(claim, started=[0, 1])
    down(mode)
    store.write(claim, epochs=[(0, EPOCH)], ended=[TrialEnd(0, "complete", last=EPOCH, seconds=2.0)])
    assert [t.state for t in store.trials("s")] == ["complete", "running", "waiting"]
    down(mode)
    assert len(store.epochs("s")) == 1
    down(mode)
    assert Control(store).orders(claim).request is None
    down(mode)
    assert store.study("s").name == "s"


def cut(store: Store, server: Server, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """Cut the connection at the next commit: before the server receives it, or before its answer arrives."""
    commit = store.engine.dialect.do_commit

    def cutting(connection: Any) -> None:
        monkeypatch.setattr(store.engine.dialect, "do_commit", commit)
        if when == "after":
            commit(connection)
        server.execute([f"SELECT pg_terminate_backend({connection.driver_connection.info.backend_pid}, 5000)"])
        connection.driver_connection.execute("SELECT 1")
        commit(connection)

    monkeypatch.setattr(store.engine.dialect, "do_commit", cutting)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_cut_at_a_commit_does_the_work_once(
    store: Store, claim: Claim, postgresql: Server, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    cut(store, postgresql, monkeypatch, when)
    store.write(claim, started=[0])
    cut(store, postgresql, monkeypatch, when)
    store.write(claim, epochs=[(0, EPOCH)], ended=[TrialEnd(0, "waiting", "killed", crashed=True)])
    row = store.trials("s")[0]
    assert (row.state, row.attempts, len(store.epochs("s"))) == ("waiting", 2, 1)
    cut(store, postgresql, monkeypatch, when)
    store.move_study(claim, "running")
    cut(store, postgresql, monkeypatch, when)
    store.move_study(claim, "complete")
    assert store.study("s").state == "complete"
    with pytest.raises(IllegalTransition):
        store.move_study(claim, "complete")


def test_waiting_for_a_server_ends_after_patience_s(
    store: Store, claim: Claim, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PATIENCE_S", 0.0)
    postgresql.stop()
    try:
        with pytest.raises(StoreError, match=r"the database failed(?s:.*)run again to continue"):
            store.write(claim, started=[0])
    finally:
        postgresql.start()
    assert store.trials("s")[0].state == "waiting"


def test_a_hanging_statement_is_ended(store: Store) -> None:
    settings = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with store.engine.connect() as connection:
        limits = {s: connection.exec_driver_sql(f"SHOW {s}").scalar() for s in settings}
    assert limits == {settings[0]: "1min", settings[1]: "30s", settings[2]: "1min"}
    store.engine.dispose()
    own = Store(open_database(f"{store.engine.url.render_as_string()}&options=-c%20statement_timeout=50"))
    with pytest.raises(StoreError, match="statement timeout"), own.transaction() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(20)")
    own.close()


def hasty(path: Path) -> Store:
    """A store with a study. Its statements do not wait for a lock."""
    store = Store(open_database(str(path), create=True))
    store.create_study("s", "", SPEC.model_dump(mode="json"), SPEC.hash(), {})
    store.engine.dispose()

    @event.listens_for(store.engine, "connect")
    def at_once(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute("PRAGMA busy_timeout=0")

    return store


class Unlock(logging.Handler):
    """Releases the lock once the store logs that it waits."""

    def __init__(self, holder: sqlite3.Connection) -> None:
        super().__init__(logging.WARNING)
        self.holder, self.heard = holder, threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if not self.heard.is_set():
            self.holder.rollback()
        self.heard.set()


def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    store = hasty(tmp_path / "s.db")
    holder = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    unlock = Unlock(holder)
    log = logging.getLogger("scaling_search.store")
    log.addHandler(unlock)
    claim = store.claim("s", "me", 60)
    log.removeHandler(unlock)
    assert unlock.heard.is_set()
    assert claim is not None
    assert claim.fence == 1
    holder.close()
    store.close()


def test_waiting_for_a_locked_file_ends_after_patience_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "PATIENCE_S", 0.2)
    store = hasty(tmp_path / "s.db")
    holder = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="database is locked"):
        store.claim("s", "me", 60)
    holder.rollback()
    assert store.claim("s", "me", 60) is not None
    holder.close()
    store.close()
