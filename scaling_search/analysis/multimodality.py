"""How many tops the surface has: none, one or two, by the evidence for shapes of hills. numpy and scipy only.

In percentage points, over shares x = (a, b, c), with the network effect n and seed noise e of :mod:`surface`:

    y = level + [long]·(μ + λ_d·a + λ_r·c) + A·h(x) + n + e          A ~ |N(0, AMPLITUDE²)|,  h spans 1 over the triangle

    none   A = 0
    one    h = g(x; m, w₁, w₂, angle)                              g a Gaussian hill with its top at m
    two    h = g(x; m₁, w, w) + k·g(x; m₂, w, w)                   |m₁ − m₂| ≥ APART·w, so that there is a valley between

Shapes are drawn from wide priors, once, and taken in all six orders of the axes, so that naming axes otherwise changes
nothing. With y and h whitened by n's and e's covariance and cleared of level, μ and λ, a shape's evidence over that of
`none` is a one-dimensional integral over A:

    2·(1 + AMPLITUDE²·hᵀh)^(−½) · exp(½t²) · Φ(t)                   t = hᵀy / (hᵀh + AMPLITUDE⁻²)^½

and P(two) compares the mean evidence of two-topped shapes with that of one top and of none. A quadratic cannot have two
tops inside the triangle and a process with few runs smooths them over, so neither asks this question.
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
"""Prior odds of no hill, one top and two."""
AMPLITUDE = 2.0
"""Points between the best and the worst network, a priori."""
APART = 2.5
ONE_SHAPES, TWO_SHAPES = 500, 1000
NARROW, WIDE, ENDLESS = 0.2, 1.0, 3.0
"""Widths of a single hill, in shares, across and along; an endless one is a ridge."""
NARROW_OF_TWO, WIDE_OF_TWO = 0.15, 0.3
LEAST_SECOND = 0.5
ORDERS = tuple(permutations(range(3)))
PLANE = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -2.0]]) / np.sqrt([[2.0], [6.0]])
"""Shares (3,) → the plane of the triangle (2,), distances kept."""


@dataclass(frozen=True)
class Bimodality:
    """Probability that the surface has two tops, and where the likeliest two lie, the higher first."""

    probability: float
    shares: tuple[Shares, Shares]


@dataclass(frozen=True)
class _Shapes:
    """Shapes of t hills: tops (m, t, 3) in shares, roots (m, t, 2, 2) of the inverse spreads in the plane, heights (m, t)."""

    tops: Array
    roots: Array
    heights: Array

    def at(self, shares: Array) -> Array:
        """h (m, n) at shares (n, 3)."""
        away = (shares - self.tops[:, :, np.newaxis]) @ PLANE.T  # (m, t, n, 2)
        scaled = away @ self.roots.transpose(0, 1, 3, 2)
        hills = np.exp(-0.5 * (scaled**2).sum(axis=-1))
        return np.asarray((self.heights[:, :, np.newaxis] * hills).sum(axis=1))

    def spanning_one(self) -> _Shapes:
        """The same shapes, each with 1 between its highest and lowest point of the triangle."""
        values = self.at(np.array(simplex_lattice(66)))
        return _Shapes(self.tops, self.roots, self.heights / np.ptp(values, axis=1, keepdims=True))


def _widths(random: np.random.Generator, low: float, high: float, n: int) -> Array:
    return np.asarray(np.exp(random.uniform(math.log(low), math.log(high), n)))


@lru_cache(maxsize=1)
def _shapes() -> tuple[_Shapes, _Shapes]:
    """Shapes of one top and of two."""
    random = np.random.default_rng(0)
    n = ONE_SHAPES
    top, angle = random.dirichlet([1, 1, 1], n), random.uniform(0, math.pi, n)
    across, along = _widths(random, NARROW, WIDE, n), _widths(random, NARROW, ENDLESS, n)
    turned = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=1).reshape(n, 2, 2)
    one = _Shapes(
        top[:, np.newaxis],
        (turned / np.stack([across, along], axis=1)[:, :, np.newaxis])[:, np.newaxis],
        np.ones((n, 1)),
    )
    pairs = random.dirichlet([1, 1, 1], (8 * TWO_SHAPES, 2))
    width = _widths(random, NARROW_OF_TWO, WIDE_OF_TWO, len(pairs))
    kept = np.flatnonzero(np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1) > APART * width)[:TWO_SHAPES]
    n = len(kept)
    roots = np.broadcast_to(np.eye(2) / width[kept, np.newaxis, np.newaxis, np.newaxis], (n, 2, 2, 2))
    two = _Shapes(pairs[kept], roots, np.stack([np.ones(n), random.uniform(LEAST_SECOND, 1, n)], axis=1))
    return one.spanning_one(), two.spanning_one()


def log_odds_of_shape(h: Array, y: Array) -> Array:
    """Log evidence (m,) of shapes h (c, m) over that of no hill, given y (c,), all whitened: the integral above."""
    squares = (h**2).sum(axis=0)
    t = (y @ h) / np.sqrt(squares + AMPLITUDE**-2)
    return np.asarray(math.log(2) - 0.5 * np.log1p(AMPLITUDE**2 * squares) + 0.5 * t**2 + log_ndtr(t))


def _log_evidence(shapes: _Shapes, data: Observations, sigma: float, tau: float) -> Array:
    """Log evidence (6, m) over that of no hill, of every shape in every order of the axes."""
    networks = np.eye(data.network.max() + 1)[data.network]
    root = np.linalg.cholesky(np.diag(sigma**2 / data.count) + tau**2 * networks @ networks.T)
    ones, long = np.ones(len(data.mean)), data.long
    common = np.stack([ones, long, long * data.shares[:, 0], long * data.shares[:, 2]], axis=1)
    basis = orth(solve_triangular(root, common, lower=True))

    def cleared(values: Array) -> Array:
        white = solve_triangular(root, values, lower=True)
        return np.asarray(white - basis @ (basis.T @ white))

    y = cleared(data.mean - data.mean.mean())
    h = cleared(np.concatenate([shapes.at(data.shares[:, order]) for order in ORDERS]).T)
    return log_odds_of_shape(h, y).reshape(len(ORDERS), -1)


def bimodality(data: Observations, sigma: float, tau: float) -> Bimodality:
    """Whether the runs speak for two tops, given seed noise and network effect (standard deviations, points)."""
    one, two = (_log_evidence(shapes, data, sigma, tau) for shapes in _shapes())
    logs = np.array([0.0, logsumexp(one) - math.log(one.size), logsumexp(two) - math.log(two.size)])
    weighed = logs + np.log([ODDS_NONE, ODDS_ONE, ODDS_TWO])
    order, shape = np.unravel_index(int(two.argmax()), two.shape)
    found = np.empty((2, 3))
    found[:, ORDERS[order]] = _shapes()[1].tops[shape]
    (a, b, c), (d, e, f) = found.tolist()
    return Bimodality(float(np.exp(weighed[2] - logsumexp(weighed))), ((a, b, c), (d, e, f)))
