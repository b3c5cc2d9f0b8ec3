"""The same work, cheaper: a whole small study, ours against Optuna's documented loop, with the same networks and epochs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scaling_search.engine import LocalEngine
from scaling_search.search.run import run_study
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.benchmarks.measure import Section, interleaved
from tests.benchmarks.recipe import Job, dump

SPEC = """
name: cheaper
base: {{width: 0.25, resolution: 48}}
budget: {{divisor: 4}}
search: {{trials: {trials}, replicates: 0, base_runs: 0}}
proxy: {{train_size: {images}, validation_size: 512, epochs: 2}}
"""


def ours(spec: StudySpec) -> tuple[float, list[Job]]:
    """Seconds of a whole study in a fresh database, start of the engine included; and what it trained."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(open_database(str(Path(folder) / "s.db"), create=True))
        began = time.perf_counter()
        row = run_study(spec, store, LocalEngine(), Path(folder) / "runs")
        seconds = time.perf_counter() - began
        jobs = [Job(t.architecture, spec.proxy) for t in store.trials(spec.name)]
        store.close()
    if row.state != "complete":
        raise RuntimeError(row.reason)
    return seconds, jobs


def theirs(jobs: list[Job]) -> float:
    """Seconds of plain_search.py."""
    text = json.dumps([dump(job) for job in jobs])
    command = [sys.executable, "-m", "tests.benchmarks.plain_search"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


def run(quick: bool, rounds: int) -> Section:
    """Seconds of each side, and their ratio."""
    spec = parse(SPEC.format(trials=4 if quick else 8, images=256 if quick else 1024))
    jobs: list[Job] = []

    def our_side() -> float:
        seconds, found = ours(spec)
        jobs[:] = found
        return seconds

    seconds = interleaved("a study at 64 px, s", {"ours": our_side, "plain": lambda: theirs(jobs)}, rounds)
    sizes = sorted(job.arch.resolution for job in jobs)
    return {"trials": len(jobs), "px": sizes, "seconds": seconds, "plain / ours": seconds["plain"] / seconds["ours"]}
