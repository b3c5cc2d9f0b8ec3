"""A study's recommendation: the choice, its α, β, γ on the export base, and the family."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.selection import choose
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.candidates import CandidateSet
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.family import family, triple_for
from scaling_search.records import PossibleOptimum, Recommendation, TrialRow
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec

MAX_OPTIMA = 60
"""Likeliest optima over which the intervals of α, β and γ are taken."""


def recommend(rows: Sequence[TrialRow], spec: StudySpec) -> Recommendation:
    """The choice with α, β, γ on the export base, and the family.

    If a family member cannot be built, it is left out and named in ``warnings``.

    Raises:
        ScalingSearchError: no candidate run is complete.
    """
    candidates = search_space(spec)
    choice = choose(rows, candidates, spec.search.indifference, spec.search.seed, equal_cost=spec.budget.mode == "real")
    export = spec.export_architecture()
    down = spec.budget.target < 1
    shares = _shares_of_macs(choice.key, choice.shares, candidates)
    triple = triple_for(shares, export, spec.family.rounding, spec.family.divisor, down)
    members = family(triple, export, spec.family.phi, spec.family.rounding, spec.family.divisor, lenient=True)
    values = {**triple._asdict(), "product": triple.product, **dict(choice), "family": members}
    values["intervals"] = _intervals(choice.optima, export, spec, candidates)
    if choice.key in candidates.by_key:
        values["network"] = candidates.by_key[choice.key].architecture.to_dict()
    if spec.budget.cost != "macs":
        values |= {"held": spec.budget.cost, "macs_shares": shares}
    values["warnings"] = (*choice.warnings, *members.notes)
    return Recommendation(**values)


def _shares_of_macs(key: str, shares: Shares, candidates: CandidateSet) -> Shares:
    """Shares of the network's growth in MACs: α, β and γ are defined by MACs, whatever cost the study fixes."""
    candidate = candidates.by_key.get(key)
    return shares if candidate is None or candidate.macs_shares is None else candidate.macs_shares


def _intervals(
    optima: Sequence[PossibleOptimum], export: Architecture, spec: StudySpec, candidates: CandidateSet
) -> dict[str, tuple[float, float]] | None:
    """90 % intervals of α, β and γ over the networks that may be best; None without a surface."""
    if not optima:
        return None
    likely = optima[:MAX_OPTIMA]
    weights = np.array([o.probability for o in likely])
    rounding, divisor, down = spec.family.rounding, spec.family.divisor, spec.budget.target < 1
    shares = [_shares_of_macs(o.key, o.shares, candidates) for o in likely]
    triples = np.array([triple_for(s, export, rounding, divisor, down) for s in shares])
    return {
        name: _quantiles(values, weights) for name, values in zip(("alpha", "beta", "gamma"), triples.T, strict=True)
    }


def _quantiles(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> tuple[float, float]:
    """5 % and 95 % quantiles of weighted values."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    low, high = (float(values[order[int(np.searchsorted(reached, q))]]) for q in (0.05, 0.95))
    return low, high
