"""Studies in processes of their own, to be killed and compared with undisturbed ones."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from scaling_search.engine import LocalEngine
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.faults.hosts import MARK, marked
from tests.support.outcomes import Outcome, outcome

RECORD = "SCALING_SEARCH_FAULTS"
"""Environment variable: a file to which each fault adds a line of JSON; `python -m tests.faults.table` reads it."""


class Victim:
    """A study run by the command line in a folder of its own; all its processes carry a mark in their environment."""

    def __init__(self, folder: Path, text: str) -> None:
        folder.mkdir()
        self.folder, self.mark = folder, str(uuid.uuid4())
        (folder / "study.yaml").write_text(text)

    def start(self) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            "scaling_search.cli",
            "run",
            "study.yaml",
            "--db",
            "s.db",
            "--slots",
            "2",
            "--json",
        ]
        environment = {**os.environ, MARK: self.mark}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.folder, env=environment, text=True, **pipes)  # type: ignore[call-overload, no-any-return]

    def processes(self) -> list[psutil.Process]:
        """Every process with the mark: coordinator, fork server, runs."""
        return marked(self.mark)

    def runs(self) -> list[psutil.Process]:
        """The processes that lead a process group: the runs."""
        leaders = []
        for process in self.processes():
            try:
                if os.getpgid(process.pid) == process.pid:
                    leaders.append(process)
            except ProcessLookupError:
                continue
        return leaders

    @staticmethod
    def first_progress(process: subprocess.Popen[str]) -> float:
        """Wait for the first line of progress; returns the seconds."""
        began = time.monotonic()
        assert process.stderr is not None
        process.stderr.readline()
        return time.monotonic() - began

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        study: dict[str, Any] = json.loads(out)
        return study

    def query(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self.folder / "s.db")
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    def results(self) -> list[Any]:
        """What must be equal: trials, the curves of the last attempts, the newest choice."""
        return [
            self.query("SELECT number, round, key, seed, state, accuracy, loss FROM trial ORDER BY number"),
            self.query(
                "SELECT number, epoch, train_loss, validation_loss, e.accuracy, learning_rate FROM epoch e "
                "JOIN trial t ON t.id = trial_id AND attempt = attempts ORDER BY number, epoch"
            ),
            self.query("SELECT alpha, beta, gamma, shares, accuracy, result FROM choice ORDER BY id DESC LIMIT 1"),
        ]


@pytest.fixture
def victims() -> type[Victim]:
    return Victim


@pytest.fixture
def record() -> Callable[..., None]:
    """Record a fault, what happened, the seconds from it (or from its end) until the study went on, and how often."""

    def add(fault: str, happened: str, seconds: float | None, times: int = 1) -> None:
        record_path = os.environ.get(RECORD)
        if record_path:
            line = {"fault": fault, "happened": happened, "seconds": seconds and round(seconds, 2), "times": times}
            with Path(record_path).open("a") as file:
                file.write(json.dumps(line) + "\n")

    return add


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """The outcome of a study that nothing disturbs; each study is run once."""
    outcomes: dict[str, Outcome] = {}

    def of(text: str) -> Outcome:
        if text not in outcomes:
            folder = tmp_path_factory.mktemp("calm")
            store = Store(open_database(str(folder / "s.db"), create=True))
            assert run_study(parse(text), store, LocalEngine(2), folder / "runs").state == "complete"
            outcomes[text] = outcome(store)
            store.close()
        return outcomes[text]

    return of
