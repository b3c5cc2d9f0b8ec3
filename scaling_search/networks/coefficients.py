"""Shares of a doubling ⇄ (α, β, γ), and φ → multipliers (Tan & Le 2019, equations 2 and 3).

Cost grows as depth · width² · resolution², so a share of a doubling spent on width or resolution is halved in the exponent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from scaling_search.errors import InputError

AXES = ("depth", "width", "resolution")
"""What a network is scaled along, in the order of shares and triples."""
Shares = tuple[float, float, float]
"""(depth, width, resolution) parts of a step's cost; they sum to 1."""


class Triple(NamedTuple):
    """Growth of depth, width and resolution for each unit of φ; each is at least 1."""

    alpha: float
    beta: float
    gamma: float

    @property
    def product(self) -> float:
        """α·β²·γ², the nominal cost of one unit of φ."""
        return self.alpha * self.beta**2 * self.gamma**2


MIN_PHI, MAX_PHI = -6.0, 12.0
"""Of a family's networks; negative ones are smaller than the base."""


def is_phi(value: float) -> bool:
    """Whether a family can have a network there; 0 is the base itself."""
    return value != 0 and MIN_PHI <= value <= MAX_PHI


def parse_phis(text: str, field: str = "phi", example: str = "0.5, 1, 2") -> list[float]:
    """Numbers separated by commas. ``field`` and ``example`` are for the error's message and hint.

    Raises:
        InputError: not a list of numbers from −6 to 12 without 0.
    """
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(map(is_phi, values)):
        raise InputError(
            f"{field}: {text[:100]!r} is not a list of numbers from −6 to 12 without 0", f"for example: {example}"
        )
    return values


PAPER = Triple(1.2, 1.1, 1.15)
"""The published coefficients (Tan & Le 2019, section 4); their product is 1.920."""


def triple_of(shares: Sequence[float], doublings: float = 1.0, width_power: float = 2.0) -> Triple:
    """α = 2^(ta), β = 2^(tb/2), γ = 2^(tc/2) for shares (a, b, c) and t ``doublings`` of nominal cost.

    ``width_power`` is that of width in the cost: 2 in MACs, 1 in activations (Dollár, Singh & Girshick 2021, table 2).
    """
    a, b, c = shares
    return Triple(2.0 ** (doublings * a), 2.0 ** (doublings * b / width_power), 2.0 ** (doublings * c / 2))


def nominal_shares(triple: Triple) -> Shares:
    """Shares of log2(α·β²·γ²); the published triple gives (0.279, 0.292, 0.428).

    Raises:
        ValueError: the product is 1, which has no shares.
    """
    total = math.log2(triple.product)
    if total == 0:
        raise ValueError("alpha = beta = gamma = 1 has no shares")
    a, b, c = math.log2(triple.alpha), 2 * math.log2(triple.beta), 2 * math.log2(triple.gamma)
    return a / total, b / total, c / total


def multipliers(triple: Triple, phi: float) -> Triple:
    """(α^φ, β^φ, γ^φ): what depth, width and resolution are multiplied by."""
    return Triple(triple.alpha**phi, triple.beta**phi, triple.gamma**phi)


def fit_phi(triple: Triple, depth: float, width: float, resolution: float) -> float:
    """The φ whose multipliers are nearest the given ones, by least squares of their logarithms."""
    steps = [math.log(x) for x in triple]
    seen = [math.log(x) for x in (depth, width, resolution)]
    return sum(s * x for s, x in zip(steps, seen, strict=True)) / sum(s * s for s in steps)


PUBLISHED_PHI = (0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0)
