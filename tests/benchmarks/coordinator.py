"""What the coordinator costs: studies whose runs take no time, against Optuna's own storage doing the same bookkeeping."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections import deque
from pathlib import Path

import optuna

from scaling_search.engine import Event, Finished, Progress, Task
from scaling_search.records import EpochResult
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.benchmarks.measure import Section, interleaved
from tests.support.postgresql import Server, find_binaries

EPOCHS = 10
SPEC = """
name: overhead
base: {{width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}}
budget: {{divisor: 2}}
search: {{trials: {trials}, replicates: {replicates}, base_runs: 0}}
proxy: {{epochs: 10}}
"""


class Instant:
    """An engine whose runs end at once, with ten epochs."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.waiting: deque[Task] = deque()

    def submit(self, task: Task) -> None:
        """Start a run."""
        self.waiting.append(task)

    def events(self, timeout: float) -> list[Event]:
        """All of what every run would say."""
        found: list[Event] = []
        while self.waiting:
            task = self.waiting.popleft()
            level = 0.7 + (task.number * 7919 % 1000) / 10_000
            results = (EpochResult(e, 1.0, 1.0, level + e / 1000, 1e-3, 0.1, 100.0) for e in range(EPOCHS))
            found += [*(Progress(task.number, r) for r in results), Finished(task.number)]
        return found

    def cancel(self, number: int) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing runs."""


def ours(trials: int, where: str) -> float:
    """A whole study, choices and families included; trials a second."""
    spec = parse(SPEC.format(trials=trials, replicates=trials // 4))
    store = Store(open_database(where, create=True))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        row = run_study(spec, store, Instant(2), Path(folder))
    seconds = time.perf_counter() - began
    store.close()
    if row.state != "complete":
        raise RuntimeError(row.reason)
    return trials / seconds


def theirs(trials: int, url: str) -> float:
    """Ask, ten reports, tell, as Optuna's documentation has it; trials a second."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(
            study_name="overhead", storage=url, direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0)
        )
        began = time.perf_counter()
        for n in range(trials):
            trial = study.ask()
            trial.suggest_float("u", 0, 1)
            trial.suggest_float("v", 0, 1)
            level = 0.7 + (n * 7919 % 1000) / 10_000
            for epoch in range(EPOCHS):
                trial.report(level + epoch / 1000, epoch)
            study.tell(trial, level)
    return trials / (time.perf_counter() - began)


def _on_sqlite(trials: int, rounds: int, here: str) -> dict[str, float]:
    """Fresh files on the same disk for every repetition."""

    def fresh() -> str:
        return str(Path(tempfile.mkdtemp(dir=here)) / "s.db")

    sides = {"ours": lambda: ours(trials, fresh()), "optuna": lambda: theirs(trials, f"sqlite:///{fresh()}")}
    return interleaved("coordinator on SQLite, trials/s", sides, rounds)


def _on_postgresql(trials: int, rounds: int, binaries: Path) -> dict[str, float]:
    """Fresh databases of one server that writes to disk as it does by default."""
    server = Server(binaries, durable=True)

    def driven() -> str:
        return server.new_database().replace("postgresql:", "postgresql+psycopg:")

    sides = {"ours": lambda: ours(trials, server.new_database()), "optuna": lambda: theirs(trials, driven())}
    try:
        return interleaved("coordinator on PostgreSQL, trials/s", sides, rounds)
    finally:
        server.close()


def run(quick: bool, rounds: int) -> Section:
    """{database: trials/s of each side, and their ratio}; PostgreSQL where it is installed."""
    trials = 100 if quick else 500
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as here:
        found = {"sqlite": _on_sqlite(trials, rounds, here)}
    if binaries := find_binaries():
        found["postgresql"] = _on_postgresql(trials, rounds, binaries)
    return {name: {"trials_per_second": s, "ours / optuna": s["ours"] / s["optuna"]} for name, s in found.items()}
