"""Starting, finding and comparing studies that are to be killed."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest

MARK = "SCALING_SEARCH_TEST_MARK"


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
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def runs(self) -> list[psutil.Process]:
        """The processes that lead a group of their own: the runs."""
        found = []
        for process in self.processes():
            try:
                if os.getpgid(process.pid) == process.pid:
                    found.append(process)
            except ProcessLookupError:
                continue
        return found

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        shown: dict[str, Any] = json.loads(out)
        return shown

    def query(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self.folder / "s.db")
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    def results(self) -> list[Any]:
        """What must be the same: trials, the last attempt's curves, the newest choice."""
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
