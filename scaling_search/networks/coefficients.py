"""Shares ⇄ (α, β, γ), and φ → multipliers (Tan & Le 2019, equations 2 and 3).

Cost grows as depth · width² · resolution², so the exponents of width and resolution are half their shares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from scaling_search.errors import InputError

AXES = ("depth", "width", "resolution")
"""Scaled dimensions, in the order of shares and triples."""
Shares = tuple[float, float, float]
"""Parts of a growth in cost due to (depth, width, resolution); they sum to 1."""


class Triple(NamedTuple):
    """Growth factors of depth, width and resolution for one unit of φ, each at least 1."""

    alpha: float
    beta: float
    gamma: float

    @property
    def product(self) -> float:
        """α·β²·γ², the nominal growth in cost for one unit of φ."""
        return self.alpha * self.beta**2 * self.gamma**2


MIN_PHI, MAX_PHI = -6.0, 12.0
"""Range of φ in a family. A negative φ gives a network smaller than the base."""


def is_phi(value: float) -> bool:
    """Whether a family can have a network at this φ; 0 is excluded because it is the base itself."""
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
"""Published coefficients of EfficientNet (Tan & Le 2019, section 4); their product is 1.920."""
PUBLISHED_PHI = (0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0)
"""φ of B1–B7 as usually tabulated, and the default φ of a family."""


def triple_of(shares: Sequence[float], doublings: float = 1.0, width_power: float = 2.0) -> Triple:
    """α = 2^(ta), β = 2^(tb/2), γ = 2^(tc/2) for shares (a, b, c) and t ``doublings`` of nominal cost.

    ``width_power`` is the power of width in the cost: 2 for MACs, 1 for activations (Dollár, Singh & Girshick 2021, table 2).
    """
    a, b, c = shares
    return Triple(2.0 ** (doublings * a), 2.0 ** (doublings * b / width_power), 2.0 ** (doublings * c / 2))


def nominal_shares(triple: Triple) -> Shares:
    """Shares of log2(α·β²·γ²); the published triple gives (0.279, 0.292, 0.428).

    Raises:
        ValueError: the product is 1, for which shares are undefined.
    """
    total = math.log2(triple.product)
    if total == 0:
        raise ValueError("alpha = beta = gamma = 1 has no shares")
    a, b, c = math.log2(triple.alpha), 2 * math.log2(triple.beta), 2 * math.log2(triple.gamma)
    return a / total, b / total, c / total


def multipliers(triple: Triple, phi: float) -> Triple:
    """Multipliers (α^φ, β^φ, γ^φ) of depth, width and resolution."""
    return Triple(triple.alpha**phi, triple.beta**phi, triple.gamma**phi)


def fit_phi(triple: Triple, depth: float, width: float, resolution: float) -> float:
    """The φ whose multipliers are closest to the given ones, by least squares of the logarithms."""
    log_steps = [math.log(x) for x in triple]
    log_multipliers = [math.log(x) for x in (depth, width, resolution)]
    return sum(s * x for s, x in zip(log_steps, log_multipliers, strict=True)) / sum(s * s for s in log_steps)
