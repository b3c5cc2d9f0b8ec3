"""How long pages take with 10,000 trials of 20 epochs in one study and 1,000 studies, optuna-dashboard beside it.

The trials' numbers are made up; the rows, the database, the servers, the requests and the browser are real. "First useful paint"
is from the start of the navigation, with an empty cache, to the frame after the one in which the page's first result is in the
document: the triangle with its points, a row of the list; of optuna-dashboard a point of its first plot, the study in its list.
"""

from __future__ import annotations

import gzip
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from scaling_search.records import last_curves
from scaling_search.search.optuna_export import copy_study
from scaling_search.store import Store, open_database
from tests.benchmarks.measure import Section, say
from tests.benchmarks.readme import PATIENCE
from tests.benchmarks.served import Served, fill, running
from tests.support.chromium import CHROMIUM, FLAGS

OURS, THEIRS = "http://127.0.0.1:8391", "http://127.0.0.1:8392"
PATHS = {
    "list of studies": "/",
    "study page": "/studies/big",
    "study JSON": "/api/v1/studies/big",
    "plots JSON": "/api/v1/studies/big/plots",
    "trials page": "/studies/big/trials?sort=accuracy&descending=true",
}
THEIR_PATHS = {"list of studies": "/api/studies", "study JSON": "/api/studies/1?after=0"}
PAINTS = {"study page": ("/studies/big", "#picture svg g[tabindex]"), "list of studies": ("/", "#rows tr")}
THEIR_PAINTS = {
    "study page": ("/dashboard/studies/1", ".js-plotly-plot .point"),
    "list of studies": ("/dashboard", "a[href$='/studies/1']"),
}
WATCH = """window.painted = new Promise((done) => {
  const look = () => requestAnimationFrame(() => {
    if (document.querySelector(SELECTOR)) requestAnimationFrame(() => done(performance.now()));
    else look();
  });
  look();
})"""


class Asked:
    """Answers' wall times and their server's processor times (ms), and their compressed size, over all rounds."""

    def __init__(self) -> None:
        self.spent: list[float] = []
        self.worked: list[float] = []
        self.size = 0

    def ask(self, served: Served, path: str, repeats: int) -> None:
        """Some requests after a first one."""
        self.size = len(gzip.compress(served.client.get(path).raise_for_status().content, 5))
        for _ in range(repeats):
            before, began = served.seconds(), time.perf_counter()
            served.client.get(path).raise_for_status()
            self.spent.append(1000 * (time.perf_counter() - began))
            self.worked.append(1000 * (served.seconds() - before))

    def result(self) -> dict[str, float]:
        """Medians and 95th percentiles of both times; size in kB."""
        (p50, p95), (cpu50, cpu95) = (np.quantile(times, [0.5, 0.95]).tolist() for times in (self.spent, self.worked))
        return {"p50_ms": p50, "p95_ms": p95, "cpu_p50_ms": cpu50, "cpu_p95_ms": cpu95, "kb": self.size / 1000}


def painted(browser: Browser, url: str, selector: str) -> float:
    """Seconds from the navigation's start to the first useful paint, with nothing cached; at most PATIENCE."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    try:
        page = context.new_page()
        page.add_init_script(WATCH.replace("SELECTOR", repr(selector)))
        page.goto(url, wait_until="commit")
        give_up = f"new Promise((done) => setTimeout(() => done({1000 * PATIENCE}), {1000 * PATIENCE}))"
        return float(page.evaluate(f"Promise.race([window.painted, {give_up}])")) / 1000
    finally:
        context.close()


def copied(store: Store, folder: Path, trials: int) -> str:
    """The large study in Optuna's own tables, as a URL.

    Optuna commits 20 times a trial, so 10,000 take it hours: its tables get the first trials as it writes them, and those
    rows over and over until there are ``trials``.
    """
    rows = store.trials("big")[:100]
    curves = {n: [e.accuracy for e in c] for n, c in last_curves(rows, store.epochs("big")).items()}
    copy_study(store.study("big"), rows, curves, f"sqlite:///{folder}/optuna.db")
    with closing(sqlite3.connect(folder / "optuna.db")) as database, database:
        parts = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'trial%'"
        ).fetchall()
        for (table,) in parts:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for shift in range(len(rows), trials, len(rows)):
                moved = {columns[0]: "NULL", "trial_id": f"trial_id + {shift}", "number": f"number + {shift}"}
                picked = ", ".join(moved.get(c, c) for c in columns)
                database.execute(f"INSERT INTO {table} SELECT {picked} FROM {table} WHERE trial_id <= {len(rows)}")
    return f"sqlite:///{folder}/optuna.db"


def _rounds(
    sides: Mapping[str, tuple[Served, Mapping[str, str]]], repeats: Mapping[str, int], rounds: Mapping[str, int]
) -> dict[str, dict[str, dict[str, float]]]:
    found = {side: {name: Asked() for name in paths} for side, (_, paths) in sides.items()}
    for k in range(max(rounds.values())):
        for side, (served, paths) in sides.items():
            for name, path in paths.items() if k < rounds[side] else ():
                found[side][name].ask(served, path, repeats[side])
                say(f"round {k + 1} of {rounds[side]}, {side}: {name} {found[side][name].result()}")
    return {side: {name: asked.result() for name, asked in of.items()} for side, of in found.items()}


def _paints(
    sides: Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]], rounds: Mapping[str, int]
) -> dict[str, dict[str, float]]:
    seen: dict[str, dict[str, list[float]]] = {side: {name: [] for name in of} for side, (_, of) in sides.items()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for k in range(max(rounds.values())):
            for side, (url, paints) in sides.items():
                for name, (path, selector) in paints.items() if k < rounds[side] else ():
                    seen[side][name].append(painted(browser, url + path, selector))
                    say(f"paint {k + 1} of {rounds[side]}, {side}: {name} {seen[side][name][-1]:.2f} s")
        browser.close()
    return {side: {name: statistics.median(v) for name, v in of.items()} for side, of in seen.items()}


def run(quick: bool, rounds: int) -> Section:
    """{size, pages and paints of each side}; optuna-dashboard's where it is installed, paints where Chromium is."""
    size = {"trials": 500, "epochs": 20, "studies": 50} if quick else {"trials": 10_000, "epochs": 20, "studies": 1_000}
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as here, ExitStack() as stack:
        db = f"{here}/s.db"
        store = Store(open_database(db, create=True))
        stack.callback(store.close)
        fill(store, **size)
        command = [sys.executable, "-m", "scaling_search.cli", "serve", "--db", db, "--port", OURS[-4:], "--no-worker"]
        sides = {"ours": (stack.enter_context(running(command, OURS)), PATHS)}
        paints: dict[str, Any] = {"ours": (OURS, PAINTS)}
        if find_spec("optuna_dashboard"):
            url = copied(store, Path(here), size["trials"])
            dashboard = [str(Path(sys.executable).with_name("optuna-dashboard")), url, "--port", THEIRS[-4:]]
            sides["optuna-dashboard"] = (stack.enter_context(running(dashboard, THEIRS)), THEIR_PATHS)
            paints["optuna-dashboard"] = (THEIRS, THEIR_PAINTS)
        turns = {"ours": rounds, "optuna-dashboard": 1}  # an answer of its large study takes it half a minute
        pages = _rounds(sides, {"ours": 20, "optuna-dashboard": 1}, turns)
        return {"size": size, "pages": pages, "paint_s": _paints(paints, turns) if CHROMIUM else {}}
