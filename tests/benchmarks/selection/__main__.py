"""``python -m tests.benchmarks.selection``: measure how well choices are made; writes results.json beside this file.

``--quick`` takes a tenth of the studies and writes nothing. ``--only PART`` measures one of: regret, calibration, ties,
confirm, table, limits (of what can be told on that table),
oracle (how often two peaks can be seen at all).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from tests.benchmarks.selection import measure, oracle, table
from tests.benchmarks.selection.strategies import STRATEGIES
from tests.benchmarks.selection.worlds import UNIMODAL

HERE = Path(__file__).parent
RESULTS, TABLE = HERE / "results.json", HERE / "ground_truth.csv"
PARTS = ("regret", "calibration", "ties", "confirm", "table", "limits", "oracle")


class Progress:
    """A line on standard error every few seconds."""

    def __init__(self, part: str) -> None:
        self.part, self.done, self.began, self.said = part, 0, time.monotonic(), time.monotonic()

    def __call__(self) -> None:
        """One study more."""
        self.done += 1
        if time.monotonic() - self.said > 10:
            self.said = time.monotonic()
            print(f"{self.part}: {self.done} studies, {self.said - self.began:.0f} s", file=sys.stderr, flush=True)


def regret(scale: float, tick: Callable[[], None]) -> dict[str, Any]:
    """Ours against the literature's ways at 24 and 90 runs, and a third of a 66-point grid's cost."""
    names = list(STRATEGIES)
    at = {str(n): measure.ratio(measure.regrets(n, round(scale * s), names, tick)) for n, s in ((24, 300), (90, 90))}
    grid = measure.regrets(66, round(scale * 300), ["grid + best"], tick)
    third = measure.regrets(22, round(scale * 300), ["ours"], tick)
    cost = {
        "grid_66": measure.geometric(grid, "grid + best"),
        "ours_22": measure.geometric(third, "ours"),
        "grid_66_mean": {k: float(r["grid + best"].mean()) for k, r in grid.items()},
        "ours_22_mean": {k: float(r["ours"].mean()) for k, r in third.items()},
    }
    return {"at": at, "third": cost}


def ties(scale: float, tick: Callable[[], None]) -> dict[str, Any]:
    """Of every class but the prior's."""
    classes = (*UNIMODAL, "two peaks", "flat")
    return {kind: measure.ties(kind, 24, round(scale * 200), tick) for kind in classes} | {
        f"{kind}, 90 runs": measure.ties(kind, 90, round(scale * 60), tick) for kind in ("two peaks", "flat")
    }


def confirm(scale: float, tick: Callable[[], None]) -> dict[str, Any]:
    """With a planted width bias, by runs before the confirm stage and by seed noise."""
    return {
        f"{runs} runs, noise {sigma}": measure.moved(runs, 8, round(scale * 200), tick, sigma)
        for runs in (24, 40)
        for sigma in measure.SIGMAS
    }


def replay(scale: float, tick: Callable[[], None]) -> dict[str, Any] | None:
    """Strategies on the measured table; None without one."""
    if not TABLE.exists():
        return None
    found = table.read(TABLE)
    made: dict[str, Any] = {"networks": len(found.shares), "seeds": found.accuracies.shape[1]}
    made |= {"seed_noise": found.seed_noise, "held_standard_error": found.seed_noise / (made["seeds"] // 2) ** 0.5}
    times = round(scale * 1000)
    for runs in (12, 24, 48, 90):
        rows = {}
        for name, strategy in STRATEGIES.items():
            if name == "ours" and runs == 90:
                times = min(times, 200)
            pairs = []
            for world in table.worlds(found, times):
                chosen = strategy(world, runs)
                pairs.append((world.regret(chosen), world.raw_regret(chosen)))
                tick()
            smooth, raw = np.array(pairs).T
            rows[name] = table.summary(smooth) | {"raw": float(raw.mean())}
        made[str(runs)] = rows
    perfect = [world.raw_regret(int(world.smooth.argmax())) for world in table.worlds(found, times)]
    return made | {"perfect_raw": float(np.mean(perfect))}


def limits(scale: float, _: Callable[[], None]) -> dict[str, Any] | None:
    """What the measured table can tell at all; None without one."""
    return table.limits(table.read(TABLE), round(scale * 1000)) if TABLE.exists() else None


def main() -> None:
    """Measure and write."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the studies; nothing is written")
    parser.add_argument("--scale", type=float, default=1.0, help="times the studies; written with what it makes")
    parser.add_argument("--only", choices=PARTS)
    given = parser.parse_args()
    scale = 0.1 if given.quick else given.scale
    measures: dict[str, Callable[[Callable[[], None]], Any]] = {
        "regret": partial(regret, scale),
        "calibration": lambda tick: measure.calibration(24, round(scale * 2000), tick),
        "ties": partial(ties, scale),
        "confirm": partial(confirm, scale),
        "table": partial(replay, scale),
        "limits": partial(limits, scale),
        "oracle": lambda tick: oracle.two_peaks(24, round(scale * 300), tick),
    }
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for part in [given.only] if given.only else PARTS:
        found = measures[part](Progress(part))
        print(json.dumps({part: found}, indent=1))
        results[part] = {"scale": scale, "found": found}
        if not given.quick:
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
