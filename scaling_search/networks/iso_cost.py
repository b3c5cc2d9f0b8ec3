"""The iso-cost set: every real network whose MACs (or activations) are ``target`` times the base's, within a tolerance.

Rounding makes cost a step function, so the set is found by enumerating blocks, channels and px.
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

MAX_AXIS_SETTINGS = 192
"""Maximum number of settings tried along one axis. Longer axes, which huge budgets have, are thinned evenly on a log scale."""

T = TypeVar("T")


def _thin(options: Sequence[T], limit: int = MAX_AXIS_SETTINGS) -> list[T]:
    if len(options) <= limit:
        return list(options)
    picks = np.unique(np.geomspace(1, len(options), limit).astype(int)) - 1
    return [options[i] for i in picks]


def block_options(base: Architecture, rounding: Rounding, high: float, low: float = 1.0) -> list[Option]:
    """Distinct tuples of blocks (of each stage) for depth multipliers from ``low`` to ``high``, shallow first."""
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
    """Distinct tuples of channels (stem, stages, head) for width multipliers from ``low`` to ``high``, narrow first.

    With ``low`` = 1 no channel count is below the base's; with ``high`` = 1 none is above it.
    """
    if base.factory is not None:
        return factory_steps(base.factory.width, low, high)
    thresholds = {low, high}  # widths at which a rounded channel count changes
    for c in set(base.channels):
        for k in range(math.floor(c * low / divisor), math.ceil(c * high / divisor) + 1):
            thresholds |= {(k + 0.5) * divisor / c, k * divisor / 0.9 / c}
    in_range = sorted(t for t in thresholds if low <= t <= high)
    widths = sorted([1.0, *((a + b) / 2 for a, b in pairwise(in_range))])

    def on_one_side(option: Option) -> bool:
        return all((low < 1 or n >= c) and (high > 1 or n <= c) for n, c in zip(option, base.channels, strict=True))

    return list(filter(on_one_side, dict.fromkeys(widen(base, w, rounding, divisor) for w in widths)))


Axes = tuple[list[Option], list[Option], Pixels]
"""Settings of blocks, channels and px."""


def _larger_axes(
    base: Architecture, target: float, high: float, rounding: Rounding, divisor: int, kind: CostKind
) -> Axes:  # fmt: skip
    """For each axis, the settings whose cost does not exceed ``high`` when the other two stay at the base's."""

    def fits(blocks: Option, channels: Option) -> bool:
        return cost(build(base, blocks, channels, base.resolution)).by_kind(kind) <= high

    max_multiplier = 2 * target  # no axis fits beyond it: cost grows at least in proportion to each
    blocks = [b for b in block_options(base, rounding, max_multiplier) if fits(b, base.channels)]
    narrow, wide = 1.0, 1.1 * target if kind == "macs" else max_multiplier
    for _ in range(12):  # bisect for the widest that fits, because most widths up to the maximum do not
        middle = (narrow + wide) / 2
        middle_fits = fits(base.blocks, widen(base, middle, rounding, divisor))
        narrow, wide = (middle, wide) if middle_fits else (narrow, middle)
    channels = _thin([c for c in channel_options(base, rounding, divisor, wide) if fits(base.blocks, c)])
    px = np.arange(base.resolution, math.ceil(base.resolution * max_multiplier) + 1, dtype=np.int64)
    px = cost_curve(base).sizes_within(px, 0, high, kind)
    return blocks, channels, np.array(_thin(px.tolist(), 4 * MAX_AXIS_SETTINGS), np.int64)


def _smaller_axes(base: Architecture, low: float, rounding: Rounding, divisor: int, kind: CostKind) -> Axes:
    """For each axis, the settings whose cost is not below ``low`` when the other two stay at the base's."""

    def fits(blocks: Option, channels: Option) -> bool:
        return cost(build(base, blocks, channels, base.resolution)).by_kind(kind) >= low

    blocks = [b for b in block_options(base, rounding, 1.0, 1e-6) if fits(b, base.channels)]
    options = channel_options(base, rounding, divisor, 1.0, divisor / max(base.channels) / 2)
    channels = _thin([c for c in options if fits(base.blocks, c)])
    px = np.arange(1, base.resolution + 1, dtype=np.int64)
    px = cost_curve(base).sizes_within(px, low, math.inf, kind)
    return blocks, channels, np.array(_thin(px.tolist(), 4 * MAX_AXIS_SETTINGS), np.int64)


@lru_cache(maxsize=32)
def iso_cost_set(
    base: Architecture,
    target: float = 2.0,
    tolerance: float = 0.02,
    rounding: Rounding = "nearest",
    divisor: int = 8,
    kind: CostKind = "macs",
) -> CandidateSet:
    """Every network (of up to MAX_AXIS_SETTINGS settings per axis) with ``target`` times the base's real MACs or activations.

    ``tolerance`` is the allowed relative error. If ``target`` is above 1, no axis is below the base's. If it is below 1, no
    axis is above the base's, and shares split the saving.

    Raises:
        NoCandidates: the set is empty.
    """
    base_cost = cost(base).by_kind(kind)
    low, high = base_cost * target * (1 - tolerance), base_cost * target * (1 + tolerance)
    if target < 1:
        blocks, channels, px = _smaller_axes(base, low, rounding, divisor, kind)
    else:
        blocks, channels, px = _larger_axes(base, target, high, rounding, divisor, kind)
    candidates = []
    for b, c in product(blocks, channels):
        px_within = cost_curve(build(base, b, c, base.resolution)).sizes_within(px, low, high, kind)
        if len(px_within):
            candidates += networks_by_px(base, b, c, px_within, kind)
    if not candidates:
        unit = "MACs" if kind == "macs" else kind
        raise NoCandidates(
            f"no network costs {target:g}× the base within {tolerance:.1%} (base {base_cost:,} {unit}, {base.resolution} px, divisor {divisor})",
            "widen budget.tolerance, lower budget.divisor, or choose a larger base",
        )
    return CandidateSet(
        sorted(candidates, key=lambda c: (c.shares, c.architecture.channels, c.architecture.resolution))
    )
