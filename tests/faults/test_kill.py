"""kill -9 of the coordinator while runs train: no process stays, and the resumed study ends with the same results."""

from __future__ import annotations

import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.factories import tiny_yaml


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
    seconds = broken.first_progress(process)
    study = broken.finish(process)
    assert study["state"] == "complete"
    assert study["counts"]["complete"] == 11
    assert broken.results() == whole.results()
    assert broken.processes() == []
    record("kill -9 of a coordinator", "nothing of it is left; run again it goes on", seconds)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_kills_at_random_moments(
    tmp_path: Path, victims: Callable[..., Any], record: Callable[..., None]
) -> None:
    """Kills the coordinator, the runs, or both; moments and victims come from one seed."""
    text = tiny_yaml(search={"trials": 40, "replicates": 8, "round": 8}, proxy={"epochs": 4})
    whole, broken = victims(tmp_path / "whole", text), victims(tmp_path / "broken", text)
    whole.finish(whole.start())
    generator = random.Random(0)
    kills = 0
    process = broken.start()
    while kills < 50:
        try:
            process.wait(timeout=generator.uniform(0.3, 8))
            break  # it finished before fifty kills; the assertion on their number fails
        except subprocess.TimeoutExpired:
            pass
        victim = generator.choice(["coordinator", "runs", "both"])
        attempts = (
            [a for (a,) in broken.query("SELECT attempts FROM trial WHERE state = 'running'")]
            if victim == "runs"
            else []
        )
        if victim in ("runs", "both") and max(attempts, default=0) < 3:  # a third crash would fail the trial
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
