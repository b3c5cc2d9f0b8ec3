"""Two workers; one is killed, asked to leave, or stopped for longer than its lease, and the other completes the study."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scaling_search.store import Store, Workers, open_database
from tests.faults.hosts import Host, Pair, until
from tests.support.outcomes import Outcome, outcome

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(open_database(str(tmp_path / "s.db"), create=True))
    yield opened
    opened.close()


@pytest.fixture
def hosts(tmp_path: Path, store: Store) -> Iterator[list[Host]]:
    """Two workers on one database, both registered."""
    started = [Host(tmp_path / name, str(tmp_path / "s.db")) for name in ("one", "two")]
    until(lambda: len(Workers(store).all()) == 2, "two workers")
    yield started
    for host in started:
        host.kill()


def test_kill_9_of_a_worker(
    tiny: Callable[..., str],
    store: Store,
    hosts: list[Host],
    calm: Callable[[str], Outcome],
    record: Callable[..., None],
) -> None:
    pair = Pair(store, tiny(epochs="4"), hosts)
    pair.first.signal(signal.SIGKILL)
    pair.first.process.wait()
    seconds = pair.taken_over()
    _, alive = psutil.wait_procs(pair.first.processes(), timeout=10)
    assert alive == []  # its runs ended with it
    pair.ended()
    assert outcome(store) == calm(tiny(epochs="4"))
    assert pair.second.leave() == 0
    record("kill -9 of a worker", "another one on its host takes the study at once", seconds)


def test_sigterm_of_a_worker(
    tiny: Callable[..., str],
    store: Store,
    hosts: list[Host],
    calm: Callable[[str], Outcome],
    record: Callable[..., None],
) -> None:
    pair = Pair(store, tiny(epochs="4"), hosts)
    assert pair.first.leave() == 0
    seconds = pair.taken_over()
    pair.ended()
    assert outcome(store) == calm(tiny(epochs="4"))
    assert pair.second.leave() == 0
    assert Workers(store).all() == []  # a worker that leaves is deregistered
    record("SIGTERM of a worker", "it queues its study and leaves; another one goes on", seconds)


def test_a_worker_stopped_beyond_its_lease_writes_no_more(
    tiny: Callable[..., str],
    store: Store,
    hosts: list[Host],
    calm: Callable[[str], Outcome],
    record: Callable[..., None],
) -> None:
    pair = Pair(store, tiny(epochs="4"), hosts)
    pair.first.signal(signal.SIGSTOP)
    seconds = pair.taken_over()
    silent = pair.first.process.pid
    until(lambda: ("lost", silent) in {(w.state, w.pid) for w in Workers(store).all()}, "its silence to be noticed")
    pair.ended()
    whole = outcome(store)
    assert whole == calm(tiny(epochs="4"))
    pair.first.signal(signal.SIGCONT)
    until(lambda: "was taken over" in pair.first.log, "the late write's refusal")
    assert outcome(store) == whole
    assert [host.leave() for host in hosts] == [0, 0]
    record("SIGSTOP of a worker beyond its lease", "another one takes over; its late write is refused", seconds)
