"""Which run next tells most about the optimum: the designs of the explore and refine stages, as functions of numbers.

A run of network x shrinks the surface's covariance C to C − Cxxᵀ C / (v + xᵀCx), with v the noise of what the run adds.
What matters is not the surface but where it is highest. Let M be the covariance, over posterior draws, of the columns of the
network that is best in each draw: directions in which the possible optima differ. The next run is the network that takes
most off tr(MC), the doubt about the optimum:

    argmax_x  xᵀ C M C x / (v + xᵀ C x)        1/v = 1/(τ² + σ²/(k+1)) − 1/(τ² + σ²/k)  after k runs of x

so a replicate competes with a new network by the same measure. Several runs are picked one after the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.response_surface import Surface, columns

Array = npt.NDArray[np.float64]


def noise_added(counts: Array, sigma: float, tau: float) -> Array:
    """Variance v (n,) of what one more run says about the smooth surface at networks that ran ``counts`` (n,) times."""
    after = 1 / (tau**2 + sigma**2 / (counts + 1))
    before = np.where(counts > 0, 1 / (tau**2 + sigma**2 / np.maximum(counts, 1)), 0.0)
    return np.asarray(1 / np.maximum(after - before, 1e-9))


def next_most_informative(surface: Surface, shares: Array, counts: Array, runs: int, long: bool = False) -> list[int]:
    """Indices of the next ``runs`` runs among networks of shares (n, 3) that have run ``counts`` (n,) times."""
    x = columns(shares, np.full(len(shares), float(long)), surface.bumpy)
    optima = x[(surface.theta @ x.T).argmax(axis=1)]
    spread = optima - optima.mean(axis=0)
    matters = spread.T @ spread / len(spread)
    covariance, counts, picks = np.cov(surface.theta.T), counts.astype(float), list[int]()
    for _ in range(runs):
        shrinks = x @ (covariance @ matters @ covariance)
        doubt = (x @ covariance * x).sum(axis=1)
        noise = noise_added(counts, surface.sigma, surface.tau)
        best = int(((shrinks * x).sum(axis=1) / (noise + doubt)).argmax())
        picks.append(best)
        direction = covariance @ x[best]
        covariance = covariance - np.outer(direction, direction) / (noise[best] + doubt[best])
        counts[best] += 1
    return picks


def confirm_design(surface: Surface, shares: Array, runs: int) -> list[int]:
    """Indices of the networks (n, 3) that are run longer: leaders, and some that span the depth and resolution shares.

    The longest-run terms of the model are a level and slopes in the depth and resolution shares, so the runs are picked one
    by one to tell most about the long optimum under the prior on those slopes; the first is the best of the short runs.
    """
    leader = int(surface.expected(shares).argmax())
    return [leader, *next_most_informative(surface, shares, np.zeros(len(shares)), runs - 1, long=True)]
