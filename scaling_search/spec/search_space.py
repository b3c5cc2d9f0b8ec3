"""The networks that a study searches: its iso-cost set or the literature's nominal grid."""

from __future__ import annotations

import math

import numpy as np

from scaling_search.networks.candidates import Candidate, CandidateSet
from scaling_search.networks.coefficients import Shares, Triple, triple_of
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.networks.iso_latency import iso_latency_set
from scaling_search.networks.nominal_grid import nominal_grid
from scaling_search.spec.study import StudySpec


def nominal_grid_at(spec: StudySpec) -> tuple[tuple[Triple, Candidate], ...]:
    """The grid of triples and their networks, for ``budget.mode: nominal``."""
    b = spec.budget
    return nominal_grid(spec.base_architecture(), b.target, b.step, b.slack, b.rounding, b.divisor)


def networks_at(spec: StudySpec, target: float) -> CandidateSet:
    """The networks whose ``budget.cost`` is ``target`` times that of the study's base."""
    b, base = spec.budget, spec.base_architecture()
    if b.cost == "latency":
        return iso_latency_set(base, target, b.rounding, b.divisor, b.latency_batch)
    return iso_cost_set(base, target, b.tolerance, b.rounding, b.divisor, b.cost)


def search_space(spec: StudySpec) -> CandidateSet:
    """All networks that a study may propose."""
    if spec.budget.mode == "nominal":
        return CandidateSet(c for _, c in nominal_grid_at(spec))
    return networks_at(spec, spec.budget.target)


def proposed_triple(shares: Shares, spec: StudySpec) -> Triple:
    """The exact (α, β, γ) of shares: α·β²·γ² is the target, or α·β·γ² for ``cost: activations``."""
    power = 1 if spec.budget.cost == "activations" else 2
    return triple_of(shares, math.log2(spec.budget.target), power)


def typical_macs(spec: StudySpec) -> float:
    """MACs of a candidate over those of the base: the target, or the candidates' mean if the budget is another cost."""
    target = spec.budget.target ** (spec.validation.phi if spec.validation else 1)
    if spec.budget.cost == "macs":
        return target
    return float(np.mean([c.macs_ratio for c in networks_at(spec, target)]))
