"""Networks of equal latency: along each direction of growth, the network whose measured latency is the target.

Latency has no closed form, so the whole set cannot be enumerated. Along each of up to DIRECTIONS ways to split a growth in MACs
over the axes, MACs are stepped until the measured latency is the target; a second, independent measurement must agree. Shares
are the Shapley split of measured latency over the three toggles. What was measured is kept, so the set stays as it is.
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

WITHIN = 0.10
"""Relative error of latency that a network of the set may have."""
DIRECTIONS = 21
FINE, MOST = 6, 4
"""Steps of MACs in a doubling; doublings of MACs tried for each doubling of latency."""


class _Search:
    """Candidates of one base by their MACs and direction, and their latencies."""

    def __init__(self, watch: LatencyCache, target: float, rounding: Rounding, divisor: int) -> None:
        self.watch, self.target, self.rounding, self.divisor = watch, target, rounding, divisor
        self.up = 1 if target > 1 else -1

    def at(self, step: int, direction: Shares) -> Candidate | None:
        """The network at that many steps of MACs whose split is nearest; None where there is none."""
        try:
            macs = 2 ** (self.up * step / FINE)
            found = iso_cost_set(self.watch.base, macs, 0.04, self.rounding, self.divisor)
        except NoCandidates:
            return None
        return nearest(found, direction)

    def miss(self, c: Candidate) -> float:
        """log2 of latency over the target, positive where the step went too far."""
        return self.up * math.log2(self.watch.measure(c.architecture).ratio / self.target)

    def along(self, direction: Shares) -> Candidate | None:
        """The network of that direction whose latency is nearest the target; None where that is not near enough."""
        whole = round(FINE * abs(math.log2(self.target)))
        low, high, step = 0, MOST * whole, whole
        tried: list[tuple[float, Candidate]] = []
        while low < step < high + 1 and len(tried) < 8:
            c = self.at(step, direction)
            # no network: between the base and the first step there may be none, further out the direction has ended
            miss = self.miss(c) if c is not None else math.copysign(1.0, step - whole)
            tried += [(abs(miss), c)] if c is not None else []
            if c is not None and abs(miss) < math.log2(1 + WITHIN) / 2:
                break
            low, high = (low, step - 1) if miss > 0 else (step, high)
            step = min(low + whole, high) if high == MOST * whole else (low + high + 1) // 2
            if step == low:
                break
        if not tried:
            return None
        best = min(tried, key=lambda t: t[0])[1]
        ratio = self.ratio(best)
        return best if abs(ratio / self.target - 1) <= WITHIN else None

    def ratio(self, c: Candidate) -> float:
        """Latency over the base's, the mean of two independent measurements."""
        return (self.watch.measure(c.architecture).ratio + self.watch.measure(c.architecture, 1).ratio) / 2

    def split(self, c: Candidate) -> Shares:
        """Shares of the growth in latency; an axis that costs nothing measurable gets none."""
        base, arch, logs = self.watch.base, c.architecture, np.zeros((2, 2, 2, 1))
        for d, w, r in product((0, 1), repeat=3):
            blocks, channels = (arch if d else base).blocks, (arch if w else base).channels
            toggled = build(base, blocks, channels, (arch if r else base).resolution)
            same = toggled.key == base.key
            logs[d, w, r] = 0 if same else math.log2(self.watch.measure(toggled).ratio)
        parts = np.maximum(shapley(logs)[0], 0)
        a, b, c_ = (parts / parts.sum()).tolist()
        return a, b, c_


def _found(search: _Search) -> list[Candidate]:
    """The set's networks, each once, with shares of latency."""
    found: dict[str, Candidate] = {}
    for direction in simplex_lattice(DIRECTIONS)[:DIRECTIONS]:
        c = search.along(direction)
        if c is not None and c.key not in found:
            found[c.key] = replace(c, shares=search.split(c), held_ratio=search.ratio(c), macs_shares=c.shares)
    return list(found.values())


def _plain(c: Candidate) -> dict[str, Any]:
    """What is kept of a member; :func:`_candidate` reads it back."""
    return {"architecture": c.architecture.to_dict(), "shares": c.shares, "held_ratio": c.held_ratio}


def _candidate(base: Architecture, values: dict[str, Any]) -> Candidate:
    c = candidate(base, Architecture.from_dict(values["architecture"]))
    a, b, r = values["shares"]
    return replace(c, shares=(a, b, r), held_ratio=values["held_ratio"], macs_shares=c.shares)


@lru_cache(maxsize=8)
def iso_latency_set(
    base: Architecture, target: float, rounding: Rounding = "nearest", divisor: int = 8, batch: int = 1
) -> CandidateSet:
    """Up to DIRECTIONS networks whose latency on this device is ``target`` times the base's, within 10 %.

    The first call measures a few hundred networks, a fraction of a second each for small ones; later ones read what is kept.

    Raises:
        NoCandidates: there is none.
        InputError: a network cannot be measured here.
    """
    watch = LatencyCache(base, batch)
    named = hashlib.sha256(f"{target} {rounding} {divisor}".encode()).hexdigest()[:8]
    kept = watch.file.with_name(f"{watch.file.stem}-{named}.json")
    with watch.locked():
        if not kept.exists():
            made = [_plain(c) for c in _found(_Search(watch, target, rounding, divisor))]
            if not made:
                raise NoCandidates(
                    f"no network's latency is {target:g}× the base's within {WITHIN:.0%} on this device",
                    "choose a larger base, a lower budget.divisor, or a larger budget.latency_batch",
                )
            partial = kept.with_suffix(".tmp")
            partial.write_text(json.dumps(made))
            partial.replace(kept)
        members = [_candidate(base, values) for values in json.loads(kept.read_text())]
    return CandidateSet(sorted(members, key=lambda c: (c.shares, c.key)))
