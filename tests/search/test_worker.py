"""A worker runs queued studies, obeys requests and leaves quickly: real trainings, controlled through the database."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaling_search.records import TrialState
from scaling_search.search.studies import submit_study
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Control, Store, open_database

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]

LONG = {"epochs": "400", "train_size": "512"}
"""Runs that last until they are ended."""


class Work:
    """A worker process on a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "s.db"
        self.store = Store(open_database(str(self.db), create=True))
        self.control = Control(self.store)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, slots: int = 2) -> None:
        command = [sys.executable, "-m", "scaling_search.cli", "work", "--db", str(self.db), "--slots", str(slots)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)

    def until(self, done: Callable[[], bool], seconds: float = 600) -> None:
        """Wait for a condition on the database."""
        deadline = time.monotonic() + seconds
        while not done():
            assert self.process is not None
            assert self.process.poll() is None, self.process.communicate()[1].decode()
            assert time.monotonic() < deadline, self.store.study("tiny")
            threading.Event().wait(0.1)

    def state(self) -> str:
        return self.store.study("tiny").state

    def count(self, state: TrialState) -> int:
        return self.store.counts().get("tiny", {}).get(state, 0)

    def epochs(self) -> int:
        return len(self.store.epochs("tiny"))

    def leave(self) -> int:
        """Send SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    started = Work(tmp_path)
    yield started
    if started.process is not None and started.process.poll() is None:
        started.process.kill()
    if started.process is not None:
        started.process.communicate()
    started.store.close()


def submit(work: Work, text: str) -> StudySpec:
    spec = parse(text)
    submit_study(work.store, spec, "ann")
    return spec


def test_it_pauses_resumes_cancels_and_leaves_at_sigterm(work: Work, tiny: Callable[..., str]) -> None:
    submit(work, tiny(**LONG))
    work.start()
    work.until(lambda: work.epochs() >= 2)
    work.control.ask("tiny", "pause")
    work.until(lambda: work.state() == "paused")
    assert (work.count("running"), work.store.holder("tiny")) == (0, None)
    epochs_before = work.epochs()

    work.control.resume("tiny", "ann")
    work.until(lambda: work.epochs() > epochs_before)
    assert all(row.attempts <= 1 for row in work.store.trials("tiny"))  # it went on; no run began again
    assert len(work.store.epochs("tiny")) == len({(n, e.epoch) for n, _, e in work.store.epochs("tiny")})

    work.control.ask("tiny", "cancel")
    work.until(lambda: work.state() == "stopped")
    work.control.resume("tiny", "ann")
    work.until(lambda: work.count("running") == 2)
    assert work.leave() == 0
    assert (work.state(), work.count("running"), work.store.holder("tiny")) == ("queued", 0, None)


def test_stop_lets_what_runs_end_and_chooses(work: Work, tiny: Callable[..., str]) -> None:
    submit(work, tiny(trials="40", replicates="8"))
    work.start()
    work.until(lambda: work.count("complete") >= 2)
    work.control.ask("tiny", "stop")
    work.until(lambda: work.state() == "stopped")
    row = work.store.study("tiny")
    assert row.reason == "stop was asked for"
    assert (row.request, work.count("running")) == (None, 0)
    assert 2 <= work.count("complete") < 40
    assert work.store.choice("tiny") is not None
    assert all(e.epochs == 2 for e in work.store.trials("tiny") if e.state == "complete")


def test_slots_change_while_it_runs_and_a_dead_worker_is_replaced(work: Work, tiny: Callable[..., str]) -> None:
    submit(work, tiny(**LONG))
    work.start(slots=1)
    work.until(lambda: work.epochs() >= 1)
    assert work.count("running") == 1
    work.control.change("tiny", slots=3)
    work.until(lambda: work.count("running") == 3)

    assert work.process is not None
    work.process.kill()
    work.process.communicate()
    epochs_before = work.epochs()
    work.start(slots=1)  # on the same host the dead holder is noticed at once; elsewhere the lease must run out
    work.until(lambda: work.epochs() > epochs_before)
    assert work.count("running") == 3


def test_a_stop_outlives_the_worker_and_a_specs_slots_go_before_the_workers(
    work: Work, tiny: Callable[..., str]
) -> None:
    submit(work, tiny(**LONG) + "run: {slots: 1}\n")
    work.start(slots=3)
    work.until(lambda: work.epochs() >= 2)
    assert work.count("running") == 1
    work.control.ask("tiny", "stop")
    assert work.leave() == 0
    assert (work.state(), work.store.study("tiny").request) == ("queued", "stop")
    work.start()
    work.until(lambda: work.state() == "stopped")
    assert (work.count("complete"), work.count("running"), work.store.study("tiny").request) == (0, 0, None)


def test_a_study_that_cannot_run_fails_with_its_reason_and_the_worker_goes_on(
    work: Work, tiny: Callable[..., str], damaged_root: Path
) -> None:
    submit(work, tiny("broken", root=str(damaged_root)))
    submit(work, tiny(trials="2", replicates="0"))
    work.start()
    work.until(lambda: work.state() == "complete")
    broken = work.store.study("broken")
    assert broken.state == "failed"
    assert "damaged" in (broken.reason or "")
