"""Networks as lists of operations. Costs, PyTorch modules and layer tables are all derived from this description.

A new block kind is a function here, from a :class:`BlockShape` to the operations of one block, and an entry in BLOCKS. This file
imports only the standard library, because PyTorch exports contain a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

Activation = Literal["silu", "relu", "relu6", "hardswish"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of a stage table.

    ``block`` is the block kind, ``expand`` the ratio of inner to input channels (in ResNets: to output channels), ``kernel``
    the side of the spatial kernel, ``stride`` the stride of the first block (the others have 1), ``channels`` the output
    channels, ``blocks`` the number of blocks.
    """

    block: str
    expand: float
    kernel: int
    stride: int
    channels: int
    blocks: int


@dataclass(frozen=True, slots=True)
class ConvOp:
    """A convolution without bias, padded to keep the size at stride 1; batch norm; an activation or None."""

    inputs: int
    outputs: int
    kernel: int = 1
    stride: int = 1
    groups: int = 1
    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class SqueezeExciteOp:
    """Squeeze-and-excitation (Hu et al. 2017): two layers on the channel means, with ``activation`` between them."""

    channels: int
    squeezed: int
    activation: Activation
    gate: Literal["sigmoid", "hard_sigmoid"]


@dataclass(frozen=True, slots=True)
class MaxPoolOp:
    """A max pool, padded to keep the size at stride 1."""

    kernel: int
    stride: int


@dataclass(frozen=True, slots=True)
class LinearOp:
    """A linear layer with bias; an activation or None."""

    inputs: int
    outputs: int
    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class BlockOps:
    """One block: a branch, the shortcut that is added to it, and the activation after the sum."""

    branch: tuple[ConvOp | SqueezeExciteOp, ...]
    shortcut: ConvOp | Literal["identity"] | None = None
    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class BlockShape:
    """What a block kind is given: a row of the stage table for one block, and the activation of the network's style."""

    inputs: int
    outputs: int
    kernel: int
    stride: int
    expand: float
    activation: Activation

    @property
    def hidden(self) -> int:
        """Inner channels of a block that expands its input."""
        return round(self.inputs * self.expand)

    @property
    def residual(self) -> Literal["identity"] | None:
        """The shortcut of a block that has one only if its output has the shape of its input."""
        return "identity" if self.stride == 1 and self.inputs == self.outputs else None

    @property
    def soft(self) -> Activation:
        """The style's activation; MobileNetV3 uses hard swish only in the block kinds named for it."""
        return "relu" if self.activation == "hardswish" else self.activation


def divisible(channels: float) -> int:
    """The nearest multiple of 8, at least 8 and at least 0.9 of ``channels``: MobileNetV3's squeezed width."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def _inverted(shape: BlockShape, activation: Activation, gate: SqueezeExciteOp | None = None) -> BlockOps:
    """1 × 1 expansion (none if ``expand`` is 1), depthwise, squeeze-and-excitation (none without ``gate``), 1 × 1 projection."""
    hidden = shape.hidden
    branch: list[ConvOp | SqueezeExciteOp] = []
    if shape.expand != 1:
        branch.append(ConvOp(shape.inputs, hidden, activation=activation))
    branch.append(ConvOp(hidden, hidden, shape.kernel, shape.stride, hidden, activation))
    if gate is not None:
        branch.append(gate)
    branch.append(ConvOp(hidden, shape.outputs))
    return BlockOps(tuple(branch), shape.residual)


def mbconv(shape: BlockShape) -> BlockOps:
    """EfficientNet's block: squeezed to a quarter of the input channels."""
    gate = SqueezeExciteOp(shape.hidden, max(1, shape.inputs // 4), shape.activation, "sigmoid")
    return _inverted(shape, shape.soft, gate)


def inverted(shape: BlockShape, hard: bool = False, gated: bool = False) -> BlockOps:
    """MobileNetV2's block; MobileNetV3's has hard swish or squeeze-and-excitation or both."""
    gate = SqueezeExciteOp(shape.hidden, divisible(shape.hidden // 4), "relu", "hard_sigmoid")
    return _inverted(shape, "hardswish" if hard else shape.soft, gate if gated else None)


def fused(shape: BlockShape) -> BlockOps:
    """EfficientNetV2's block: a full convolution that expands, then a 1 × 1 projection; only one if ``expand`` is 1."""
    if shape.expand == 1:
        only = ConvOp(shape.inputs, shape.outputs, shape.kernel, shape.stride, activation=shape.activation)
        return BlockOps((only,), shape.residual)
    expansion = ConvOp(shape.inputs, shape.hidden, shape.kernel, shape.stride, activation=shape.activation)
    return BlockOps((expansion, ConvOp(shape.hidden, shape.outputs)), shape.residual)


def separable(shape: BlockShape) -> BlockOps:
    """MobileNetV1's block: depthwise, then 1 × 1, without a shortcut."""
    depthwise = ConvOp(shape.inputs, shape.inputs, shape.kernel, shape.stride, shape.inputs, shape.activation)
    return BlockOps((depthwise, ConvOp(shape.inputs, shape.outputs, activation=shape.activation)))


def _residual_or_projection(shape: BlockShape) -> ConvOp | Literal["identity"]:
    return shape.residual or ConvOp(shape.inputs, shape.outputs, stride=shape.stride)


def basic(shape: BlockShape) -> BlockOps:
    """ResNet-18's block: two full convolutions."""
    inner = round(shape.outputs * shape.expand)
    first = ConvOp(shape.inputs, inner, shape.kernel, shape.stride, activation="relu")
    second = ConvOp(inner, shape.outputs, shape.kernel)
    return BlockOps((first, second), _residual_or_projection(shape), "relu")


def bottleneck(shape: BlockShape, groups: int = 1, gated: bool = False) -> BlockOps:
    """ResNet-50's block: 1 × 1 down, a (grouped) convolution with the stride, 1 × 1 up, squeeze-and-excitation if ``gated``."""
    inner = groups * max(1, round(shape.outputs * shape.expand / groups))  # a multiple of the groups
    down = ConvOp(shape.inputs, inner, activation="relu")
    spatial = ConvOp(inner, inner, shape.kernel, shape.stride, groups, "relu")
    branch = (down, spatial, ConvOp(inner, shape.outputs))
    gate = SqueezeExciteOp(shape.outputs, max(1, shape.outputs // 16), "relu", "sigmoid")
    return BlockOps((*branch, gate) if gated else branch, _residual_or_projection(shape), "relu")


BLOCKS: dict[str, Callable[[BlockShape], BlockOps]] = {
    "mbconv": mbconv,
    "fused": fused,
    "separable": separable,
    "inverted": inverted,
    "inverted_se": partial(inverted, gated=True),
    "inverted_hard": partial(inverted, hard=True),
    "inverted_hard_se": partial(inverted, hard=True, gated=True),
    "basic": basic,
    "bottleneck": bottleneck,
    "bottleneck_se": partial(bottleneck, gated=True),
    "bottleneck_32": partial(bottleneck, groups=32),
}
"""Block kinds by name."""


@dataclass(frozen=True, slots=True)
class Style:
    """What surrounds the stages: activation of stem and head, epsilon and momentum of all batch norms, and the stem.

    With ``max_pool`` a max pool has the stride of the first stage. With ``hidden_layer`` the head is a convolution to 6 times the
    last stage's channels, then a linear layer after the pooling.
    """

    activation: Activation
    epsilon: float = 1e-5
    momentum: float = 0.1
    stem_kernel: int = 3
    max_pool: bool = False
    hidden_layer: bool = False


STYLES: dict[str, Style] = {
    "efficientnet": Style("silu"),
    "efficientnet_v2": Style("silu", epsilon=1e-3),
    "mobilenet_v1": Style("relu6"),
    "mobilenet_v2": Style("relu6"),
    "mobilenet_v3": Style("hardswish", epsilon=1e-3, momentum=0.01, hidden_layer=True),
    "resnet": Style("relu", stem_kernel=7, max_pool=True),
}
"""Styles by name."""


@dataclass(frozen=True, slots=True)
class StageOps:
    """One stage: a max pool or None, the first block, and ``more`` equal ones after it."""

    pool: MaxPoolOp | None
    first: BlockOps
    rest: BlockOps
    more: int


def stem_op(style: str, image_channels: int, channels: int, stride: int) -> ConvOp:
    """The first convolution of a network."""
    return ConvOp(image_channels, channels, STYLES[style].stem_kernel, stride, activation=STYLES[style].activation)


def stage_ops(style: str, stage: Stage, inputs: int, is_first: bool) -> StageOps:
    """The operations of a stage with ``inputs`` input channels."""
    activation, stride, pool = STYLES[style].activation, stage.stride, None
    if is_first and STYLES[style].max_pool:
        pool, stride = (MaxPoolOp(3, stride) if stride > 1 else None), 1
    make, size = BLOCKS[stage.block], (stage.kernel, stride, stage.expand)
    first = make(BlockShape(inputs, stage.channels, *size, activation))
    rest = make(BlockShape(stage.channels, stage.channels, stage.kernel, 1, stage.expand, activation))
    return StageOps(pool, first, rest, stage.blocks - 1)


@dataclass(frozen=True, slots=True)
class HeadOps:
    """What follows the stages: a convolution or None, the mean over positions, a hidden layer or None, and the classifier."""

    conv: ConvOp | None
    hidden: LinearOp | None
    classifier: LinearOp


def head_ops(style: str, inputs: int, head: int, classes: int) -> HeadOps:
    """The operations after the stages; a ``head`` of 0 is none."""
    activation = STYLES[style].activation
    if STYLES[style].hidden_layer:
        conv = ConvOp(inputs, 6 * inputs, activation=activation)
        return HeadOps(conv, LinearOp(conv.outputs, head, activation), LinearOp(head, classes))
    if head == 0:
        return HeadOps(None, None, LinearOp(inputs, classes))
    return HeadOps(ConvOp(inputs, head, activation=activation), None, LinearOp(head, classes))


@dataclass(frozen=True, slots=True)
class NetworkOps:
    """All operations of a network."""

    stem: ConvOp
    stages: tuple[StageOps, ...]
    head: HeadOps


def network_ops(
    style: str, image_channels: int, stem: int, stem_stride: int, stages: Sequence[Stage], head: int, classes: int
) -> NetworkOps:
    """The operations of a network from the fields of its architecture."""
    inputs = [stem, *(stage.channels for stage in stages)]
    return NetworkOps(
        stem_op(style, image_channels, stem, stem_stride),
        tuple(stage_ops(style, stage, n, i == 0) for i, (stage, n) in enumerate(zip(stages, inputs, strict=False))),
        head_ops(style, inputs[-1], head, classes),
    )
