"""Runs → the posterior of a response surface over the shares of the budget. numpy only.

The model, in percentage points of accuracy, of run r of network i with real shares (a, b, c):

    y_ir = θ₁a + θ₂b + θ₃c + θ₄ab + θ₅ac + θ₆bc            (Scheffé 1958, quadratic mixture)
         + [long]·(μ + λ_d·a + λ_r·c)                      what more epochs add, to all and to depth and resolution
         + Σ_j w_j φ_j(a, b, c)                            the cross-check alone: a Gaussian process, see :func:`bumps`
         + n_i + e_ir

    θ ~ N(0, s²·PRIOR_SD²) around a free level; λ ~ N(0, LONG_SD²); w_j ~ N(0, h²)
    n_i ~ N(0, τ²)   network effect: what rounding does to one network, in short and long runs; it does not transfer
    e_ir ~ N(0, σ²)  seed noise, identified by replicates

(σ, τ, s, h) are integrated over a grid. With W = D + (τ²/σ²)·ZZᵀ (D: 1/runs of each cell, Z: which network) and prior
precision P of the coefficients, every grid point needs XᵀW⁻¹X, in closed form since W is diagonal plus rank one for each
network (Sherman–Morrison 1950), and one Cholesky factor of P + XᵀW⁻¹X/σ²; all of them are made in one batch.
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
"""Prior standard deviations of θ at scale 1 (points): corners around their mean, and curvature."""
LONG_SD = 1.5
"""Prior standard deviation of λ: points by which longer runs may favour all depth, or all px, over all width."""
LEVEL_VARIANCE = 100.0
SCALES = np.array([0.1, 0.3, 1.0, 2.0])
SIGMAS = np.geomspace(0.05, 3.0, 25)
TAUS = np.array([0.0, 0.04, 0.08, 0.12, 0.17, 0.25, 0.4, 0.7, 1.5])
HEIGHTS = np.array([0.0, 0.5, 1.0, 2.0])
"""Standard deviations h of the cross-check's process (points)."""
ASSUMED_SIGMA, ASSUMED_TAU = 0.4, 0.15
"""Seed noise and network effect (points) that a plan assumes before anything has run."""
LENGTHSCALE, MIN_EIGENVALUE = 0.3, 0.02
NEGLIGIBLE = 1e-3


def terms(shares: Array) -> Array:
    """The six Scheffé terms (n, 6) of shares (n, 3)."""
    a, b, c = shares.T
    return np.stack([a, b, c, a * b, a * c, b * c], axis=1)


@lru_cache(maxsize=1)
def _process() -> tuple[Array, Array]:
    """Knots (k, 3) on the triangle, and the map (k, m) from kernel values to the features of unit-variance weights."""
    m = 6
    knots = np.array([(i, j, m - i - j) for i in range(m + 1) for j in range(m + 1 - i)], float) / m
    values, vectors = np.linalg.eigh(_kernel(knots, knots))
    kept = values > MIN_EIGENVALUE * values.max()
    return knots, vectors[:, kept] / np.sqrt(values[kept])


def _kernel(x: Array, y: Array) -> Array:
    away = ((x[:, np.newaxis] - y) ** 2).sum(axis=-1)
    values: Array = np.exp(-away / (2 * LENGTHSCALE**2))
    return values


def bumps(shares: Array) -> Array:
    """Features φ (n, m) of a squared-exponential process over shares (n, 3), by Nyström's approximation."""
    knots, root = _process()
    return _kernel(shares, knots) @ root


def columns(shares: Array, long: Array, bumpy: bool) -> Array:
    """The model's columns (n, p): six terms, [long]·(1, a, c), and the cross-check's features if ``bumpy``."""
    later = long[:, np.newaxis] * np.column_stack([np.ones(len(shares)), shares[:, 0], shares[:, 2]])
    parts = [terms(shares), later, *([bumps(shares)] if bumpy else [])]
    return np.hstack(parts)


def prior_covariance(scale: float = 1.0, height: float | None = None) -> Array:
    """Prior covariance (p, p) of the coefficients at one scale, with the cross-check's weights if ``height`` is given."""
    made = np.diag((scale * PRIOR_SD) ** 2)
    made[:3, :3] += LEVEL_VARIANCE  # the common level is free
    later = np.diag([LEVEL_VARIANCE, LONG_SD**2, LONG_SD**2])
    m = 0 if height is None else _process()[1].shape[1]
    whole = np.zeros((9 + m, 9 + m))
    whole[:6, :6], whole[6:9, 6:9] = made, later
    whole[range(9, 9 + m), range(9, 9 + m)] = max(height or 0.0, 1e-3) ** 2
    return whole


@dataclass(frozen=True)
class Surface:
    """The fitted surface on top of ``center`` points: the coefficients' mean (p,), draws of them (draws, p), and the scales."""

    center: float
    mean: Array
    theta: Array
    sigma: float
    tau: float
    height: float
    bumpy: bool

    def expected(self, shares: Array, long: bool = False) -> Array:
        """Posterior mean of the smooth accuracy (points) at shares (n, 3), (n,)."""
        return self.center + columns(shares, np.full(len(shares), float(long)), self.bumpy) @ self.mean

    def draws(self, shares: Array, long: bool = False) -> Array:
        """Smooth accuracy (points) at shares (n, 3), (draws, n)."""
        return self.center + self.theta @ columns(shares, np.full(len(shares), float(long)), self.bumpy).T


@dataclass(frozen=True)
class _Grid:
    """Grid points (g,) of the scales that are integrated; ``prior`` says which of the priors (k, p, p) each has."""

    sigma: Array
    tau: Array
    prior: npt.NDArray[np.int64]
    precisions: Array
    heights: Array

    @property
    def log_prior(self) -> Array:
        """Weak priors on the scales of noise, up to a constant, on a grid that is even in log σ."""
        return -0.5 * (np.log(self.sigma / ASSUMED_SIGMA) / 0.8) ** 2 - self.tau / 0.3


@lru_cache(maxsize=2)
def _priors(bumpy: bool) -> tuple[Array, Array]:
    """Prior precisions (k, p, p) and their heights (k,)."""
    pairs = [(s, h) for s in SCALES for h in (HEIGHTS if bumpy else np.zeros(1))]
    made = np.array([prior_covariance(s, h if bumpy else None) for s, h in pairs])
    return np.linalg.inv(made), np.array([h for _, h in pairs])


def _grid(sigmas: Array, taus: Array, bumpy: bool) -> _Grid:
    precisions, heights = _priors(bumpy)
    index = np.indices((len(sigmas), len(taus), len(heights))).reshape(3, -1)
    return _Grid(sigmas[index[0]], taus[index[1]], index[2], precisions, heights[index[2]])


@dataclass(frozen=True)
class _Posterior:
    """At each grid point: log weight (g,), precision (g, p, p) and information (g, p) of the coefficients."""

    log: Array
    precision: Array
    information: Array


def _posterior(x: Array, y: Array, data: Observations, grid: _Grid) -> _Posterior:
    """The posterior at every grid point from columns (c, p) and centred means (c,)."""
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
    power = (float(n @ y**2) - shrink @ means**2 + data.within_ss) / variance
    precision = grid.precisions[grid.prior] + gram
    root = np.linalg.cholesky(precision)
    half = np.linalg.solve(root, information[:, :, np.newaxis])[:, :, 0]
    log = 0.5 * (half**2).sum(axis=1) - np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    log += 0.5 * np.linalg.slogdet(grid.precisions)[1][grid.prior] - 0.5 * power - data.runs * np.log(grid.sigma)
    log += grid.log_prior - 0.5 * np.log1p(omega[:, np.newaxis] * of_network).sum(axis=1)
    return _Posterior(log, precision, information)


@dataclass(frozen=True)
class _Fit:
    """The posterior over a grid, of accuracies around ``center`` points."""

    center: float
    grid: _Grid
    found: _Posterior
    bumpy: bool

    def surface(self, draws: int, seed: int) -> Surface:
        """The mixture over the grid."""
        weights, grid = _weights(self.found.log), self.grid
        kept = np.flatnonzero(weights)
        covariances = np.linalg.inv(self.found.precision[kept]).astype(np.float64)
        means = (covariances @ self.found.information[kept, :, np.newaxis])[:, :, 0]
        theta = _sample(means, covariances, weights[kept], draws, seed)
        sigma, tau, height = (float(weights @ values) for values in (grid.sigma, grid.tau, grid.heights))
        return Surface(self.center, weights[kept] @ means, theta, sigma, tau, height, self.bumpy)


def _quadratic(data: Observations) -> _Fit:
    center = float(np.average(data.mean, weights=data.count))
    grid = _grid(SIGMAS, TAUS, False)
    found = _posterior(columns(data.shares, data.long, False), data.mean - center, data, grid)
    return _Fit(center, grid, found, False)


def _whole(data: Observations, plain: _Fit) -> _Fit:
    """With the process; the quadratic's posterior says where σ lies, so a few points around it are enough."""
    grid = _grid(_window(plain.grid.sigma, _weights(plain.found.log)), TAUS[::2], True)
    found = _posterior(columns(data.shares, data.long, True), data.mean - plain.center, data, grid)
    return _Fit(plain.center, grid, found, True)


def fit(data: Observations, seed: int = 0, bumpy: bool = True, draws: int = DRAWS) -> Surface:
    """Posterior of the surface; without ``bumpy``, of the quadratic alone (the cross-check)."""
    plain = _quadratic(data)
    return (_whole(data, plain) if bumpy else plain).surface(draws, seed)


def fit_both(data: Observations, seed: int = 0) -> tuple[Surface, Surface]:
    """Posterior of the surface, and the mean of the quadratic alone (with one draw), from one pass."""
    plain = _quadratic(data)
    return _whole(data, plain).surface(DRAWS, seed), plain.surface(1, seed)


def _weights(log: Array) -> Array:
    """Posterior probabilities (g,) of grid points; those that hardly count are 0."""
    weights = np.exp(log - log.max())
    weights[weights < NEGLIGIBLE] = 0.0
    whole: Array = weights / weights.sum()
    return whole


def _window(sigma: Array, weights: Array) -> Array:
    """Five seed noises, even in the logarithm, over ± 2.5 posterior standard deviations."""
    logs = np.log(sigma)
    middle = weights @ logs
    spread = max(1.25 * math.sqrt(weights @ (logs - middle) ** 2), 0.02)
    return np.exp(middle + spread * np.arange(-2.0, 3.0))


def _sample(means: Array, covariances: Array, weights: Array, draws: int, seed: int) -> Array:
    """Draws (draws, p) from the mixture, each part in proportion to its weight (systematic resampling)."""
    random = np.random.default_rng(seed)
    normal = random.standard_normal((draws, means.shape[1]))
    edges = np.cumsum(weights) / weights.sum()
    picks = np.minimum(np.searchsorted(edges, (np.arange(draws) + 0.5) / draws), len(weights) - 1)
    roots = np.linalg.cholesky((covariances + covariances.transpose(0, 2, 1)) / 2)
    for part in np.unique(picks):
        here = picks == part
        normal[here] = means[part] + normal[here] @ roots[part].T
    return normal


def detectable_difference(
    shares: Array, counts: Array, sigma: float = ASSUMED_SIGMA, tau: float = ASSUMED_TAU
) -> float:
    """Points by which two corners of the triangle must differ to be told apart (80 % power, 5 % level).

    ``shares`` (n, 3) and ``counts`` (n,) are the design; the mean over the three pairs of corners is given.
    """
    x = terms(shares)
    precision = np.linalg.inv(prior_covariance()[:6, :6]) + (x.T / (tau**2 + sigma**2 / counts)) @ x
    covariance = np.linalg.inv(precision)
    corners = terms(np.eye(3))
    pairs = [corners[i] - corners[j] for i, j in ((0, 1), (0, 2), (1, 2))]
    return Z_DETECT * float(np.mean([math.sqrt(d @ covariance @ d) for d in pairs]))


Z_DETECT = 1.96 + 0.84
"""Difference over its standard error that is found with 80 % power at a two-sided 5 % level."""
