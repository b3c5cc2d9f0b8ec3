"""Candidates: real networks with their cost and shares relative to a base, and the candidate nearest to given shares.

Shares are the Shapley split of a network's real growth in cost over depth, width and resolution (Shapley 1953). Searches,
surfaces and plots use these shares, not the nominal ones.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import Architecture, build
from scaling_search.networks.coefficients import Shares, Triple, triple_of
from scaling_search.networks.cost import Cost, CostKind, Pixels, cost, cost_curve
from scaling_search.networks.shares import shapley, toggled_log_costs

Option = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network of an iso-cost set. ``depth``, ``width`` and ``resolution`` are blocks, channels and px divided by the base's.

    ``shares`` split the growth in the cost that is equal in the set. If that cost is not MACs, ``held_ratio`` is its ratio to
    the base's, and ``macs_shares`` split the growth in MACs.
    """

    architecture: Architecture
    cost: Cost
    macs_ratio: float
    shares: Shares
    depth: float
    width: float
    resolution: float
    held_ratio: float | None = None
    macs_shares: Shares | None = None

    @property
    def key(self) -> str:
        """Key of the architecture."""
        return self.architecture.key

    @property
    def triple(self) -> Triple:
        """(α, β, γ) from the real shares of MACs and the real ratio of MACs."""
        return triple_of(self.macs_shares or self.shares, math.log2(self.macs_ratio))


class CandidateSet(tuple[Candidate, ...]):
    """A tuple of candidates that caches its share matrix and its index by key."""

    @cached_property
    def matrix(self) -> npt.NDArray[np.float64]:
        """Shares of each candidate, (n, 3)."""
        return _matrix(self)

    @cached_property
    def by_key(self) -> dict[str, Candidate]:
        """Candidates by the key of their architecture."""
        return {c.key: c for c in self}


def _matrix(candidates: Sequence[Candidate]) -> npt.NDArray[np.float64]:
    return np.array([c.shares for c in candidates], np.float64).reshape(-1, 3)


def networks_by_px(
    base: Architecture, blocks: Option, channels: Option, px: Pixels, kind: CostKind = "macs"
) -> list[Candidate]:
    """Networks with those blocks and channels, one for each px. ``kind`` is the cost that ``shares`` split."""
    scaled, base_cost = build(base, blocks, channels, base.resolution), cost(base)
    curve = cost_curve(scaled)
    macs_shares = _shares_by_px(base, blocks, channels, px, "macs")
    shares = macs_shares if kind == "macs" else _shares_by_px(base, blocks, channels, px, kind)
    depth, width = sum(blocks) / sum(base.blocks), sum(channels) / sum(base.channels)
    candidates = []
    for r, split, macs_split in zip(px.tolist(), shares, macs_shares, strict=True):
        scaled_cost, arch = curve.at_resolution(r), replace(scaled, resolution=r)
        sizes = (depth, width, r / base.resolution)
        one = Candidate(arch, scaled_cost, scaled_cost.macs / base_cost.macs, split, *sizes)
        if kind != "macs":
            ratio = scaled_cost.by_kind(kind) / base_cost.by_kind(kind)
            one = replace(one, held_ratio=ratio, macs_shares=macs_split)
        candidates.append(one)
    return candidates


def _shares_by_px(base: Architecture, blocks: Option, channels: Option, px: Pixels, kind: CostKind) -> list[Shares]:
    shares: list[list[float]] = shapley(toggled_log_costs(base, blocks, channels, px, kind)).tolist()
    return [(depth, width, resolution) for depth, width, resolution in shares]


def candidate(base: Architecture, arch: Architecture) -> Candidate:
    """A network with its cost and shares relative to the base; all shares are 0 if both have the same MACs."""
    with np.errstate(invalid="ignore"):  # equal costs: 0 / 0
        one = networks_by_px(base, arch.blocks, arch.channels, np.array([arch.resolution], np.int64))[0]
    return one if one.macs_ratio != 1 else replace(one, shares=(0.0, 0.0, 0.0))


def share_matrix(candidates: Sequence[Candidate]) -> npt.NDArray[np.float64]:
    """Shares of each candidate, (n, 3)."""
    return candidates.matrix if isinstance(candidates, CandidateSet) else _matrix(candidates)


def nearest(candidates: Sequence[Candidate], shares: Sequence[float], skip: Collection[str] = ()) -> Candidate:
    """The candidate whose shares are nearest (Euclidean) and whose key is not in ``skip``; the first one in a tie.

    Raises:
        NoCandidates: every key is in ``skip``.
    """
    distance = ((share_matrix(candidates) - np.asarray(shares)) ** 2).sum(axis=1)
    for i in np.argsort(distance, kind="stable"):
        if candidates[i].key not in skip:
            return candidates[int(i)]
    raise NoCandidates("every candidate has been used", "allow replicates, or widen budget.tolerance")


def nearest_growth(candidates: Sequence[Candidate], shares: Sequence[float]) -> Candidate:
    """The candidate whose shares of MACs are nearest, for coefficients published elsewhere."""
    differences = np.array([c.macs_shares or c.shares for c in candidates]) - np.asarray(shares)
    return candidates[int((differences**2).sum(axis=1).argmin())]


def extremes(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """For each axis, the candidate nearest to a growth in that axis alone."""
    corners = {"depth": (1.0, 0.0, 0.0), "width": (0.0, 1.0, 0.0), "resolution": (0.0, 0.0, 1.0)}
    return {axis: nearest(candidates, corner) for axis, corner in corners.items()}
