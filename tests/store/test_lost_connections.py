"""A PostgreSQL server that goes away: what was asked is done once, however the connection was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scaling_search.errors import IllegalTransition, StoreError
from scaling_search.records import EpochResult, Proposal, TrialEnd
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study_file import parse
from scaling_search.store import Claim, Control, Store, open_database, transactions
from tests.support.postgresql import Server

SPEC = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}")
EPOCH = EpochResult(0, 1.5, 1.25, 0.5, 0.001, 2.0, 100.0)


@pytest.fixture
def store(postgresql: Server, empty_database: str) -> Iterator[Store]:
    opened = Store(open_database(postgresql.new_database(empty_database)))
    yield opened
    opened.close()


@pytest.fixture
def claim(store: Store) -> Claim:
    store.create_study("s", "", SPEC.model_dump(mode="json"), SPEC.hash(), {})
    made = store.claim("s", "me", 60)
    assert made is not None
    store.add_trials(made, [Proposal(i, 0, "candidate", i, c.triple, c) for i, c in enumerate(search_space(SPEC)[:3])])
    return made


@pytest.fixture
def down(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Stops the server; it is started again while somebody waits for it."""

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
    """Cut the connection at the next commit: before the server hears of it, or before its answer is heard."""
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


def test_patience_ends(store: Store, claim: Claim, postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "PATIENCE", 0.0)
    postgresql.stop()
    try:
        with pytest.raises(StoreError, match=r"the database failed(?s:.*)run again to go on"):
            store.write(claim, started=[0])
    finally:
        postgresql.start()
    assert store.trials("s")[0].state == "waiting"


def test_a_statement_that_hangs_is_ended(store: Store) -> None:
    settings = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with store.engine.connect() as connection:
        found = {s: connection.exec_driver_sql(f"SHOW {s}").scalar() for s in settings}
    assert found == {settings[0]: "1min", settings[1]: "30s", settings[2]: "1min"}
    store.engine.dispose()
    own = Store(open_database(f"{store.engine.url.render_as_string()}&options=-c%20statement_timeout=50"))
    with pytest.raises(StoreError, match="statement timeout"), own._transaction() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(20)")
    own.close()
