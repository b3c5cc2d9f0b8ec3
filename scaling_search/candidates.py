"""The networks that a study searches: its iso-cost set, or the literature's nominal grid; and the points that spread over one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np

from scaling_search.architecture import Architecture, Rounding, scale
from scaling_search.coefficients import Shares, Triple, triple_of
from scaling_search.errors import NoCandidates
from scaling_search.iso import (
    AXIS_LIMIT,
    Candidate,
    CandidateSet,
    candidate,
    iso_cost_set,
    nearest,
    nearest_growth,
    share_matrix,
)
from scaling_search.latency_set import iso_latency_set
from scaling_search.lattice import simplex_lattice
from scaling_search.spec import StudySpec


def nominal_triples(target: float, step: float, slack: float) -> list[Triple]:
    """Triples on a grid of ``step`` from 1 to ``target`` with |α·β²·γ² − target| ≤ ``slack``: 108 for 2, 0.05 and 0.1.

    This is the search of Tan & Le 2019, section 3.3, as implementations of it run it.
    """
    values = [round(1 + i * step, 10) for i in range(math.floor((target - 1) / step + 1e-9) + 1)]
    triples = (Triple(a, b, c) for a, b, c in product(values, repeat=3))
    return [t for t in triples if abs(t.product - target) <= slack]


@lru_cache(maxsize=16)
def nominal_grid(
    base: Architecture, target: float, step: float, slack: float, rounding: Rounding, divisor: int
) -> tuple[tuple[Triple, Candidate], ...]:
    """The distinct networks of the nominal grid, each with the first triple that rounds to it.

    Raises:
        NoCandidates: no triple, or none that differs from the base.
    """
    found: dict[str, tuple[Triple, Candidate]] = {}
    for t in nominal_triples(target, step, slack):
        made = candidate(base, scale(base, t.alpha, t.beta, round(base.resolution * t.gamma), rounding, divisor))
        if made.macs_ratio > 1:
            found.setdefault(made.key, (t, made))
    if not found:
        raise NoCandidates(
            f"no triple on a grid of {step:g} has a product within {slack:g} of {target:g}", "widen budget.slack"
        )
    return tuple(found.values())


def nominal_grid_of(spec: StudySpec) -> tuple[tuple[Triple, Candidate], ...]:
    """The grid of a study whose ``budget.mode`` is nominal."""
    b = spec.budget
    return nominal_grid(spec.base_architecture(), b.target, b.step, b.slack, b.rounding, b.divisor)


def candidates_at(spec: StudySpec, target: float) -> CandidateSet:
    """The networks that cost ``target`` times a study's base, by the cost that its budget holds."""
    b, base = spec.budget, spec.base_architecture()
    if b.cost == "latency":
        return iso_latency_set(base, target, b.rounding, b.divisor, b.latency_batch)
    return iso_cost_set(base, target, b.tolerance, b.rounding, b.divisor, b.cost)


def candidates_of(spec: StudySpec) -> CandidateSet:
    """The networks a study searches: its iso-cost set, or its nominal grid."""
    if spec.budget.mode == "nominal":
        return CandidateSet(c for _, c in nominal_grid_of(spec))
    return candidates_at(spec, spec.budget.target)


def asked_triple(shares: Shares, spec: StudySpec) -> Triple:
    """What these shares ask for: its α·β²·γ² is the target, or α·β·γ² where activations are held."""
    power = 1 if spec.budget.cost == "activations" else 2
    return triple_of(shares, math.log2(spec.budget.target), power)


def typical_macs(spec: StudySpec) -> float:
    """MACs of a study's candidates over its base's: the target, or where another cost is held, their mean."""
    target = spec.budget.target ** (spec.validation.phi if spec.validation else 1)
    if spec.budget.cost == "macs":
        return target
    return float(np.mean([c.macs_ratio for c in candidates_at(spec, target)]))


def extremes(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """The candidates nearest to spending all on depth, on width and on resolution."""
    corners = {"depth": (1.0, 0.0, 0.0), "width": (0.0, 1.0, 0.0), "resolution": (0.0, 0.0, 1.0)}
    return {axis: nearest(candidates, corner) for axis, corner in corners.items()}


__all__ = [
    "AXIS_LIMIT",
    "Candidate",
    "CandidateSet",
    "asked_triple",
    "candidate",
    "candidates_at",
    "candidates_of",
    "extremes",
    "iso_cost_set",
    "nearest",
    "nearest_growth",
    "nominal_grid",
    "nominal_grid_of",
    "nominal_triples",
    "share_matrix",
    "simplex_lattice",
    "typical_macs",
]
