"""kill -9 of the coordinator in mid-run: nothing is left behind, and going on gives what would have been."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

MARK = "SCALING_SEARCH_TEST_MARK"


def start(folder: Path, text: str, mark: str) -> subprocess.Popen[str]:
    (folder / "study.yaml").write_text(text)
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
    return subprocess.Popen(
        command, cwd=folder, env={**os.environ, MARK: mark}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def marked(mark: str) -> list[psutil.Process]:
    """Every process that inherited the mark: coordinator, fork server, runs."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


def results(db: Path) -> dict[str, list[Any]]:
    """What must be the same, straight from SQL: trials, the last attempt's curves, the newest choice."""
    connection = sqlite3.connect(db)
    trials = "SELECT number, round, key, seed, state, accuracy, loss FROM trial ORDER BY number"
    curves = (
        "SELECT number, epoch, train_loss, validation_loss, e.accuracy, learning_rate FROM epoch e JOIN trial t "
        "ON t.id = trial_id AND attempt = attempts ORDER BY number, epoch"
    )
    choice = "SELECT alpha, beta, gamma, shares, accuracy, result FROM choice ORDER BY id DESC LIMIT 1"
    found = {
        name: connection.execute(q).fetchall()
        for name, q in (("trials", trials), ("curves", curves), ("choice", choice))
    }
    connection.close()
    return found


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    shown: dict[str, Any] = json.loads(out)
    return shown


@pytest.mark.parametrize("done", [0, 4])
def test_kill_9_of_the_coordinator_loses_nothing(tiny: Callable[..., str], tmp_path: Path, done: int) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    finish(start(whole, tiny(), str(uuid.uuid4())))

    mark = str(uuid.uuid4())
    process = start(broken, tiny(), mark)
    assert process.stderr is not None
    for line in process.stderr:  # a line is printed as each run ends
        if int(line.split("/")[0]) >= done and "running" in line:
            break
    before = marked(mark)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _, alive = psutil.wait_procs(before, timeout=10)
    assert alive == []
    assert len(before) >= 2
    assert marked(mark) == []

    shown = finish(start(broken, tiny(), mark))
    assert shown["state"] == "complete"
    assert shown["counts"]["complete"] == 11
    assert results(broken / "s.db") == results(whole / "s.db")
    assert marked(mark) == []
