"""A tiny calibration from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from scaling_search.spec.study_file import load
from tests.support.factories import digits_dir, tiny_yaml


def test_calibrate_writes_its_rule_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    block = f"proxy:\n  dataset: digits\n  root: {digits_dir()}\n  train_size: 64\n  validation_size: 64\n  epochs: 1\n  batch_size: 32\n"
    path.write_text(tiny_yaml(proxy=None) + block)
    options = ["--db", str(tmp_path / "c.db"), "--seeds", "1", "--judges", "2", "--json"]
    command = [sys.executable, "-m", "scaling_search.cli", "calibrate", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert len(result["arms"]) == 12
    assert [len(a["accuracies"]) for a in result["confirmed"]] == [2, 2, 2, 2]
    assert all(d["bound"] < d["points"] for d in result["differences"])
    assert load(path).proxy.learning_rate == result["learning_rate"]
    assert load(path).proxy.depth_exponent == result["depth_exponent"]
