"""What holds only for local processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaling_search.engine.local import LocalEngine, default_slots, environment
from scaling_search.hardware import cores, gpus


def test_libraries_that_do_not_fit_are_distinguished_from_a_bug(tiny: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    (tmp_path / "s.yaml").write_text(tiny())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "scaling_search.cli", "run", "s.yaml", "--db", "s.db"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "operator torchvision::nms does not exist" in done.stderr
    assert "cannot start a trial: the process that trials are forked from has died" in done.stderr


def test_the_environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALING_SEARCH_A", "before")
    monkeypatch.delenv("SCALING_SEARCH_B", raising=False)
    with environment({"SCALING_SEARCH_A": "within", "SCALING_SEARCH_B": "within"}):
        assert (os.environ["SCALING_SEARCH_A"], os.environ["SCALING_SEARCH_B"]) == ("within", "within")
    assert os.environ["SCALING_SEARCH_A"] == "before"
    assert "SCALING_SEARCH_B" not in os.environ


def test_slots_are_the_gpus_or_the_cores_unless_they_are_given() -> None:
    assert default_slots() == LocalEngine().slots == (len(gpus()) or cores())
    assert LocalEngine(3).slots == 3
