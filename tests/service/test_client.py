"""The Python client against a server in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scaling_search import Client
from scaling_search.store import Store, Workers, open_database


def test_it_lists_the_workers(serve: Callable[..., Any], empty_file: Path, tmp_path: Path) -> None:
    db = Path(shutil.copy(empty_file, tmp_path / "s.db"))
    server, store = serve(db, "--no-worker"), Store(open_database(str(db)))
    workers = Workers(store)
    with Client(server.url) as client:
        assert client.workers() == []
        number = workers.arrive(socket.gethostname(), os.getpid(), 3)
        (worker,) = client.workers()
        assert (worker["host"], worker["pid"], worker["state"]) == (socket.gethostname(), os.getpid(), "idle")
        assert (worker["slots"], worker["study"], worker["runs"]) == (3, None, 0)
        assert worker["heard"] >= 0
        workers.leave(number)
        assert client.workers() == []
    store.close()
