"""Closed-form cost of an architecture: MACs, parameters, activations.

One MAC is one multiply-accumulate by a weight of a convolution or linear layer. Biases, batch norm and pooling are not
counted. This is the paper's convention and equals fvcore's conv + linear count. An activation is one output number of those
layers (pycls, Radosavovic et al. 2020, section 3). Cost is a sum over feature-map sizes, so once a network's
:class:`CostCurve` is known, its cost at any resolution takes a few multiplications.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from scaling_search.networks.architecture import Architecture, Factory
from scaling_search.networks.blocks import (
    BlockOps,
    ConvOp,
    LinearOp,
    SqueezeExciteOp,
    Stage,
    head_ops,
    stage_ops,
    stem_op,
)
from scaling_search.networks.user_network_cost import measure

Pixels = npt.NDArray[np.int64]
CostKind = Literal["macs", "activations"]
"""Costs with a closed form that can define an iso-cost set."""


@dataclass(frozen=True, slots=True)
class Cost:
    """``macs`` and ``activations`` of one image's forward pass, and ``params``, the number of learnable values."""

    macs: int
    params: int
    activations: int

    def by_kind(self, kind: CostKind) -> int:
        """MACs or activations, by kind."""
        return self.macs if kind == "macs" else self.activations


class CostCurve:
    """Cost as a function of px. ``macs[i]`` and ``activations[i]`` are counts per output position at feature-map level i."""

    def __init__(self, strides: tuple[int, ...]) -> None:
        self.strides = strides
        self.macs = [0] * len(strides)
        self.activations = [0] * len(strides)
        self.fixed_macs = self.fixed_activations = self.params = 0

    def add_conv(self, level: int, op: ConvOp) -> None:
        """Add a convolution whose output is at feature-map ``level``."""
        weights = _weights(op)
        self.macs[level] += weights
        self.activations[level] += op.outputs
        self.params += weights + 2 * op.outputs

    def add_linear(self, op: LinearOp) -> None:
        """Add a linear layer."""
        self.fixed_macs += op.inputs * op.outputs
        self.fixed_activations += op.outputs
        self.params += (op.inputs + 1) * op.outputs

    def add_stage(self, level: int, stage: _StageCost) -> None:
        """Add a stage whose output is at feature-map ``level`` and its input at the level before."""
        macs_before, macs, activations_before, activations, fixed_macs, fixed_activations, params = stage
        self.macs[level - 1] += macs_before
        self.macs[level] += macs
        self.activations[level - 1] += activations_before
        self.activations[level] += activations
        self.fixed_macs += fixed_macs
        self.fixed_activations += fixed_activations
        self.params += params

    def sizes(self, px: Pixels) -> Pixels:
        """Side of the square map at each level, (len(px), levels). Each stride divides and rounds up."""
        sides, side = [], px
        for stride in self.strides:
            side = -(-side // stride)
            sides.append(side)
        return np.stack(sides, axis=-1)

    def macs_at(self, px: Pixels) -> Pixels:
        """MACs at each px."""
        return self.sizes(px) ** 2 @ np.array(self.macs, np.int64) + self.fixed_macs

    def activations_at(self, px: Pixels) -> Pixels:
        """Activations at each px."""
        return self.sizes(px) ** 2 @ np.array(self.activations, np.int64) + self.fixed_activations

    def cost_at(self, px: Pixels, kind: CostKind) -> Pixels:
        """MACs or activations at each px."""
        return self.macs_at(px) if kind == "macs" else self.activations_at(px)

    def sizes_within(self, px: Pixels, low: float, high: float, kind: CostKind = "macs") -> Pixels:
        """The resolutions in ascending ``px`` at which the cost is from ``low`` to ``high``."""
        values = self.cost_at(px, kind)
        return px[(values >= low) & (values <= high)]

    def at_resolution(self, px: int) -> Cost:
        """All costs at one px."""
        macs, activations, side = self.fixed_macs, self.fixed_activations, px
        for stride, m, a in zip(self.strides, self.macs, self.activations, strict=True):
            side = -(-side // stride)
            macs += m * side * side
            activations += a * side * side
        return Cost(macs, self.params, activations)


def _weights(op: ConvOp) -> int:
    return op.inputs // op.groups * op.outputs * op.kernel**2


class _StageCost(NamedTuple):
    """Cost of a stage per output position at the level of its input (``…_before``) and of its output, and fixed cost."""

    macs_before: int = 0
    macs: int = 0
    activations_before: int = 0
    activations: int = 0
    fixed_macs: int = 0
    fixed_activations: int = 0
    params: int = 0

    def plus(self, other: _StageCost, times: int) -> _StageCost:
        """The sum with ``times`` of another."""
        return _StageCost(*(a + times * b for a, b in zip(self, other, strict=True)))


def _conv_cost(op: ConvOp, before: bool) -> _StageCost:
    weights, params = _weights(op), _weights(op) + 2 * op.outputs  # the batch norm has a scale and a shift
    if before:
        return _StageCost(macs_before=weights, activations_before=op.outputs, params=params)
    return _StageCost(macs=weights, activations=op.outputs, params=params)


def _squeeze_excite_cost(op: SqueezeExciteOp) -> _StageCost:
    """Two layers on the channel means, which are linear layers with bias."""
    outputs = op.squeezed + op.channels
    weights = 2 * op.channels * op.squeezed
    return _StageCost(fixed_macs=weights, fixed_activations=outputs, params=weights + outputs)


def _block_cost(block: BlockOps) -> _StageCost:
    """The sum over the block's operations. Those before the strided convolution are at the level of the input."""
    before = any(isinstance(op, ConvOp) and op.stride > 1 for op in block.branch)
    total = _StageCost()
    for op in block.branch:
        if isinstance(op, SqueezeExciteOp):
            total = total.plus(_squeeze_excite_cost(op), 1)
            continue
        before = before and op.stride == 1
        total = total.plus(_conv_cost(op, before), 1)
    if isinstance(block.shortcut, ConvOp):
        total = total.plus(_conv_cost(block.shortcut, before=False), 1)
    return total


@lru_cache(maxsize=65536)
def _stage_cost(style: str, stage: Stage, inputs: int, is_first: bool) -> _StageCost:
    ops = stage_ops(style, stage, inputs, is_first)
    return _block_cost(ops.first).plus(_block_cost(ops.rest), ops.more)


@lru_cache(maxsize=65536)
def _curve(
    style: str, strides: tuple[int, ...], stem: int, stages: tuple[Stage, ...], head: int, classes: int, image_channels: int
) -> CostCurve:  # fmt: skip
    curve, inputs = CostCurve(strides), stem
    curve.add_conv(0, stem_op(style, image_channels, stem, strides[0]))
    for level, stage in enumerate(stages, 1):
        curve.add_stage(level, _stage_cost(style, stage, inputs, level == 1))
        inputs = stage.channels
    after = head_ops(style, inputs, head, classes)
    if after.conv is not None:
        curve.add_conv(len(stages), after.conv)
    if after.hidden is not None:
        curve.add_linear(after.hidden)
    curve.add_linear(after.classifier)
    return curve


class MeasuredCurve(CostCurve):
    """Cost of a user's network, measured by counting a forward pass instead of by a closed form."""

    def __init__(self, arch: Architecture, factory: Factory) -> None:
        super().__init__(())
        self._measure_args = (factory, arch.classes, arch.image_channels)

    def macs_at(self, px: Pixels) -> Pixels:
        """MACs at each px."""
        return np.array([macs for macs, _, _ in measure(*self._measure_args, px.tolist())], np.int64)

    def activations_at(self, px: Pixels) -> Pixels:
        """Activations at each px."""
        return np.array([activations for _, _, activations in measure(*self._measure_args, px.tolist())], np.int64)

    def sizes_within(self, px: Pixels, low: float, high: float, kind: CostKind = "macs") -> Pixels:
        """The resolutions in ascending ``px`` at which the cost is from ``low`` to ``high``.

        Cost grows with px, so a bisection measures only a few of them.
        """
        sides = px.tolist()

        def value(side: int) -> int:
            return self.at_resolution(side).by_kind(kind)

        if value(sides[0]) > high:
            return px[:0]
        inside = takewhile(lambda side: value(side) <= high, sides[bisect_left(sides, low, key=value) :])
        return np.array(list(inside), np.int64)

    def at_resolution(self, px: int) -> Cost:
        """All costs at one px."""
        return Cost(*measure(*self._measure_args, [px])[0])


def cost_curve(arch: Architecture) -> CostCurve:
    """The cost of an architecture at any resolution; ``arch.resolution`` is ignored."""
    if arch.factory is not None:
        return MeasuredCurve(arch, arch.factory)
    return _curve(arch.style, arch.strides, arch.stem, arch.stages, arch.head, arch.classes, arch.image_channels)


def cost(arch: Architecture) -> Cost:
    """The cost of an architecture at its own resolution."""
    return cost_curve(arch).at_resolution(arch.resolution)
