"""Worlds whose truth is known: smooth surfaces over real networks' shares, a network effect, seed noise, and longer runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.response_surface import HEIGHTS, SCALES, columns, prior_covariance
from scaling_search.networks.candidates import Candidate, share_matrix
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.spec.study_file import parse

Array = npt.NDArray[np.float64]
EFFECT = 0.15
"""Standard deviation of the network effect, points."""
SPEC = "name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}"


@lru_cache(maxsize=1)
def networks() -> tuple[Candidate, ...]:
    """Half of the networks that cost twice a quarter-width EfficientNet-B0 at 18 px; they cover the triangle."""
    return iso_cost_set(parse(SPEC).base_architecture(), divisor=2)[::2]


@lru_cache(maxsize=1)
def shares() -> Array:
    """Their shares (n, 3)."""
    return share_matrix(networks())


def _bump(peak: Array, width: float) -> Array:
    away = ((shares() - peak) ** 2).sum(axis=1)
    return np.asarray(np.exp(-away / (2 * width**2)))


def _interior(random: np.random.Generator) -> Array:
    return _bump(random.dirichlet([5, 5, 5]), 0.45)


def _edge(random: np.random.Generator) -> Array:
    return _bump(np.insert(random.dirichlet([5, 5]), random.integers(3), 0.0), 0.45)


def _corner(random: np.random.Generator) -> Array:
    return _bump(np.eye(3)[random.integers(3)], 0.6)


def _ridge(random: np.random.Generator) -> Array:
    """A band of equal shares of one axis, with a slight rise along it."""
    axis, at = int(random.integers(3)), random.uniform(0.1, 0.5)
    across = np.exp(-((shares()[:, axis] - at) ** 2) / (2 * 0.25**2))
    return np.asarray(across + 0.15 * shares()[:, (axis + 1) % 3])


def _two_peaks(random: np.random.Generator) -> Array:
    i, j, k = random.permutation(3)
    first, second = np.zeros(3), np.zeros(3)
    first[[i, j, k]], second[[i, j, k]] = (0.75, 0.15, 0.10), (0.10, 0.70, 0.20)
    return _bump(first, 0.22) + random.uniform(0.7, 0.95) * _bump(second, 0.22)


def _flat(_: np.random.Generator) -> Array:
    return np.zeros(len(shares()))


def _prior(random: np.random.Generator) -> Array:
    """Drawn from the model itself, all scales and heights alike."""
    covariance = prior_covariance(random.choice(SCALES), random.choice(HEIGHTS))
    covariance[:3, :3] -= covariance[0, 1]  # the level is free, and common
    x = columns(shares(), np.zeros(len(shares())), True)
    return np.asarray(x @ random.multivariate_normal(np.zeros(len(covariance)), covariance))


RANGE = 2.0
"""Points between the best and the worst network of a synthetic class; those of the prior have their own."""
CLASSES: dict[str, Callable[[np.random.Generator], Array]] = {
    "interior": _interior,
    "edge": _edge,
    "corner": _corner,
    "ridge": _ridge,
    "two peaks": _two_peaks,
    "prior": _prior,
    "flat": _flat,
}
UNIMODAL = ("interior", "edge", "corner", "ridge")


@dataclass
class World:
    """One truth over shares (n, 3): smooth values of short and long runs (n,), lasting network effects (n,), seed noise; in points."""

    random: np.random.Generator
    shares: Array
    smooth: Array
    long: Array
    effect: Array
    sigma: float

    def run(self, network: int, long: bool = False) -> float:
        """The accuracy of one training."""
        mean = (self.long if long else self.smooth)[network] + self.effect[network]
        return float(mean + self.random.normal(0, self.sigma))

    def regret(self, network: int, long: bool = False) -> float:
        """Points by which the network's smooth value lies under the best."""
        values = self.long if long else self.smooth
        return float(values.max() - values[network])


def truth(kind: str, random: np.random.Generator) -> Array:
    """A smooth surface (n,) of a class, points."""
    made = CLASSES[kind](random)
    return made if kind in ("flat", "prior") else np.asarray(RANGE * (made - made.min()) / np.ptp(made))


def world(kind: str, sigma: float, seed: int, favour: tuple[float, float] = (0.0, 0.0)) -> World:
    """A world of a class; ``favour`` is what long runs add to all depth and to all px, over all width (λ)."""
    random = np.random.default_rng([list(CLASSES).index(kind), round(1000 * sigma), seed])
    made = truth(kind, random)
    longer = made + 2.0 + shares()[:, 0] * favour[0] + shares()[:, 2] * favour[1]
    return World(random, shares(), made, longer, random.normal(0, EFFECT, len(made)), sigma)
