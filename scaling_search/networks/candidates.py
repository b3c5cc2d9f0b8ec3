"""Candidates: real networks with their cost and shares over a base, sets of them, and the nearest one to given shares.

Shares are the Shapley split of a network's real cost over depth, width and resolution (Shapley 1953: the mean of what a
toggle adds over all orders). Searches, surfaces and plots use these shares, not the nominal ones.
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
    """A network of the iso-cost set; ``depth``, ``width`` and ``resolution`` are blocks, channels and px over the base's.

    ``shares`` are those of the cost that the set holds. Where that is not MACs, ``held_ratio`` is that cost over the base's
    and ``macs_shares`` splits the growth in MACs.
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
        """The architecture's identity."""
        return self.architecture.key

    @property
    def triple(self) -> Triple:
        """(α, β, γ) of the real shares of MACs at their real ratio."""
        return triple_of(self.macs_shares or self.shares, math.log2(self.macs_ratio))


class CandidateSet(tuple[Candidate, ...]):
    """Candidates, with what is asked of them again and again made once."""

    @cached_property
    def matrix(self) -> npt.NDArray[np.float64]:
        """Shares, (n, 3)."""
        return _matrix(self)

    @cached_property
    def by_key(self) -> dict[str, Candidate]:
        """Each candidate by its network's identity."""
        return {c.key: c for c in self}


def _matrix(candidates: Sequence[Candidate]) -> npt.NDArray[np.float64]:
    return np.array([c.shares for c in candidates], np.float64).reshape(-1, 3)


def networks_by_px(
    base: Architecture, blocks: Option, channels: Option, px: Pixels, kind: CostKind = "macs"
) -> list[Candidate]:
    """Networks of those blocks and channels, one for each px."""
    grown, home = build(base, blocks, channels, base.resolution), cost(base)
    curve = cost_curve(grown)
    split = [tuple(s) for s in shapley(toggled_log_costs(base, blocks, channels, px)).tolist()]
    shares = split if kind == "macs" else shapley(toggled_log_costs(base, blocks, channels, px, kind)).tolist()
    depth, width = sum(blocks) / sum(base.blocks), sum(channels) / sum(base.channels)
    found = []
    for r, (a, b, c), (x, y, z) in zip(px.tolist(), shares, split, strict=True):
        its, arch = curve.at_resolution(r), replace(grown, resolution=r)
        other = None if kind == "macs" else its.by_kind(kind) / home.by_kind(kind)
        more = {"held_ratio": other, "macs_shares": None if other is None else (x, y, z)}
        found.append(
            Candidate(arch, its, its.macs / home.macs, (a, b, c), depth, width, r / base.resolution, **more)  # type: ignore[arg-type]
        )
    return found


def candidate(base: Architecture, arch: Architecture) -> Candidate:
    """A network with its cost and shares over the base's; all shares are 0 where both cost the same."""
    with np.errstate(invalid="ignore"):
        found = networks_by_px(base, arch.blocks, arch.channels, np.array([arch.resolution], np.int64))[0]
    return found if found.macs_ratio != 1 else replace(found, shares=(0.0, 0.0, 0.0))


def share_matrix(candidates: Sequence[Candidate]) -> npt.NDArray[np.float64]:
    """Shares of each candidate, (n, 3)."""
    return candidates.matrix if isinstance(candidates, CandidateSet) else _matrix(candidates)


def nearest(candidates: Sequence[Candidate], shares: Sequence[float], skip: Collection[str] = ()) -> Candidate:
    """The candidate whose shares are nearest (Euclidean), leaving out the keys in ``skip``; the first of equals.

    Raises:
        NoCandidates: every candidate is left out.
    """
    distance = ((share_matrix(candidates) - np.asarray(shares)) ** 2).sum(axis=1)
    for i in np.argsort(distance, kind="stable"):
        if candidates[i].key not in skip:
            return candidates[int(i)]
    raise NoCandidates("every candidate has been used", "allow replicates, or widen budget.tolerance")


def nearest_growth(candidates: Sequence[Candidate], shares: Sequence[float]) -> Candidate:
    """The candidate whose growth in MACs is split most nearly so: what α, β and γ of somebody else's mean here."""
    gaps = np.array([c.macs_shares or c.shares for c in candidates]) - np.asarray(shares)
    return candidates[int((gaps**2).sum(axis=1).argmin())]


def extremes(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """The candidates nearest to spending all on depth, on width and on resolution."""
    corners = {"depth": (1.0, 0.0, 0.0), "width": (0.0, 1.0, 0.0), "resolution": (0.0, 0.0, 1.0)}
    return {axis: nearest(candidates, corner) for axis, corner in corners.items()}
