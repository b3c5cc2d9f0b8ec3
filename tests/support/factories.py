"""Small values that many tests need: rows of trials, points of the triangle, observed runs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.observations import Observations, group_by_network
from scaling_search.analysis.response_surface import terms
from scaling_search.records import Proposal, TrialRow

Array = npt.NDArray[np.float64]


def lattice(m: int = 4) -> Array:
    return np.array([(i, j, m - i - j) for i in range(m + 1) for j in range(m + 1 - i)], float) / m


def observed(seed: int = 0, long: int = 0, sigma: float = 0.3) -> tuple[Observations, list[Array]]:
    """Runs of fifteen networks, some twice, some longer; and the runs themselves."""
    random = np.random.default_rng(seed)
    shares = lattice()
    truth = 80 + terms(shares) @ np.array([1.0, -0.5, 0.0, 2.0, 1.0, 3.0])
    runs = [y + random.normal(0, sigma, 1 + i % 3) for i, y in enumerate(truth)]
    later = [truth[i] + 2 + 1.5 * shares[i, 0] + random.normal(0, sigma, 1) for i in range(long)]
    where = np.vstack([shares, shares[:long]])
    keys = [f"n{i}" for i in [*range(15), *range(long)]]
    flags = [False] * 15 + [True] * long
    return group_by_network(where, runs + later, flags, keys), runs + later


def as_row(p: Proposal) -> TrialRow:
    """A waiting trial of a proposal."""
    c, arch = p.candidate, p.candidate.architecture
    return TrialRow(
        p.number, p.round, p.role, "waiting", p.seed, *p.proposed, c.key, None if p.role == "base" else c.shares, c.depth,
        c.width, c.resolution, list(arch.blocks), list(arch.channels), arch.resolution, c.cost.macs, c.macs_ratio,
        c.cost.params, c.cost.activations, None, arch, 1, 0, None, None, None, None, None, None, p.planned,
    )  # fmt: skip
