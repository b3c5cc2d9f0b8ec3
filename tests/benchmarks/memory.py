"""Peak memory of a study with two slots: what all of its processes hold, shared pages counted once (PSS)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from scaling_search.spec.study_file import load
from tests.benchmarks.measure import Section
from tests.benchmarks.startup import STUDIES


def run(quick: bool, rounds: int) -> Section:
    """Peak in GiB, looked at twice a second; one study, whatever ``rounds`` says."""
    del rounds
    spec = load(STUDIES / "quickstart.yaml")
    if quick:
        search = spec.search.model_copy(update={"trials": 2, "replicates": 0, "base_runs": 0})
        spec = spec.model_copy(update={"search": search})
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "study.yaml").write_text(spec.to_yaml(), encoding="utf-8")
        command = [sys.executable, "-m", "scaling_search.cli", "run", "study.yaml", "--db", "s.db", "--slots", "2"]
        process = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _held(process))
            try:
                process.wait(timeout=0.5)
            except psutil.TimeoutExpired:
                continue
    return {"peak_gib": peak}


def _held(process: psutil.Popen) -> float:
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 2**30
