"""The nominal grid of the literature: triples whose product is near the target, and the networks that they round to."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import Architecture, Rounding, scale
from scaling_search.networks.candidates import Candidate, candidate
from scaling_search.networks.coefficients import Triple


def nominal_triples(target: float, step: float, slack: float) -> list[Triple]:
    """Triples on a grid of ``step`` from 1 to ``target`` with |α·β²·γ² − target| ≤ ``slack``: 108 for 2, 0.05 and 0.1.

    This is the grid search of Tan & Le 2019, section 3.3, as it is usually implemented.
    """
    values = [round(1 + i * step, 10) for i in range(math.floor((target - 1) / step + 1e-9) + 1)]
    triples = (Triple(a, b, c) for a, b, c in product(values, repeat=3))
    return [t for t in triples if abs(t.product - target) <= slack]


@lru_cache(maxsize=16)
def nominal_grid(
    base: Architecture, target: float, step: float, slack: float, rounding: Rounding, divisor: int
) -> tuple[tuple[Triple, Candidate], ...]:
    """The distinct networks of the nominal grid that are larger than the base, each with the first triple that rounds to it.

    Raises:
        NoCandidates: the grid has no triple, or every triple rounds to the base.
    """
    networks: dict[str, tuple[Triple, Candidate]] = {}
    for t in nominal_triples(target, step, slack):
        scaled = candidate(base, scale(base, t.alpha, t.beta, round(base.resolution * t.gamma), rounding, divisor))
        if scaled.macs_ratio > 1:
            networks.setdefault(scaled.key, (t, scaled))
    if not networks:
        raise NoCandidates(
            f"no triple on a grid of {step:g} has a product within {slack:g} of {target:g}", "widen budget.slack"
        )
    return tuple(networks.values())
