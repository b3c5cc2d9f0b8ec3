"""What comes before training: the iso-cost set with its shares, and nearest-candidate queries."""

from __future__ import annotations

import time

import numpy as np

from scaling_search.networks.bases import EFFICIENTNET_B0
from scaling_search.networks.candidates import nearest
from scaling_search.networks.iso_cost import iso_cost_set
from tests.benchmarks.measure import Section, interleaved


def _enumerate(target: float) -> float:
    iso_cost_set.cache_clear()
    began = time.perf_counter()
    iso_cost_set(EFFICIENTNET_B0, target)
    return time.perf_counter() - began


def _queries(target: float, n: int = 1000) -> float:
    candidates = iso_cost_set(EFFICIENTNET_B0, target)
    points = np.random.default_rng(0).dirichlet((1, 1, 1), n).tolist()
    began = time.perf_counter()
    for point in points:
        nearest(candidates, point)
    return time.perf_counter() - began


def run(quick: bool, rounds: int) -> Section:
    """{target: networks, seconds to enumerate them, seconds of 1,000 queries}."""
    found = {}
    for target in (2.0,) if quick else (2.0, 128.0):
        sides = {"enumerate": lambda t=target: _enumerate(t), "1,000 queries": lambda t=target: _queries(t)}
        seconds = interleaved(f"planning B0 at 224 px, target {target:g}, s", sides, rounds)
        found[f"{target:g}"] = {"networks": len(iso_cost_set(EFFICIENTNET_B0, target)), "seconds": seconds}
    return found
