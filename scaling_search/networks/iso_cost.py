"""The iso-cost set: every real network whose MACs, or activations, are the target times the base's, within a tolerance.

Rounding makes cost a step function, so the set is found by enumeration over blocks, channels and px.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import TypeVar

import numpy as np

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import Architecture, Rounding, build, factory_steps, round_blocks, widen
from scaling_search.networks.candidates import CandidateSet, Option, networks_by_px
from scaling_search.networks.cost import CostKind, Pixels, cost, cost_curve

AXIS_LIMIT = 192
"""Most settings tried along one axis; a huge budget's longer axes are thinned, evenly in the logarithm."""


T = TypeVar("T")


def _thin(options: Sequence[T], limit: int = AXIS_LIMIT) -> list[T]:
    if len(options) <= limit:
        return list(options)
    picks = np.unique(np.geomspace(1, len(options), limit).astype(int)) - 1
    return [options[i] for i in picks]


def block_options(base: Architecture, rounding: Rounding, high: float, low: float = 1.0) -> list[Option]:
    """Distinct blocks a stage for depth multipliers from ``low`` to ``high``, shallow first."""
    if base.factory is not None:
        return factory_steps(base.factory.depth, low, high)
    total = sum(base.blocks)
    if rounding == "nearest":
        depths = [t / total for t in range(max(1, math.ceil(total * low)), math.floor(total * high) + 1)]
    else:
        steps = {k / n for n in base.blocks for k in range(max(1, math.ceil(n * low)), math.floor(n * high) + 1)}
        depths = [*sorted(steps), high]
    return list(dict.fromkeys(round_blocks(base.blocks, d, rounding) for d in _thin(depths)))


def channel_options(
    base: Architecture, rounding: Rounding, divisor: int, high: float, low: float = 1.0
) -> list[Option]:
    """Distinct channels (stem, stages, head) for width multipliers from ``low`` to ``high``, narrow first.

    None is under the base's where ``low`` is 1, none over it where ``high`` is.
    """
    if base.factory is not None:
        return factory_steps(base.factory.width, low, high)
    steps = {low, high}
    for c in set(base.channels):
        for k in range(math.floor(c * low / divisor), math.ceil(c * high / divisor) + 1):
            steps |= {(k + 0.5) * divisor / c, k * divisor / 0.9 / c}
    inside = sorted(s for s in steps if low <= s <= high)
    widths = sorted([1.0, *((a + b) / 2 for a, b in pairwise(inside))])
    options = dict.fromkeys(widen(base, w, rounding, divisor) for w in widths)
    home = base.channels
    return [
        o for o in options if all((low < 1 or n >= c) and (high > 1 or n <= c) for n, c in zip(o, home, strict=True))
    ]


Axes = tuple[list[Option], list[Option], Pixels]
"""Settings of blocks, of channels and of px."""


def _larger(
    base: Architecture, target: float, high: float, rounding: Rounding, divisor: int, kind: CostKind
) -> Axes:  # fmt: skip
    """What each axis alone can afford under ``high`` MACs (or activations)."""

    def fits(blocks: Option, channels: Option) -> bool:
        return cost(build(base, blocks, channels, base.resolution)).by_kind(kind) <= high

    reach = 2 * target  # beyond what any axis alone can afford; width costs at least in proportion
    blocks = [b for b in block_options(base, rounding, reach) if fits(b, base.channels)]
    narrow, wide = 1.0, 1.1 * target if kind == "macs" else reach
    for _ in range(12):  # the widest that fits: most widths up to ``reach`` do not
        middle = (narrow + wide) / 2
        fitting = fits(base.blocks, widen(base, middle, rounding, divisor))
        narrow, wide = (middle, wide) if fitting else (narrow, middle)
    channels = _thin([c for c in channel_options(base, rounding, divisor, wide) if fits(base.blocks, c)])
    px = np.arange(base.resolution, math.ceil(base.resolution * reach) + 1, dtype=np.int64)
    px = cost_curve(base).sizes_within(px, 0, high, kind)
    return blocks, channels, np.array(_thin(px.tolist(), 4 * AXIS_LIMIT), np.int64)


def _smaller(base: Architecture, low: float, rounding: Rounding, divisor: int, kind: CostKind) -> Axes:
    """What each axis alone may give up before the network is under ``low`` MACs (or activations)."""

    def enough(blocks: Option, channels: Option) -> bool:
        return cost(build(base, blocks, channels, base.resolution)).by_kind(kind) >= low

    blocks = [b for b in block_options(base, rounding, 1.0, 1e-6) if enough(b, base.channels)]
    options = channel_options(base, rounding, divisor, 1.0, divisor / max(base.channels) / 2)
    channels = _thin([c for c in options if enough(base.blocks, c)])
    px = np.arange(1, base.resolution + 1, dtype=np.int64)
    px = cost_curve(base).sizes_within(px, low, math.inf, kind)
    return blocks, channels, np.array(_thin(px.tolist(), 4 * AXIS_LIMIT), np.int64)


@lru_cache(maxsize=32)
def iso_cost_set(
    base: Architecture,
    target: float = 2.0,
    tolerance: float = 0.02,
    rounding: Rounding = "nearest",
    divisor: int = 8,
    kind: CostKind = "macs",
) -> CandidateSet:
    """Every network (up to AXIS_LIMIT settings an axis) whose real MACs, or activations, are ``target`` times the base's.

    ``tolerance`` is the allowed relative error. Over 1 no axis is under the base's; under 1 none is over it, and shares say
    how the saving is split.

    Raises:
        NoCandidates: there is none.
    """
    own = cost(base).by_kind(kind)
    low, high = own * target * (1 - tolerance), own * target * (1 + tolerance)
    down = target < 1
    axes = (
        _smaller(base, low, rounding, divisor, kind) if down else _larger(base, target, high, rounding, divisor, kind)
    )
    blocks, channels, px = axes
    found = []
    for b, c in product(blocks, channels):
        inside = cost_curve(build(base, b, c, base.resolution)).sizes_within(px, low, high, kind)
        if len(inside):
            found += networks_by_px(base, b, c, inside, kind)
    if not found:
        unit = "MACs" if kind == "macs" else kind
        raise NoCandidates(
            f"no network costs {target:g}× the base within {tolerance:.1%} (base {own:,} {unit}, {base.resolution} px, divisor {divisor})",
            "widen budget.tolerance, lower budget.divisor, or choose a larger base",
        )
    return CandidateSet(sorted(found, key=lambda c: (c.shares, c.architecture.channels, c.architecture.resolution)))
