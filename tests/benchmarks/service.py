"""`make bench`: how long pages take with 10,000 trials of 20 epochs in one study and 1,000 studies, optuna-dashboard beside.

The trials' numbers are made up, the rows, the database, the server and the requests are real. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import gzip
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np

from scaling_search.candidates import candidates_of
from scaling_search.conclude import conclude
from scaling_search.optuna_copy import copy_study
from scaling_search.records import EpochResult, Proposal, TrialEnd, last_curves
from scaling_search.report import findings, portrait
from scaling_search.spec import StudySpec, parse
from scaling_search.store import Control, Store, open_database

SPEC = "name: big\nbase: {{width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}}\nbudget: {{divisor: 2}}\n"
SPEC += "search: {{trials: {trials}, replicates: 0, base_runs: 0}}\nproxy: {{epochs: {epochs}}}"
PATHS = {
    "list of studies": "/",
    "study page": "/studies/big",
    "study JSON": "/api/v1/studies/big",
    "plots JSON": "/api/v1/studies/big/plots",
    "trials page": "/studies/big/trials?sort=accuracy&descending=true",
}


def fill(store: Store, spec: StudySpec, studies: int) -> None:
    """One large study, and many small ones."""
    dice, some = random.Random(0), candidates_of(spec)
    store.create_study(spec.name, "", spec.model_dump(mode="json"), spec.hash(), {})
    claim = store.claim(spec.name, "bench:1", 36_000)
    assert claim is not None
    store.move_study(claim, "running")
    for start in range(0, spec.search.trials, 500):
        numbers = range(start, min(start + 500, spec.search.trials))
        picks = {n: dice.choice(some) for n in numbers}
        store.add_trials(claim, [Proposal(n, n // 8, "candidate", n, c.triple, c) for n, c in picks.items()])
        store.write(claim, started=numbers)
        curves = {n: [_epoch(e, spec.proxy.epochs, dice) for e in range(spec.proxy.epochs)] for n in numbers}
        store.write(claim, epochs=[(n, e) for n, curve in curves.items() for e in curve])
        store.write(claim, ended=[TrialEnd(n, "complete", last=c[-1], seconds=40.0) for n, c in curves.items()])
    rows = store.trials(spec.name)[:400]
    values, members = conclude(rows, spec)
    store.record_choice(claim, values, len(rows), members, portrait(findings(store.study("big"), rows, (), values)))
    store.release(claim)
    plain = spec.model_dump(mode="json")
    for i in range(studies - 1):
        Control(store).submit(
            {"name": f"s{i}", "description": "", "spec": plain, "spec_hash": "", "versions": {}}, "bench"
        )


def _epoch(e: int, epochs: int, dice: random.Random) -> EpochResult:
    accuracy = 0.5 + 0.3 * (e + 1) / epochs + dice.gauss(0, 0.005)
    return EpochResult(e, 1.0, 1.0, accuracy, 0.001, 2.0, 500.0)


@contextmanager
def running(command: list[str], url: str) -> Iterator[httpx.Client]:
    """A server, once it answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = httpx.Client(base_url=url, timeout=600, trust_env=False)
    try:
        while True:
            with suppress(httpx.TransportError):
                client.get("/")
                break
            time.sleep(0.2)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait()


def timed(ask: Callable[[], httpx.Response], repeats: int) -> tuple[float, float, int]:
    """Median and 95th percentile (ms) of some requests after a first, and the compressed bytes of the answer."""
    answer, spent = ask(), []
    for _ in range(repeats):
        began = time.perf_counter()
        answer = ask().raise_for_status()
        spent.append(1000 * (time.perf_counter() - began))
    p50, p95 = np.quantile(spent, [0.5, 0.95]).tolist()
    return p50, p95, len(gzip.compress(answer.content, 5))


def main() -> None:
    """Fill, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--studies", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=40)
    given = parser.parse_args()
    spec = parse(SPEC.format(trials=given.trials, epochs=given.epochs))
    with tempfile.TemporaryDirectory() as folder:
        db, other = f"{folder}/s.db", f"sqlite:///{folder}/optuna.db"
        store = Store(open_database(db, create=True))
        fill(store, spec, given.studies)
        command = [sys.executable, "-m", "scaling_search.cli", "serve", "--db", db, "--port", "8391", "--no-worker"]
        print(f"{given.trials} trials x {given.epochs} epochs, {given.studies} studies; ms: median, p95; compressed KB")
        with running(command, "http://127.0.0.1:8391") as client:
            for name, path in PATHS.items():
                p50, p95, size = timed(lambda path=path: client.get(path), given.repeats)  # type: ignore[misc]
                print(f"{name:18}{p50:9.1f}{p95:9.1f}{size / 1000:9.1f}")
        dashboard = Path(sys.executable).with_name("optuna-dashboard")
        if not dashboard.exists():
            print("optuna-dashboard is not installed here: pip install optuna-dashboard")
            return
        rows = store.trials("big")
        curves = {n: [e.accuracy for e in c] for n, c in last_curves(rows, store.epochs("big")).items()}
        copy_study(store.study("big"), rows, curves, other)
        with running([str(dashboard), other, "--port", "8392"], "http://127.0.0.1:8392") as client:
            for name, path in (("  its list", "/api/studies"), ("  its study JSON", "/api/studies/1?after=0")):
                p50, p95, size = timed(lambda path=path: client.get(path), 5)  # type: ignore[misc]
                print(f"{name:18}{p50:9.1f}{p95:9.1f}{size / 1000:9.1f}   (optuna-dashboard)")
        store.close()


if __name__ == "__main__":
    main()
