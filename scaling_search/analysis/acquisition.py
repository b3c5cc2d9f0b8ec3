"""Acquisition: the next run is the one that reduces the uncertainty about the optimum most.

A run of network x reduces the surface's covariance C to C − Cxxᵀ C / (v + xᵀCx), where v is the variance of the run's
contribution. Only the position of the maximum matters, not the whole surface. Let M be the covariance, over posterior
draws, of the columns of the network that is best in each draw: the directions in which the possible optima differ. The
next run is the network that reduces tr(MC), the uncertainty about the optimum, most:

    argmax_x  xᵀ C M C x / (v + xᵀ C x)        1/v = 1/(τ² + σ²/(k+1)) − 1/(τ² + σ²/k)  after k runs of x

The same measure ranks replicates and new networks. Several runs are picked one after the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.response_surface import Surface, columns

Array = npt.NDArray[np.float64]


def noise_added(counts: Array, sigma: float, tau: float) -> Array:
    """Variance v (n,) of one more run's contribution to the smooth surface, at networks that have run ``counts`` (n,) times."""
    after = 1 / (tau**2 + sigma**2 / (counts + 1))
    before = np.where(counts > 0, 1 / (tau**2 + sigma**2 / np.maximum(counts, 1)), 0.0)
    return np.asarray(1 / np.maximum(after - before, 1e-9))


def next_most_informative(surface: Surface, shares: Array, counts: Array, runs: int, long: bool = False) -> list[int]:
    """Indices of the next ``runs`` runs among networks of shares (n, 3) that have run ``counts`` (n,) times."""
    x = columns(shares, np.full(len(shares), float(long)), surface.has_process)
    optima = x[(surface.theta @ x.T).argmax(axis=1)]
    spread = optima - optima.mean(axis=0)
    among_optima = spread.T @ spread / len(spread)
    covariance, counts, picks = np.cov(surface.theta.T), counts.astype(float), list[int]()
    for _ in range(runs):
        reduction = x @ (covariance @ among_optima @ covariance)
        variance = (x @ covariance * x).sum(axis=1)
        noise = noise_added(counts, surface.sigma, surface.tau)
        best = int(((reduction * x).sum(axis=1) / (noise + variance)).argmax())
        picks.append(best)
        direction = covariance @ x[best]
        covariance = covariance - np.outer(direction, direction) / (noise[best] + variance[best])
        counts[best] += 1
    return picks


def confirm_design(surface: Surface, shares: Array, runs: int) -> list[int]:
    """Indices of the networks of shares (n, 3) for the confirm stage: the leader, then networks that span depth and resolution.

    In the model, longer runs add a level and slopes in the depth and resolution shares. The runs after the first are
    picked one by one to be most informative about the optimum of long runs under the prior on those slopes.
    """
    leader = int(surface.expected(shares).argmax())
    return [leader, *next_most_informative(surface, shares, np.zeros(len(shares)), runs - 1, long=True)]
