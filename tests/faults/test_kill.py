"""kill -9 of the coordinator in mid-run: nothing is left behind, and going on gives what would have been."""

from __future__ import annotations

import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest


@pytest.mark.parametrize("done", [4, pytest.param(0, marks=pytest.mark.slow)])
def test_kill_9_of_the_coordinator_loses_nothing(
    tiny: Callable[..., str], tmp_path: Path, victims: Callable[..., Any], record: Callable[..., None], done: int
) -> None:
    whole, broken = victims(tmp_path / "whole", tiny()), victims(tmp_path / "broken", tiny())
    whole.finish(whole.start())

    process = broken.start()
    for line in process.stderr:  # a line is printed as each run ends
        if int(line.split("/")[0]) >= done and "running" in line:
            break
    before = broken.processes()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _, alive = psutil.wait_procs(before, timeout=10)
    assert alive == []
    assert len(before) >= 2
    assert broken.processes() == []

    process = broken.start()
    seconds = broken.heard(process)
    shown = broken.finish(process)
    assert shown["state"] == "complete"
    assert shown["counts"]["complete"] == 11
    assert broken.results() == whole.results()
    assert broken.processes() == []
    record("kill -9 of a coordinator", "nothing of it is left; run again it goes on", seconds)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_kills_at_random_moments(
    tiny: Callable[..., str], tmp_path: Path, victims: Callable[..., Any], record: Callable[..., None]
) -> None:
    """Of the coordinator, of the runs, of both; moments and victims from one seed."""
    text = tiny(trials="40", replicates="8", epochs="4").replace("round: 3", "round: 8")
    whole, broken = victims(tmp_path / "whole", text), victims(tmp_path / "broken", text)
    whole.finish(whole.start())
    dice = random.Random(0)
    kills = 0
    process = broken.start()
    while kills < 50:
        try:
            process.wait(timeout=dice.uniform(0.3, 8))
            break  # finished before fifty: the count below says so
        except subprocess.TimeoutExpired:
            pass
        victim = dice.choice(["coordinator", "runs", "both"])
        attempts = (
            [a for (a,) in broken.query("SELECT attempts FROM trial WHERE state = 'running'")]
            if victim == "runs"
            else []
        )
        if victim in ("runs", "both") and max(attempts, default=0) < 3:  # a trial is given up at its third crash
            for run in broken.runs():
                run.kill()
        if victim in ("coordinator", "both"):
            process.kill()
            process.communicate()
            psutil.wait_procs(broken.processes(), timeout=10)
            assert broken.processes() == []
            process = broken.start()
        kills += 1
    broken.finish(process)
    assert kills >= 50
    numbers = [n for (n,) in broken.query("SELECT number FROM trial ORDER BY number")]
    assert numbers == list(range(41))
    assert broken.query("SELECT count(*) FROM trial WHERE state != 'complete'") == [(0,)]
    assert broken.results() == whole.results()
    assert broken.processes() == []
    record("kill -9 at random of coordinator and runs", "zero epochs lost, zero trials twice", None, kills)
