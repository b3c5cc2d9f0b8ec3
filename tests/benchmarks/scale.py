"""Beyond one machine, on paper: the real coordinator and store, an engine in virtual time with stragglers and crashes.

Reported by size: statements and coordinator CPU seconds a trial, and the makespan over the ideal (all work spread evenly).
"""

from __future__ import annotations

import heapq
import random
import tempfile
import time
from pathlib import Path

from sqlalchemy import event

from scaling_search.engine import Event, Failed, Finished, Progress, Task
from scaling_search.records import EpochResult
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.benchmarks.measure import Section, say

SECONDS, EPOCHS = 60.0, 3
SPEC = """
name: scale
base: {{width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}}
budget: {{divisor: 2}}
search: {{trials: {trials}, replicates: {replicates}, base_runs: 0, round: {round}}}
proxy: {{epochs: 3}}
run: {{max_failures: 1000000}}
"""


class Virtual:
    """An engine whose clock jumps to the next end of a run: 60 s ± 10 %, one in 50 twice as long, one in 200 crashes."""

    def __init__(self, slots: int) -> None:
        self.slots, self.now, self.work = slots, 0.0, 0.0
        self.dice = random.Random(0)
        self.ends: list[tuple[float, int, bool]] = []

    def submit(self, task: Task) -> None:
        """Start a run at the present virtual time."""
        seconds = SECONDS * self.dice.uniform(0.9, 1.1) * (2 if self.dice.random() < 0.02 else 1)
        self.work += seconds
        heapq.heappush(self.ends, (self.now + seconds, task.number, self.dice.random() < 0.005))

    def events(self, timeout: float) -> list[Event]:
        """What happens in the second in which the next run ends."""
        found: list[Event] = []
        until = self.ends[0][0] + 1.0
        while self.ends and self.ends[0][0] <= until:
            self.now, number, crashes = heapq.heappop(self.ends)
            if crashes:
                found.append(Failed(number, "simulated crash", crashed=True))
                continue
            level = 0.7 + (number * 7919 % 1000) / 10_000
            results = (EpochResult(e, 1.0, 1.0, level, 1e-3, SECONDS / EPOCHS, 100.0) for e in range(EPOCHS))
            found += [*(Progress(number, r) for r in results), Finished(number)]
        return found

    def cancel(self, number: int) -> None:
        """End a run."""
        self.ends = [end for end in self.ends if end[1] != number]
        heapq.heapify(self.ends)

    def close(self) -> None:
        """End every run."""
        self.ends.clear()


def simulate(trials: int, slots: int, where: str) -> dict[str, float]:
    """One study in virtual time, with rounds of twice the slots: smaller ones leave slots idle (README)."""
    size = 2 * slots
    spec = parse(SPEC.format(trials=trials, replicates=trials - min(100, trials // 2), round=size))
    store, engine, statements = Store(open_database(where, create=True)), Virtual(slots), [0]

    @event.listens_for(store.engine, "before_cursor_execute")
    def count(*_: object) -> None:
        statements[0] += 1

    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        row = run_study(spec, store, engine, Path(folder))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    store.close()
    if row.state != "complete":
        raise RuntimeError(row.reason)
    return {
        "statements a trial": statements[0] / trials,
        "coordinator CPU s a trial": cpu / trials,
        "coordinator CPU over virtual time": cpu / engine.now,
        "makespan / ideal": engine.now / (engine.work / slots),
        "idle slot seconds a trial": (engine.now * slots - engine.work) / trials,
        "wall s": wall,
    }


def run(quick: bool, rounds: int) -> Section:
    """{slots x trials: figures}."""
    sizes = (
        [(10, 100), (100, 1000)]
        if quick
        else [(10, 100), (10, 1000), (10, 10_000), *((1000, 10**n) for n in (3, 4, 5))]
    )
    found: Section = {}
    for slots, trials in sizes:
        with tempfile.TemporaryDirectory() as folder:
            name = f"{slots:,} slots, {trials:,} trials"
            found[name] = simulate(trials, slots, str(Path(folder) / "s.db"))
        say(f"{name}: {found[name]}")
    return found
