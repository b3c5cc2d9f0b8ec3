"""How often two peaks can be seen at all: the most powerful test, which knows each class's shapes and the noise (Neyman & Pearson 1933).

Its statistic is the log of the evidence for the two-peaked class over the mean evidence for the unimodal ones, by surfaces
drawn from the classes themselves; σ and τ are the true ones and the level is free. No method that is not told them does better.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from scaling_search.analysis.observations import Observations
from tests.benchmarks.selection.measure import SIGMAS
from tests.benchmarks.selection.strategies import staged
from tests.benchmarks.selection.worlds import EFFECT, UNIMODAL, shares, truth, world

Array = npt.NDArray[np.float64]
SURFACES, FALSE_ALARMS = 4000, 0.1


@lru_cache(maxsize=8)
def _surfaces(kind: str) -> Array:
    random = np.random.default_rng(99)
    return np.array([truth(kind, random) for _ in range(SURFACES)])


def _log_evidence(kind: str, data: Observations, at: npt.NDArray[np.int64], sigma: float) -> float:
    missed, weights = data.mean - _surfaces(kind)[:, at], 1 / (EFFECT**2 + sigma**2 / data.count)
    missed -= (missed @ weights / weights.sum())[:, np.newaxis]
    return float(logsumexp(-0.5 * missed**2 @ weights)) - math.log(SURFACES)


def two_peaks(runs: int, studies: int, tick: Callable[[], None]) -> dict[str, Any]:
    """Power at a threshold that lets ``FALSE_ALARMS`` of the studies of every unimodal class through."""
    found: dict[str, list[float]] = {}
    for kind in (*UNIMODAL, "two peaks"):
        for seed in range(studies):
            sigma = SIGMAS[seed % len(SIGMAS)]
            data = staged(world(kind, sigma, 30_000 + seed), runs)
            at = np.array([int(((shares() - s) ** 2).sum(axis=1).argmin()) for s in data.shares])
            one = [_log_evidence(k, data, at, sigma) for k in UNIMODAL]
            two = _log_evidence("two peaks", data, at, sigma)
            found.setdefault(kind, []).append(two - float(logsumexp(one)) + math.log(len(one)))
            tick()
    threshold = max(float(np.quantile(found[kind], 1 - FALSE_ALARMS)) for kind in UNIMODAL)
    power = float(np.mean(np.array(found["two peaks"]) > threshold))
    return {"power": power, "false_alarms": FALSE_ALARMS, "runs": runs, "studies": studies}
