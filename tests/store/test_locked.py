"""A SQLite file that others keep locked for longer than a statement waits: waited for, as a server that is away is."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from scaling_search.errors import StoreError
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database, transactions

SPEC = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}")


def hasty(path: Path) -> Store:
    """A store with a study, whose statements do not wait for a lock."""
    store = Store(open_database(str(path), create=True))
    store.create_study("s", "", SPEC.model_dump(mode="json"), SPEC.hash(), {})
    store.engine.dispose()

    @event.listens_for(store.engine, "connect")
    def at_once(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute("PRAGMA busy_timeout=0")

    return store


class Unlock(logging.Handler):
    """Lets go of the lock once somebody says that he waits for it."""

    def __init__(self, holder: sqlite3.Connection) -> None:
        super().__init__(logging.WARNING)
        self.holder, self.heard = holder, threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if not self.heard.is_set():
            self.holder.rollback()
        self.heard.set()


def test_who_waits_for_the_lock_gets_it(tmp_path: Path) -> None:
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


def test_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "PATIENCE", 0.2)
    store = hasty(tmp_path / "s.db")
    holder = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="database is locked"):
        store.claim("s", "me", 60)
    holder.rollback()
    assert store.claim("s", "me", 60) is not None
    holder.close()
    store.close()
