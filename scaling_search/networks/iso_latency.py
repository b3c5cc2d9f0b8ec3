"""Networks of equal latency: for each of several splits of a growth in MACs, the network whose measured latency is the target.

Latency has no closed form, so the set cannot be enumerated. For each of MAX_DIRECTIONS shares of MACs, MACs are stepped until the
measured latency is the target; a second, independent measurement must agree. Shares of latency are the Shapley split of measured
latencies. Measurements and the set itself are cached, so later calls return the same set.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import Architecture, Rounding, build
from scaling_search.networks.candidates import Candidate, CandidateSet, candidate, nearest
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.networks.latency import LatencyCache
from scaling_search.networks.shares import shapley
from scaling_search.networks.simplex_lattice import simplex_lattice

LATENCY_TOLERANCE = 0.10
"""Allowed relative error of latency."""
MAX_DIRECTIONS = 21
STEPS_PER_DOUBLING, MAX_DOUBLINGS, MAX_TRIED = 6, 4, 8
"""Steps of MACs in a doubling; doublings of MACs tried for each doubling of latency; networks measured in one direction."""


class _Search:
    """Searches for networks of the target latency among iso-cost sets of one base."""

    def __init__(self, latencies: LatencyCache, target: float, rounding: Rounding, divisor: int) -> None:
        self.latencies, self.target, self.rounding, self.divisor = latencies, target, rounding, divisor
        self.sign = 1 if target > 1 else -1

    def network_at(self, step: int, direction: Shares) -> Candidate | None:
        """The network after ``step`` steps of MACs whose shares are nearest to ``direction``; None if there is no network."""
        try:
            macs_ratio = 2 ** (self.sign * step / STEPS_PER_DOUBLING)
            candidates = iso_cost_set(self.latencies.base, macs_ratio, 0.04, self.rounding, self.divisor)
        except NoCandidates:
            return None
        return nearest(candidates, direction)

    def overshoot(self, c: Candidate) -> float:
        """log2 of latency over the target, positive if the step is too large."""
        return self.sign * math.log2(self.latencies.measure(c.architecture).ratio / self.target)

    def best_along(self, direction: Shares) -> Candidate | None:
        """The network in that direction whose latency is nearest to the target; None if it is not within LATENCY_TOLERANCE."""
        first = round(STEPS_PER_DOUBLING * abs(math.log2(self.target)))
        low, high, step = 0, MAX_DOUBLINGS * first, first
        tried: list[tuple[float, Candidate]] = []
        while low < step < high + 1 and len(tried) < MAX_TRIED:
            c = self.network_at(step, direction)
            if c is None:  # below the first step the sets can be empty; above it, the direction has ended
                overshoot = math.copysign(1.0, step - first)
            else:
                overshoot = self.overshoot(c)
                tried.append((abs(overshoot), c))
                if abs(overshoot) < math.log2(1 + LATENCY_TOLERANCE) / 2:
                    break
            low, high = (low, step - 1) if overshoot > 0 else (step, high)
            step = min(low + first, high) if high == MAX_DOUBLINGS * first else (low + high + 1) // 2
            if step == low:
                break
        if not tried:
            return None
        best = min(tried, key=lambda t: t[0])[1]
        return best if abs(self.ratio(best) / self.target - 1) <= LATENCY_TOLERANCE else None

    def ratio(self, c: Candidate) -> float:
        """Latency over the base's, the mean of two independent measurements."""
        return (self.latencies.measure(c.architecture).ratio + self.latencies.measure(c.architecture, 1).ratio) / 2

    def shares(self, c: Candidate) -> Shares:
        """Shares of the growth in latency; negative ones are set to 0."""
        base, arch, log_ratios = self.latencies.base, c.architecture, np.zeros((2, 2, 2, 1))
        for d, w, r in product((0, 1), repeat=3):
            blocks, channels = (arch if d else base).blocks, (arch if w else base).channels
            toggled = build(base, blocks, channels, (arch if r else base).resolution)
            is_base = toggled.key == base.key
            log_ratios[d, w, r] = 0 if is_base else math.log2(self.latencies.measure(toggled).ratio)
        parts = np.maximum(shapley(log_ratios)[0], 0)
        depth, width, resolution = (parts / parts.sum()).tolist()
        return depth, width, resolution


def _measure_set(search: _Search) -> list[Candidate]:
    """The distinct networks of the set, with shares of latency."""
    by_key: dict[str, Candidate] = {}
    for direction in simplex_lattice(MAX_DIRECTIONS)[:MAX_DIRECTIONS]:
        c = search.best_along(direction)
        if c is not None and c.key not in by_key:
            by_key[c.key] = replace(c, shares=search.shares(c), held_ratio=search.ratio(c), macs_shares=c.shares)
    return list(by_key.values())


def _to_dict(c: Candidate) -> dict[str, Any]:
    """The cached form of a candidate; :func:`_from_dict` is the inverse."""
    return {"architecture": c.architecture.to_dict(), "shares": c.shares, "held_ratio": c.held_ratio}


def _from_dict(base: Architecture, values: dict[str, Any]) -> Candidate:
    c = candidate(base, Architecture.from_dict(values["architecture"]))
    a, b, r = values["shares"]
    return replace(c, shares=(a, b, r), held_ratio=values["held_ratio"], macs_shares=c.shares)


@lru_cache(maxsize=8)
def iso_latency_set(
    base: Architecture, target: float, rounding: Rounding = "nearest", divisor: int = 8, batch: int = 1
) -> CandidateSet:
    """Up to MAX_DIRECTIONS networks whose latency on this device is ``target`` times the base's, within LATENCY_TOLERANCE.

    The first call measures a few hundred networks, which takes a fraction of a second for each small one. Later calls read
    the cache.

    Raises:
        NoCandidates: the set is empty.
        InputError: a network cannot be measured on this device.
    """
    latencies = LatencyCache(base, batch)
    digest = hashlib.sha256(f"{target} {rounding} {divisor}".encode()).hexdigest()[:8]
    path = latencies.path.with_name(f"{latencies.path.stem}-{digest}.json")
    with latencies.locked():
        if not path.exists():
            measured = [_to_dict(c) for c in _measure_set(_Search(latencies, target, rounding, divisor))]
            if not measured:
                raise NoCandidates(
                    f"no network's latency is {target:g}× the base's within {LATENCY_TOLERANCE:.0%} on this device",
                    "choose a larger base, a lower budget.divisor, or a larger budget.latency_batch",
                )
            partial = path.with_suffix(".tmp")
            partial.write_text(json.dumps(measured))
            partial.replace(path)
        members = [_from_dict(base, values) for values in json.loads(path.read_text())]
    return CandidateSet(sorted(members, key=lambda c: (c.shares, c.key)))
