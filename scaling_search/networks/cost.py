"""Closed-form cost of an architecture: MACs, parameters, activations.

One MAC is one multiply-accumulate by a weight of a convolution or linear layer. Biases, batch norm and pooling are not
counted. This is the paper's convention and equals fvcore's conv + linear count. An activation is one output number of those
layers (pycls, Radosavovic et al. 2020, section 3). Cost is a sum over feature-map sizes, so once a network's
:class:`CostCurve` is known, its cost at any resolution takes a few multiplications.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import takewhile
from typing import Literal

import numpy as np
import numpy.typing as npt

from scaling_search.networks.architecture import Architecture, Factory, Stage
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

    def conv(self, level: int, inputs: int, outputs: int, kernel: int = 1, groups: int = 1, times: int = 1) -> None:
        """Add ``times`` convolutions without bias, each with batch norm, whose outputs are at feature-map ``level``."""
        weights = inputs // groups * outputs * kernel**2
        self.macs[level] += times * weights
        self.activations[level] += times * outputs
        self.params += times * (weights + 2 * outputs)

    def linear(self, inputs: int, outputs: int, times: int = 1) -> None:
        """Add ``times`` linear layers with bias, or 1 × 1 convolutions of a 1 × 1 map."""
        self.fixed_macs += times * inputs * outputs
        self.fixed_activations += times * outputs
        self.params += times * (inputs + 1) * outputs

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


Squeeze = Callable[[int, int], int]
"""(input channels, inner channels) → squeezed channels."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block sits: level of its input and of its output, its input channels, its stride."""

    before: int
    after: int
    inputs: int
    stride: int


def divisible(channels: float) -> int:
    """The nearest multiple of 8, at least 8 and never under 0.9 of ``channels``: MobileNetV3's squeezed width."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def cardinal(channels: float, groups: int) -> int:
    """The nearest multiple of ``groups``, at least one: the inner width of a grouped bottleneck."""
    return groups * max(1, round(channels / groups))


def _squeeze(curve: CostCurve, channels: int, squeezed: int, times: int) -> None:
    curve.linear(channels, squeezed, times)
    curve.linear(squeezed, channels, times)


def _inverted(curve: CostCurve, at: Place, stage: Stage, times: int, squeeze: Squeeze | None = None) -> None:
    """1 × 1 expansion (unless the inner width is the input's), depthwise, squeeze-excite, 1 × 1 projection."""
    inner = round(at.inputs * stage.expand)
    if stage.expand != 1:
        curve.conv(at.before, at.inputs, inner, times=times)
    curve.conv(at.after, inner, inner, stage.kernel, groups=inner, times=times)
    if squeeze is not None:
        _squeeze(curve, inner, squeeze(at.inputs, inner), times)
    curve.conv(at.after, inner, stage.channels, times=times)


def _fused(curve: CostCurve, at: Place, stage: Stage, times: int) -> None:
    """A full convolution that expands, then a 1 × 1 projection; one convolution alone where nothing is expanded."""
    inner = round(at.inputs * stage.expand) if stage.expand != 1 else stage.channels
    curve.conv(at.after, at.inputs, inner, stage.kernel, times=times)
    if stage.expand != 1:
        curve.conv(at.after, inner, stage.channels, times=times)


def _separable(curve: CostCurve, at: Place, stage: Stage, times: int) -> None:
    """Depthwise, then 1 × 1."""
    curve.conv(at.after, at.inputs, at.inputs, stage.kernel, groups=at.inputs, times=times)
    curve.conv(at.after, at.inputs, stage.channels, times=times)


def _shortcut(curve: CostCurve, at: Place, stage: Stage, times: int) -> None:
    if at.stride != 1 or at.inputs != stage.channels:
        curve.conv(at.after, at.inputs, stage.channels, times=times)


def _basic(curve: CostCurve, at: Place, stage: Stage, times: int) -> None:
    """Two full convolutions, and a projected shortcut where the shape changes."""
    inner = round(stage.channels * stage.expand)
    curve.conv(at.after, at.inputs, inner, stage.kernel, times=times)
    curve.conv(at.after, inner, stage.channels, stage.kernel, times=times)
    _shortcut(curve, at, stage, times)


def _bottleneck(curve: CostCurve, at: Place, stage: Stage, times: int, groups: int = 1, squeeze: int = 0) -> None:
    """1 × 1 down, a (grouped) convolution, 1 × 1 up, squeeze-excite to 1/``squeeze`` of the output."""
    inner = cardinal(stage.channels * stage.expand, groups)
    curve.conv(at.before, at.inputs, inner, times=times)
    curve.conv(at.after, inner, inner, stage.kernel, groups=groups, times=times)
    curve.conv(at.after, inner, stage.channels, times=times)
    if squeeze:
        _squeeze(curve, stage.channels, max(1, stage.channels // squeeze), times)
    _shortcut(curve, at, stage, times)


def _quarter_of_input(inputs: int, inner: int) -> int:
    return max(1, inputs // 4)


def _quarter_of_inner(inputs: int, inner: int) -> int:
    return divisible(inner // 4)


BLOCKS: dict[str, Callable[[CostCurve, Place, Stage, int], None]] = {
    "mbconv": partial(_inverted, squeeze=_quarter_of_input),
    "fused": _fused,
    "separable": _separable,
    "inverted": _inverted,
    "inverted_se": partial(_inverted, squeeze=_quarter_of_inner),
    "inverted_hard": _inverted,
    "inverted_hard_se": partial(_inverted, squeeze=_quarter_of_inner),
    "basic": _basic,
    "bottleneck": _bottleneck,
    "bottleneck_se": partial(_bottleneck, squeeze=16),
    "bottleneck_32": partial(_bottleneck, groups=32),
}
"""Block kind → what it adds to a curve: (curve, place, stage, how many). The modules are training/modules.py's."""

STEM_KERNEL = {"resnet": 7}
"""Style → kernel of the stem, px, where it is not 3."""


@lru_cache(maxsize=65536)
def _curve(
    style: str, strides: tuple[int, ...], stem: int, stages: tuple[Stage, ...], head: int, classes: int, image_channels: int
) -> CostCurve:  # fmt: skip
    curve = CostCurve(strides)
    curve.conv(0, image_channels, stem, kernel=STEM_KERNEL.get(style, 3))
    inputs = stem
    for i, stage in enumerate(stages):
        add = BLOCKS[stage.block]
        pooled = style == "resnet" and i == 0  # a max pool does the first stage's stride
        add(curve, Place(i + pooled, i + 1, inputs, 1 if pooled else stage.stride), stage, 1)
        if stage.blocks > 1:
            add(curve, Place(i + 1, i + 1, stage.channels, 1), stage, stage.blocks - 1)
        inputs = stage.channels
    if style == "mobilenet_v3":
        curve.conv(len(stages), inputs, 6 * inputs)
        inputs = 6 * inputs
        curve.linear(inputs, head)
    elif head:
        curve.conv(len(stages), inputs, head)
    curve.linear(head or inputs, classes)
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
