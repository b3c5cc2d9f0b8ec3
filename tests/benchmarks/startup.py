"""What a person waits for: the command line, a plan, the first epoch of the first and of the second run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from scaling_search.engine import LocalEngine, Progress, Task
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.study_file import load
from tests.benchmarks.measure import Section, interleaved

STUDIES = Path(__file__).parents[2] / "studies"


def _command(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "scaling_search.cli", *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def _until_progress(engine: LocalEngine, number: int) -> None:
    while not any(isinstance(e, Progress) and e.number == number for e in engine.events(timeout=60)):
        pass


def _first_epochs() -> tuple[float, float]:
    """Seconds from a cold start, and then from a second submission, to the end of an epoch of one step."""
    arch = load(STUDIES / "quickstart.yaml").base_architecture()
    one_step = ProxySpec(train_size=32, validation_size=32, batch_size=32, epochs=1)
    engine = LocalEngine(1)
    waits = []
    for number in (0, 1):
        began = time.perf_counter()
        engine.submit(Task(number, arch, number, one_step, None, verify=False))
        _until_progress(engine, number)
        waits.append(time.perf_counter() - began)
        while engine.events(timeout=1):
            pass
    engine.close()
    return waits[0], waits[1]


def run(quick: bool, rounds: int) -> Section:
    """Seconds of each."""
    sides = {
        "--help": lambda: _command("--help"),
        "plan quickstart": lambda: _command("plan", str(STUDIES / "quickstart.yaml")),
        "plan at 224 px": lambda: _command("plan", str(STUDIES / "imagenet_b0.yaml")),
    }
    seconds = interleaved("start-up, s", sides, rounds)
    first, second = _first_epochs()
    return seconds | {"first run's first epoch": first, "second run's first epoch": second}
