"""Workers as processes with a folder each, as on different hosts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from scaling_search.search.studies import submit_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store

MARK = "SCALING_SEARCH_TEST_MARK"


def marked(mark: str) -> list[psutil.Process]:
    """Every live process with this mark in its environment."""
    processes = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                processes.append(process)
        except psutil.Error:
            continue
    return processes


def until(done: Callable[[], bool], what: str, seconds: float = 900) -> float:
    """Wait until ``done``; returns the seconds it took."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, f"waited in vain for {what}"
        threading.Event().wait(0.1)
    return time.monotonic() - began


class Host:
    """A worker process; ``prefix`` is a command to run it with, for example in a network namespace."""

    def __init__(self, folder: Path, db: str, prefix: Sequence[str] = ()) -> None:
        folder.mkdir()
        self.folder, self.mark = folder, str(uuid.uuid4())
        command = [*prefix, sys.executable, "-m", "scaling_search.cli", "work", "--db", db, "--slots", "2"]
        with (folder / "log").open("wb") as log:
            environment = {**os.environ, MARK: self.mark}
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stderr=log, start_new_session=True)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def processes(self) -> list[psutil.Process]:
        """Its live processes: worker, fork server, runs."""
        return marked(self.mark)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def leave(self) -> int:
        """Send SIGTERM; returns the exit code. No process of it may stay."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(timeout=120)
        psutil.wait_procs(self.processes(), timeout=30)
        assert self.processes() == []
        return code

    def kill(self) -> None:
        for process in self.processes():
            process.kill()
        self.process.kill()
        self.process.wait()


class Pair:
    """A study and two workers that compete for it."""

    def __init__(self, store: Store, text: str, hosts: Sequence[Host]) -> None:
        """Wait until one of them has run an epoch of it."""
        self.store = store
        submit_study(store, parse(text), "ann")
        until(lambda: len(store.epochs("tiny")) >= 1, "the first epoch")
        self.owner = self.holder() or ""
        by_pid = {str(host.process.pid): host for host in hosts}
        self.first = by_pid[self.owner.rpartition(":")[2]]
        (self.second,) = [host for host in hosts if host is not self.first]

    def holder(self) -> str | None:
        holder = self.store.holder("tiny")
        return holder[0] if holder else None

    def taken_over(self) -> float:
        """Wait until the other worker holds the study; returns the seconds."""
        return until(lambda: self.holder() not in (None, self.owner), "the other worker")

    def ended(self) -> None:
        """Wait until the study is complete."""
        until(lambda: self.store.study("tiny").state == "complete", "the study's end")
