"""Closed-form cost of an architecture: MACs, parameters, activations.

One MAC is one multiply-accumulate of a convolution's or linear layer's weight; biases, batch norm and pooling are left
out. That is the paper's convention and fvcore's conv + linear count. An activation is one output number of those layers
(pycls, Radosavovic et al. 2020, section 3). Every cost is a sum over feature-map sizes, so a network's cost at any
resolution is a few multiplications once its :class:`CostCurve` is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scaling_search.architecture import Architecture, Stage

Pixels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one image's forward pass: ``macs`` and ``activations``; ``params`` counts every learnable number."""

    macs: int
    params: int
    activations: int


class CostCurve:
    """Cost as a function of px. ``macs[i]`` and ``activations[i]`` are per output position at feature-map level i."""

    def __init__(self, strides: tuple[int, ...]) -> None:
        self.strides = strides
        self.macs = [0] * len(strides)
        self.activations = [0] * len(strides)
        self.fixed_macs = self.fixed_activations = self.params = 0

    def conv(self, level: int, inputs: int, outputs: int, kernel: int = 1, groups: int = 1, times: int = 1) -> None:
        """A bias-free convolution and its batch norm, whose output lies at ``level``; ``times`` of them."""
        weights = inputs // groups * outputs * kernel**2
        self.macs[level] += times * weights
        self.activations[level] += times * outputs
        self.params += times * (weights + 2 * outputs)

    def linear(self, inputs: int, outputs: int, times: int = 1) -> None:
        """A biased linear layer, or a 1 × 1 convolution of a 1 × 1 map."""
        self.fixed_macs += times * inputs * outputs
        self.fixed_activations += times * outputs
        self.params += times * (inputs + 1) * outputs

    def sizes(self, px: Pixels) -> Pixels:
        """Side of the square map at each level, (len(px), levels): every stride divides and rounds up."""
        sides = []
        for stride in self.strides:
            px = -(-px // stride)
            sides.append(px)
        return np.stack(sides, axis=-1)

    def macs_at(self, px: Pixels) -> Pixels:
        """MACs at each of several resolutions."""
        return self.sizes(px) ** 2 @ np.array(self.macs, np.int64) + self.fixed_macs

    def at(self, px: int) -> Cost:
        """The cost at one resolution (px)."""
        macs, activations, side = self.fixed_macs, self.fixed_activations, px
        for stride, m, a in zip(self.strides, self.macs, self.activations, strict=True):
            side = -(-side // stride)
            macs += m * side * side
            activations += a * side * side
        return Cost(macs, self.params, activations)


def _mbconv(curve: CostCurve, before: int, after: int, inputs: int, stage: Stage, times: int) -> None:
    """Inverted residual with squeeze-excite; the squeezed width is a quarter of the block's input."""
    inner = inputs * stage.expand
    if stage.expand != 1:
        curve.conv(before, inputs, inner, times=times)
    curve.conv(after, inner, inner, stage.kernel, groups=inner, times=times)
    squeezed = max(1, inputs // 4)
    curve.linear(inner, squeezed, times)
    curve.linear(squeezed, inner, times)
    curve.conv(after, inner, stage.channels, times=times)


BLOCKS: dict[str, Callable[[CostCurve, int, int, int, Stage, int], None]] = {"mbconv": _mbconv}
"""Block kind → what one block adds: (curve, level of its input, of its output, input channels, stage, how many)."""


@lru_cache(maxsize=65536)
def _curve(
    strides: tuple[int, ...], stem: int, stages: tuple[Stage, ...], head: int, classes: int, image_channels: int
) -> CostCurve:
    curve = CostCurve(strides)
    curve.conv(0, image_channels, stem, kernel=3)
    inputs = stem
    for i, stage in enumerate(stages):
        add = BLOCKS[stage.block]
        add(curve, i, i + 1, inputs, stage, 1)
        if stage.blocks > 1:
            add(curve, i + 1, i + 1, stage.channels, stage, stage.blocks - 1)
        inputs = stage.channels
    curve.conv(len(stages), inputs, head)
    curve.linear(head, classes)
    return curve


def cost_curve(arch: Architecture) -> CostCurve:
    """The cost of an architecture's channels and blocks at any resolution."""
    return _curve(arch.strides, arch.stem, arch.stages, arch.head, arch.classes, arch.image_channels)


def cost(arch: Architecture) -> Cost:
    """MACs, parameters and activations at the architecture's own resolution."""
    return cost_curve(arch).at(arch.resolution)
