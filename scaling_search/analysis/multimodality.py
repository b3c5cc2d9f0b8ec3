"""Probability that the surface has two maxima, by the evidence for shapes with none, one and two. numpy and scipy only.

In percentage points, over shares x = (a, b, c), with the network effect n and seed noise e of :mod:`response_surface`:

    y = level + [long]·(μ + λ_d·a + λ_r·c) + A·h(x) + n + e          A ~ |N(0, AMPLITUDE²)|,  h spans 1 over the triangle

    none   A = 0
    one    h = g(x; m, w₁, w₂, angle)                              g is Gaussian with its peak at m
    two    h = g(x; m₁, w, w) + k·g(x; m₂, w, w)                   |m₁ − m₂| ≥ MIN_SEPARATION·w: a valley lies between

Shapes are drawn once from wide priors and used in all six orders of the axes, so the result does not depend on the order.
With y and h whitened by the covariance of n and e, and level, μ and λ projected out, a shape's evidence over that of
`none` is a one-dimensional integral over A:

    2·(1 + AMPLITUDE²·hᵀh)^(−½) · exp(½t²) · Φ(t)                   t = hᵀy / (hᵀh + AMPLITUDE⁻²)^½

P(two) compares the mean evidence of the shapes with two peaks, with one and with none. The surface itself cannot answer
this: a quadratic has no two maxima inside the triangle, and a Gaussian process with few runs smooths them over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

import numpy as np
import numpy.typing as npt
from scipy.linalg import orth, solve_triangular
from scipy.special import log_ndtr, logsumexp

from scaling_search.analysis.observations import Observations
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.simplex_lattice import simplex_lattice

Array = npt.NDArray[np.float64]

ODDS_NONE, ODDS_ONE, ODDS_TWO = 0.5, 1.0, 1.0
"""Prior odds of no peak, one and two."""
AMPLITUDE = 2.0
"""Prior standard deviation of A: points between the best and the worst network."""
MIN_SEPARATION = 2.5
"""Distance between two peaks, in widths."""
ONE_SHAPES, TWO_SHAPES = 500, 1000
MIN_WIDTH, MAX_WIDTH, MAX_LENGTH = 0.2, 1.0, 3.0
"""Widths of a single peak in shares, across and along its longer axis; a long one is a ridge."""
MIN_WIDTH_OF_TWO, MAX_WIDTH_OF_TWO = 0.15, 0.3
MIN_SECOND_HEIGHT = 0.5
"""Height of the lower of two peaks, relative to the higher."""
ORDERS = tuple(permutations(range(3)))
PLANE = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -2.0]]) / np.sqrt([[2.0], [6.0]])
"""Maps shares (3,) to the triangle's plane (2,) and keeps distances."""


@dataclass(frozen=True)
class Bimodality:
    """Probability that the surface has two maxima, and the shares of the likeliest two, the higher first."""

    probability: float
    shares: tuple[Shares, Shares]


@dataclass(frozen=True)
class _Shapes:
    """m shapes of t peaks: positions (m, t, 3) in shares, roots (m, t, 2, 2) of the inverse covariances in the plane,
    and heights (m, t).
    """

    peaks: Array
    roots: Array
    heights: Array

    def at(self, shares: Array) -> Array:
        """h (m, n) at shares (n, 3)."""
        offsets = (shares - self.peaks[:, :, np.newaxis]) @ PLANE.T  # (m, t, n, 2)
        scaled = offsets @ self.roots.transpose(0, 1, 3, 2)
        values = np.exp(-0.5 * (scaled**2).sum(axis=-1))
        return np.asarray((self.heights[:, :, np.newaxis] * values).sum(axis=1))

    def normalized(self) -> _Shapes:
        """The same shapes, scaled to a range of 1 over the triangle."""
        values = self.at(np.array(simplex_lattice(66)))
        return _Shapes(self.peaks, self.roots, self.heights / np.ptp(values, axis=1, keepdims=True))


def _widths(random: np.random.Generator, low: float, high: float, n: int) -> Array:
    return np.asarray(np.exp(random.uniform(math.log(low), math.log(high), n)))


@lru_cache(maxsize=1)
def _shapes() -> tuple[_Shapes, _Shapes]:
    """Shapes with one peak, and shapes with two."""
    random = np.random.default_rng(0)
    n = ONE_SHAPES
    peak, angle = random.dirichlet([1, 1, 1], n), random.uniform(0, math.pi, n)
    across, along = _widths(random, MIN_WIDTH, MAX_WIDTH, n), _widths(random, MIN_WIDTH, MAX_LENGTH, n)
    rotation = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=1).reshape(n, 2, 2)
    one = _Shapes(
        peak[:, np.newaxis],
        (rotation / np.stack([across, along], axis=1)[:, :, np.newaxis])[:, np.newaxis],
        np.ones((n, 1)),
    )
    pairs = random.dirichlet([1, 1, 1], (8 * TWO_SHAPES, 2))
    width = _widths(random, MIN_WIDTH_OF_TWO, MAX_WIDTH_OF_TWO, len(pairs))
    separate = np.flatnonzero(np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1) > MIN_SEPARATION * width)[:TWO_SHAPES]
    n = len(separate)
    roots = np.broadcast_to(np.eye(2) / width[separate, np.newaxis, np.newaxis, np.newaxis], (n, 2, 2, 2))
    two = _Shapes(pairs[separate], roots, np.stack([np.ones(n), random.uniform(MIN_SECOND_HEIGHT, 1, n)], axis=1))
    return one.normalized(), two.normalized()


def log_odds_of_shape(h: Array, y: Array) -> Array:
    """Log evidence (m,) of shapes h (g, m) over that of no peak, given y (g,), all whitened: the integral above."""
    squares = (h**2).sum(axis=0)
    t = (y @ h) / np.sqrt(squares + AMPLITUDE**-2)
    return np.asarray(math.log(2) - 0.5 * np.log1p(AMPLITUDE**2 * squares) + 0.5 * t**2 + log_ndtr(t))


def _log_evidence(shapes: _Shapes, data: Observations, sigma: float, tau: float) -> Array:
    """Log evidence (6, m) of every shape in every order of the axes, over that of no peak."""
    networks = np.eye(data.network.max() + 1)[data.network]
    root = np.linalg.cholesky(np.diag(sigma**2 / data.count) + tau**2 * networks @ networks.T)
    ones, long = np.ones(len(data.mean)), data.long
    common = np.stack([ones, long, long * data.shares[:, 0], long * data.shares[:, 2]], axis=1)
    basis = orth(solve_triangular(root, common, lower=True))

    def whitened_residual(values: Array) -> Array:
        white = solve_triangular(root, values, lower=True)
        return np.asarray(white - basis @ (basis.T @ white))

    y = whitened_residual(data.mean - data.mean.mean())
    h = whitened_residual(np.concatenate([shapes.at(data.shares[:, order]) for order in ORDERS]).T)
    return log_odds_of_shape(h, y).reshape(len(ORDERS), -1)


def bimodality(data: Observations, sigma: float, tau: float) -> Bimodality:
    """Probability and position of two maxima, given seed noise and network effect (standard deviations, points)."""
    one, two = (_log_evidence(shapes, data, sigma, tau) for shapes in _shapes())
    logs = np.array([0.0, logsumexp(one) - math.log(one.size), logsumexp(two) - math.log(two.size)])
    log_posterior = logs + np.log([ODDS_NONE, ODDS_ONE, ODDS_TWO])
    order, shape = np.unravel_index(int(two.argmax()), two.shape)
    peaks = np.empty((2, 3))
    peaks[:, ORDERS[order]] = _shapes()[1].peaks[shape]
    (a, b, c), (d, e, f) = peaks.tolist()
    return Bimodality(float(np.exp(log_posterior[2] - logsumexp(log_posterior))), ((a, b, c), (d, e, f)))
