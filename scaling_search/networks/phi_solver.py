"""The network whose real MACs are 2^φ times the base's, near the line of a triple.

Blocks, channels and px are integers, so the triple alone misses 2^φ. A bisection finds the point on the triple's line where
the cost is right; then the networks around that point are compared.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture, scale, widen
from scaling_search.networks.bases import largest_px
from scaling_search.networks.coefficients import Triple
from scaling_search.networks.cost import cost, cost_curve

EXACT, ACCEPTED = 0.004, 0.01
"""Relative errors of real MACs. Networks within EXACT count as equally good; else one within ACCEPTED is taken."""

MAX_PX = 10**6
"""Largest px of a base without a limit of its own."""


def solve(base: Architecture, triple: Triple, phi: float, divisor: int) -> tuple[float, float, Architecture]:
    """(depth, width, network) under ``nearest`` rounding whose real MACs are 2^φ times the base's.

    Of the networks around the point on the triple's line with the right cost, those within EXACT of the target count as equal,
    and the one with the fewest doublings from the point is taken. If there are none, the one nearest in cost is taken. For a
    base with a largest px (EfficientNetV2), px stop there and depth and width grow further.

    Raises:
        InputError: the triple is (1, 1, 1), so nothing grows, or only px grow and would exceed the largest.
    """
    if triple.product <= 1:
        raise InputError("alpha, beta and gamma are all 1: nothing grows", "give a triple with a product near 2")
    line = _Line(base, triple, divisor, largest_px(base) or MAX_PX)
    target = cost(base).macs * 2.0**phi
    point = line.point_at(_bisect(line, phi, target))
    px_limits = (base.resolution, line.max_px) if phi > 0 else (1, base.resolution)
    for reach in (1, 2, 3, 4):
        grade, depth, width, arch = _best_around(base, point, px_limits, target, divisor, reach)
        if grade <= 1:
            break
    return depth, width, arch


@dataclass(frozen=True)
class _Line:
    """Networks of one triple as a function of the exponent ``step``, the same for all three coefficients."""

    base: Architecture
    triple: Triple
    divisor: int
    max_px: int

    @property
    def last_px_step(self) -> float:
        """The step at which px reach the largest."""
        growth = self.triple.gamma
        return math.log(self.max_px / self.base.resolution, growth) if growth > 1 else math.inf

    def point_at(self, step: float) -> Triple:
        """(depth, width, px), not rounded."""
        alpha, beta, gamma = self.triple
        px = self.base.resolution * gamma ** min(step, self.last_px_step)  # γ^step alone can overflow
        return Triple(alpha**step, beta**step, min(self.max_px, px))

    def macs_at(self, step: float) -> int:
        depth, width, px = self.point_at(step)
        return cost(scale(self.base, depth, width, max(1, round(px)), "nearest", self.divisor)).macs


def _bisect(line: _Line, phi: float, target: float) -> float:
    """The step at which the real MACs pass ``target``.

    Raises:
        InputError: only px grow and would exceed the largest.
    """
    low, high = sorted((0.0, 2.5 * phi / math.log2(line.triple.product)))  # real cost may grow slower than the product
    last = line.last_px_step
    if high > last:
        high, reached, growth = last, line.macs_at(last), line.triple.alpha * line.triple.beta**2
        if reached < target and growth > 1:
            low, high = last, last + 2.5 * phi / math.log2(growth)
        elif reached < target * (1 - ACCEPTED):
            raise _too_many_px(line.max_px, line.base, phi, target)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if line.macs_at(middle) < target else (low, middle)
    return high


def _too_many_px(max_px: int, base: Architecture, phi: float, target: float) -> InputError:
    """The error if only px grow, and more than ``max_px`` are needed for ``target`` MACs."""
    curve, sides = cost_curve(base), range(max_px, round(base.resolution * 2.0 ** (phi + 1)))
    needed = sides[bisect_left(sides, target, key=lambda px: curve.at_resolution(px).macs)]
    message = f"φ = {phi:g} needs {needed} px where nothing else grows, and {base.base} stops at {max_px} px"
    return InputError(message, "give alpha or beta more than 1, or a smaller φ")


def _networks_around(
    base: Architecture, point: Triple, divisor: int, reach: int
) -> Iterator[tuple[float, float, Architecture]]:
    """(depth, width, network) within ±``reach`` blocks (with a larger reach ±3 % of them) and ±3 % · ``reach`` of the width.

    If the family grows, no axis is below the base's; if it shrinks, none is above.
    """
    total, grows = sum(base.blocks), point.gamma > base.resolution or point.alpha > 1 or point.beta > 1
    max_blocks = max(reach, round(total * point.alpha * 0.03 * (reach - 1)))
    steps = range(-max_blocks, max_blocks + 1) if base.factory is None else (-50, 0, 50)  # of a factory: thousandths
    blocks = {round(total * point.alpha) + step for step in steps}
    blocks = {max(total, n) if grows else min(total, max(len(base.blocks), n)) for n in blocks}
    widths: dict[tuple[int, ...], float] = {}
    for factor in np.linspace(1 - 0.03 * reach, 1 + 0.03 * reach, 12 * reach + 1).tolist():
        width = max(1.0, point.beta * factor) if grows else min(1.0, point.beta * factor)
        widths.setdefault(widen(base, width, "nearest", divisor), width)
    for n, width in product(sorted(blocks), sorted(widths.values())):
        yield n / total, width, scale(base, n / total, width, base.resolution, "nearest", divisor)


def _best_around(
    base: Architecture, point: Triple, px_limits: tuple[int, int], target: float, divisor: int, reach: int
) -> tuple[float, float, float, Architecture]:
    """(grade, depth, width, network) of the best network within ``reach`` of the point; a grade above 1 is not ACCEPTED."""
    min_px, max_px = px_limits
    graded: list[tuple[tuple[float, float], float, float, Architecture]] = []
    for depth, width, arch in _networks_around(base, point, divisor, reach):
        curve = cost_curve(arch)
        doublings = abs(math.log2(depth / point.alpha)) + 2 * abs(math.log2(width / point.beta))
        middle = min(max_px, max(min_px, round(point.gamma)))
        px_reach = 6 * reach if base.factory is None else reach  # each network of a factory must be measured
        for px in range(max(min_px, middle - px_reach), min(max_px, middle + px_reach) + 1):
            error = abs(curve.at_resolution(px).macs / target - 1)
            distance = doublings + 2 * abs(math.log2(px / point.gamma))
            grade = 0.0 if error <= EXACT else 1.0 if error <= ACCEPTED else 1 + error
            graded.append(((grade, distance), depth, width, replace(arch, resolution=px)))
    (grade, _), depth, width, arch = min(graded, key=lambda g: g[0])
    return grade, depth, width, arch
