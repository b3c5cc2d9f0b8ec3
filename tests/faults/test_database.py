"""PostgreSQL is stopped and started while a study runs: the study ends with the same results."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from scaling_search.engine import Event
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.benchmarks.coordinator import SPEC, Instant
from tests.support.postgresql import Server


class Disturbed(Instant):
    """Stops the server at every second call of ``events``; the server starts again while the coordinator waits for it."""

    def __init__(self, server: Server) -> None:
        super().__init__(slots=2)
        self.server, self.calls, self.stops = server, 0, 0
        self.back = threading.Thread()
        self.seconds: list[float] = []
        self.stopped: float | None = None

    def events(self, timeout: float) -> list[Event]:
        if self.back.ident is not None:
            self.back.join()
        if self.stopped is not None:  # the coordinator has written the last events
            self.seconds.append(time.monotonic() - self.stopped)
            self.stopped = None
        self.calls += 1
        if self.calls % 2 == 0:
            self.server.stop("immediate")
            self.stops += 1
            self.stopped = time.monotonic()
            self.back = threading.Thread(target=self.server.start)
            self.back.start()
        return super().events(timeout)


def test_a_study_outlives_its_databases_restarts(
    postgresql: Server, empty_database: str, tmp_path: Path, record: Callable[..., None]
) -> None:
    spec = parse(SPEC.format(trials=10, replicates=2))
    results = []
    engine = Disturbed(postgresql)
    for name, runs in (("calm", Instant(2)), ("disturbed", engine)):
        store = Store(open_database(postgresql.new_database(empty_database)))
        assert run_study(spec, store, runs, tmp_path / name).state == "complete"
        trials = [(t.number, t.key, t.state, t.attempts, t.accuracy) for t in store.trials("overhead")]
        results.append((trials, store.epochs("overhead"), store.choice("overhead")))
        store.close()
    assert engine.stops >= 2
    assert results[0] == results[1]
    assert len(results[1][1]) == 100
    for seconds in engine.seconds:
        record("PostgreSQL stopped at once and started", "the coordinator waits, and writes each thing once", seconds)
