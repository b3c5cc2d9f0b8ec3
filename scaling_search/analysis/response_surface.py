"""Posterior of a response surface over the shares of the budget, given runs. numpy only.

The model, in percentage points of accuracy, of run r of network i with real shares (a, b, c):

    y_ir = θ₁a + θ₂b + θ₃c + θ₄ab + θ₅ac + θ₆bc            (Scheffé 1958, quadratic mixture)
         + [long]·(μ + λ_d·a + λ_r·c)                      gain of longer runs: common, for depth and for resolution
         + Σ_j w_j φ_j(a, b, c)                            a Gaussian process (:func:`process_features`), without which
                                                           the model is the plain quadratic of the cross-check
         + n_i + e_ir

    θ ~ N(0, s²·PRIOR_SD²) around a free level; λ ~ N(0, LONG_SD²); w_j ~ N(0, h²)
    n_i ~ N(0, τ²)   network effect: the effect of rounding on one network, in short and long runs; it does not transfer
    e_ir ~ N(0, σ²)  seed noise, identified by replicates

(σ, τ, s, h) are integrated over a grid. Let W = D + (τ²/σ²)·ZZᵀ, where D holds 1/runs of each group and Z maps groups to
networks, and let P be the prior precision of the coefficients. Every grid point needs XᵀW⁻¹X, which has a closed form
because W is diagonal plus rank one for each network (Sherman–Morrison 1950), and one Cholesky factor of P + XᵀW⁻¹X/σ².
All factors are computed in one batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.observations import Observations

Array = npt.NDArray[np.float64]

DRAWS = 4000
PRIOR_SD = np.array([1.5, 1.5, 1.5, 3.0, 3.0, 3.0])
"""Prior standard deviations of θ at scale 1 (points): three corners around their mean, then three curvatures."""
LONG_SD = 1.5
"""Prior standard deviation of λ: points that longer runs add to all depth, or all resolution, relative to all width."""
LEVEL_VARIANCE = 100.0
SCALES = np.array([0.1, 0.3, 1.0, 2.0])
SIGMAS = np.geomspace(0.05, 3.0, 25)
TAUS = np.array([0.0, 0.04, 0.08, 0.12, 0.17, 0.25, 0.4, 0.7, 1.5])
HEIGHTS = np.array([0.0, 0.5, 1.0, 2.0])
"""Standard deviations h of the Gaussian process (points)."""
ASSUMED_SIGMA, ASSUMED_TAU = 0.4, 0.15
"""Seed noise and network effect (points) that a plan assumes before the first run."""
LENGTHSCALE, MIN_EIGENVALUE = 0.3, 0.02
NEGLIGIBLE = 1e-3
"""Grid points of less weight, relative to the largest, are dropped."""


def terms(shares: Array) -> Array:
    """The six Scheffé terms (n, 6) of shares (n, 3)."""
    a, b, c = shares.T
    return np.stack([a, b, c, a * b, a * c, b * c], axis=1)


@lru_cache(maxsize=1)
def _process() -> tuple[Array, Array]:
    """Knots (k, 3) on the triangle, and the map (k, m) from kernel values to features whose weights have unit variance."""
    m = 6
    knots = np.array([(i, j, m - i - j) for i in range(m + 1) for j in range(m + 1 - i)], float) / m
    values, vectors = np.linalg.eigh(_kernel(knots, knots))
    large = values > MIN_EIGENVALUE * values.max()
    return knots, vectors[:, large] / np.sqrt(values[large])


def _kernel(x: Array, y: Array) -> Array:
    squared_distance = ((x[:, np.newaxis] - y) ** 2).sum(axis=-1)
    values: Array = np.exp(-squared_distance / (2 * LENGTHSCALE**2))
    return values


def process_features(shares: Array) -> Array:
    """Features φ (n, m) of a squared-exponential process over shares (n, 3), by Nyström's approximation."""
    knots, root = _process()
    return _kernel(shares, knots) @ root


def columns(shares: Array, long: Array, with_process: bool) -> Array:
    """Design matrix (n, p): six terms, [long]·(1, a, c), and the process's features if ``with_process``."""
    long_terms = long[:, np.newaxis] * np.column_stack([np.ones(len(shares)), shares[:, 0], shares[:, 2]])
    parts = [terms(shares), long_terms]
    if with_process:
        parts.append(process_features(shares))
    return np.hstack(parts)


def prior_covariance(scale: float = 1.0, height: float | None = None) -> Array:
    """Prior covariance (p, p) of the coefficients at one scale, with the process's weights if ``height`` is given."""
    quadratic = np.diag((scale * PRIOR_SD) ** 2)
    quadratic[:3, :3] += LEVEL_VARIANCE  # the common level is free
    long_terms = np.diag([LEVEL_VARIANCE, LONG_SD**2, LONG_SD**2])
    m = 0 if height is None else _process()[1].shape[1]
    whole = np.zeros((9 + m, 9 + m))
    whole[:6, :6], whole[6:9, 6:9] = quadratic, long_terms
    whole[range(9, 9 + m), range(9, 9 + m)] = max(height or 0.0, 1e-3) ** 2
    return whole


@dataclass(frozen=True)
class Surface:
    """The fitted surface, relative to ``center`` points: posterior mean (p,) and draws (draws, p) of the coefficients, and
    posterior means of the scales.
    """

    center: float
    mean: Array
    theta: Array
    sigma: float
    tau: float
    height: float
    has_process: bool

    def expected(self, shares: Array, long: bool = False) -> Array:
        """Posterior mean (n,) of the smooth accuracy (points) at shares (n, 3)."""
        return self.center + columns(shares, np.full(len(shares), float(long)), self.has_process) @ self.mean

    def draws(self, shares: Array, long: bool = False) -> Array:
        """Posterior draws (draws, n) of the smooth accuracy (points) at shares (n, 3)."""
        return self.center + self.theta @ columns(shares, np.full(len(shares), float(long)), self.has_process).T


@dataclass(frozen=True)
class _Grid:
    """Grid points (g,) of the scales; ``prior`` is the index of each point's prior precision in ``precisions`` (k, p, p)."""

    sigma: Array
    tau: Array
    prior: npt.NDArray[np.int64]
    precisions: Array
    heights: Array

    @property
    def log_prior(self) -> Array:
        """Weak log priors on σ and τ, up to a constant, for a grid that is even in log σ."""
        return -0.5 * (np.log(self.sigma / ASSUMED_SIGMA) / 0.8) ** 2 - self.tau / 0.3


@lru_cache(maxsize=2)
def _priors(with_process: bool) -> tuple[Array, Array]:
    """Prior precisions (k, p, p) and their heights (k,)."""
    pairs = [(s, h) for s in SCALES for h in (HEIGHTS if with_process else np.zeros(1))]
    covariances = np.array([prior_covariance(s, h if with_process else None) for s, h in pairs])
    return np.linalg.inv(covariances), np.array([h for _, h in pairs])


def _grid(sigmas: Array, taus: Array, with_process: bool) -> _Grid:
    precisions, heights = _priors(with_process)
    index = np.indices((len(sigmas), len(taus), len(heights))).reshape(3, -1)
    return _Grid(sigmas[index[0]], taus[index[1]], index[2], precisions, heights[index[2]])


@dataclass(frozen=True)
class _Posterior:
    """Log weight (g,) of each grid point, and the precision (g, p, p) and information (g, p) of its coefficients."""

    log: Array
    precision: Array
    information: Array


def _posterior(x: Array, y: Array, data: Observations, grid: _Grid) -> _Posterior:
    """The posterior at every grid point from columns (c, p) and centred means (c,), one row a group of runs."""
    p, n = x.shape[1], data.count
    networks = np.eye(data.network.max() + 1)[data.network]  # (c, i)
    of_network = networks.T @ n
    sums, means = networks.T @ (n[:, np.newaxis] * x), networks.T @ (n * y)
    variance = grid.sigma**2
    omega = grid.tau**2 / variance
    shrink = omega[:, np.newaxis] / (1 + omega[:, np.newaxis] * of_network)  # (g, i)
    squares = (sums[:, :, np.newaxis] * sums[:, np.newaxis, :]).reshape(-1, p * p)
    gram = ((x.T * n) @ x - (shrink @ squares).reshape(-1, p, p)) / variance[:, np.newaxis, np.newaxis]
    information = ((x.T * n) @ y - shrink @ (sums * means[:, np.newaxis])) / variance[:, np.newaxis]
    squares_of_y = (float(n @ y**2) - shrink @ means**2 + data.within_ss) / variance
    precision = grid.precisions[grid.prior] + gram
    root = np.linalg.cholesky(precision)
    half = np.linalg.solve(root, information[:, :, np.newaxis])[:, :, 0]
    log = 0.5 * (half**2).sum(axis=1) - np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    log += 0.5 * np.linalg.slogdet(grid.precisions)[1][grid.prior] - 0.5 * squares_of_y - data.runs * np.log(grid.sigma)
    log += grid.log_prior - 0.5 * np.log1p(omega[:, np.newaxis] * of_network).sum(axis=1)
    return _Posterior(log, precision, information)


@dataclass(frozen=True)
class _Fit:
    """The posterior over a grid, of accuracies relative to ``center`` points."""

    center: float
    grid: _Grid
    posterior: _Posterior
    has_process: bool

    def surface(self, draws: int, seed: int) -> Surface:
        """The mixture of the grid points' posteriors."""
        weights, grid = _weights(self.posterior.log), self.grid
        used = np.flatnonzero(weights)
        covariances = np.linalg.inv(self.posterior.precision[used]).astype(np.float64)
        means = (covariances @ self.posterior.information[used, :, np.newaxis])[:, :, 0]
        theta = _sample(means, covariances, weights[used], draws, seed)
        sigma, tau, height = (float(weights @ values) for values in (grid.sigma, grid.tau, grid.heights))
        return Surface(self.center, weights[used] @ means, theta, sigma, tau, height, self.has_process)


def _quadratic(data: Observations) -> _Fit:
    center = float(np.average(data.mean, weights=data.count))
    grid = _grid(SIGMAS, TAUS, False)
    posterior = _posterior(columns(data.shares, data.long, False), data.mean - center, data, grid)
    return _Fit(center, grid, posterior, False)


def _whole(data: Observations, plain: _Fit) -> _Fit:
    """The model with the process. The quadratic's posterior locates σ, so a few grid points around it are enough."""
    grid = _grid(_window(plain.grid.sigma, _weights(plain.posterior.log)), TAUS[::2], True)
    posterior = _posterior(columns(data.shares, data.long, True), data.mean - plain.center, data, grid)
    return _Fit(plain.center, grid, posterior, True)


def fit(data: Observations, seed: int = 0, with_process: bool = True, draws: int = DRAWS) -> Surface:
    """Posterior of the surface; without the process, of the plain quadratic (the cross-check)."""
    plain = _quadratic(data)
    return (_whole(data, plain) if with_process else plain).surface(draws, seed)


def fit_both(data: Observations, seed: int = 0) -> tuple[Surface, Surface]:
    """Posterior of the surface, and of the plain quadratic with a single draw, which share one computation."""
    plain = _quadratic(data)
    return _whole(data, plain).surface(DRAWS, seed), plain.surface(1, seed)


def _weights(log: Array) -> Array:
    """Posterior probabilities (g,) of grid points; negligible ones are 0."""
    weights = np.exp(log - log.max())
    weights[weights < NEGLIGIBLE] = 0.0
    normalized: Array = weights / weights.sum()
    return normalized


def _window(sigma: Array, weights: Array) -> Array:
    """Five values of σ, even in log σ, over ± 2.5 posterior standard deviations."""
    logs = np.log(sigma)
    mean = weights @ logs
    step = max(1.25 * math.sqrt(weights @ (logs - mean) ** 2), 0.02)
    return np.exp(mean + step * np.arange(-2.0, 3.0))


def _sample(means: Array, covariances: Array, weights: Array, draws: int, seed: int) -> Array:
    """Draws (draws, p) from the mixture; components are drawn by systematic resampling of their weights."""
    random = np.random.default_rng(seed)
    normal = random.standard_normal((draws, means.shape[1]))
    edges = np.cumsum(weights) / weights.sum()
    picks = np.minimum(np.searchsorted(edges, (np.arange(draws) + 0.5) / draws), len(weights) - 1)
    roots = np.linalg.cholesky((covariances + covariances.transpose(0, 2, 1)) / 2)
    for component in np.unique(picks):
        rows = picks == component
        normal[rows] = means[component] + normal[rows] @ roots[component].T
    return normal


def detectable_difference(
    shares: Array, counts: Array, sigma: float = ASSUMED_SIGMA, tau: float = ASSUMED_TAU
) -> float:
    """Difference between two corners (points) that a design detects with 80 % power at the 5 % level.

    ``shares`` (n, 3) and ``counts`` (n,) are the design; the result is the mean over the three pairs of corners.
    """
    x = terms(shares)
    precision = np.linalg.inv(prior_covariance()[:6, :6]) + (x.T / (tau**2 + sigma**2 / counts)) @ x
    covariance = np.linalg.inv(precision)
    corners = terms(np.eye(3))
    pairs = [corners[i] - corners[j] for i, j in ((0, 1), (0, 2), (1, 2))]
    return Z_DETECT * float(np.mean([math.sqrt(d @ covariance @ d) for d in pairs]))


Z_DETECT = 1.96 + 0.84
"""Difference, in standard errors, that is detected with 80 % power at a two-sided 5 % level."""
