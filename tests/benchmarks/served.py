"""A database of many runs, and servers of it as processes of their own, with the processor time they used."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
import psutil

from scaling_search.analysis.recommendation import recommend
from scaling_search.records import EpochResult, Proposal, TrialEnd
from scaling_search.report import build_choice_view, collect_study_data
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Control, Store

SPEC = """
name: big
base: {{width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}}
budget: {{divisor: 2}}
search: {{trials: {trials}, replicates: 0, base_runs: 0}}
proxy: {{epochs: {epochs}}}
"""
CPU_CLOCK = 2
"""Linux: a process's clock is ~pid << 3 | this; see clock_getcpuclockid(3)."""
FITTED = 400
"""Runs that the stored choice is fitted to; fitting more takes minutes and changes no page."""


@dataclass(frozen=True)
class Served:
    """A server that answers, and what asks it."""

    client: httpx.Client
    process: psutil.Process

    def seconds(self) -> float:
        """Processor seconds of the server and its children so far, to the nanosecond, those of ended threads included.

        Time spent waiting for a core, of which there is much on a machine that others use, is not among them.
        """
        every = (self.process, *self.process.children(recursive=True))
        return sum(time.clock_gettime(~p.pid << 3 | CPU_CLOCK) for p in every)


@contextmanager
def running(command: list[str], url: str) -> Iterator[Served]:
    """A server, once it answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = httpx.Client(base_url=url, timeout=600, trust_env=False)
    try:
        while process.poll() is None:
            with suppress(httpx.TransportError):
                client.get("/")
                break
            time.sleep(0.2)
        else:
            raise RuntimeError(f"{' '.join(command)} ended with code {process.returncode}; is {url} taken?")
        yield Served(client, psutil.Process(process.pid))
    finally:
        client.close()
        process.terminate()
        process.wait()


def fill(store: Store, trials: int, epochs: int, studies: int) -> None:
    """One large study whose runs' numbers are made up, and ``studies`` - 1 small ones."""
    spec = parse(SPEC.format(trials=trials, epochs=epochs))
    _large(store, spec)
    plain = spec.model_dump(mode="json")
    for i in range(studies - 1):
        row = {"name": f"s{i}", "description": "", "spec": plain, "spec_hash": "", "versions": {}}
        Control(store).submit(row, "bench")


def _large(store: Store, spec: StudySpec) -> None:
    dice, some = random.Random(0), search_space(spec)
    store.create_study(spec.name, "", spec.model_dump(mode="json"), spec.hash(), {})
    claim = store.claim(spec.name, "bench:1", 36_000)
    if claim is None:
        raise RuntimeError("the study is held by somebody else")
    store.move_study(claim, "running")
    for start in range(0, spec.search.trials, 500):
        numbers = range(start, min(start + 500, spec.search.trials))
        picks = {n: dice.choice(some) for n in numbers}
        store.add_trials(claim, [Proposal(n, n // 8, "candidate", n, c.triple, c) for n, c in picks.items()])
        store.write(claim, started=numbers)
        curves = {n: [_epoch(e, spec.proxy.epochs, dice) for e in range(spec.proxy.epochs)] for n in numbers}
        store.write(claim, epochs=[(n, e) for n, curve in curves.items() for e in curve])
        store.write(claim, ended=[TrialEnd(n, "complete", last=c[-1], seconds=40.0) for n, c in curves.items()])
    rows = store.trials(spec.name)[:FITTED]
    values = recommend(rows, spec).to_dict()
    shown = build_choice_view(collect_study_data(store.study(spec.name), rows, (), values))
    store.record_choice(claim, values, len(rows), values["family"]["models"], shown)
    store.release(claim)


def _epoch(e: int, epochs: int, dice: random.Random) -> EpochResult:
    accuracy = 0.5 + 0.3 * (e + 1) / epochs + dice.gauss(0, 0.005)
    return EpochResult(e, 1.0, 1.0, accuracy, 0.001, 2.0, 500.0)
