"""A convolutional network as a stage table, and the rounding rules that scale it.

An :class:`Architecture` is a frozen value: two triples that round to the same channels, blocks and px give the same network.
The stage table and the ``official`` policy are those of Tan & Le 2019 (arXiv 1905.11946, Table 1) and its released code.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal

from scaling_search.networks.blocks import Stage, network_ops

Rounding = Literal["nearest", "official"]
ROUNDINGS: tuple[Rounding, ...] = ("nearest", "official")


@dataclass(frozen=True, slots=True)
class Factory:
    """A user's network: ``name`` is package.module:function, called with (depth, width, classes).

    ``depth`` and ``width`` are multipliers in thousandths. As integers they scale and compare like blocks and channels.
    """

    name: str
    depth: int = 1000
    width: int = 1000


Fixed = Literal["stem", "head", "head when narrowing"]
"""Parts whose channels are not scaled by width."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One row of a network's table of layers: an operation, or a stage of blocks. ``px`` is the side of its output."""

    name: str
    kind: str
    blocks: int
    channels: int
    kernel: int
    expand: float | None
    px: int


@dataclass(frozen=True)
class Architecture:
    """A network that can be built, for images (n, ``image_channels``, ``resolution``, ``resolution``).

    ``style`` selects the stem, head and activations. ``head`` is the number of channels of the head, 0 for no head. ``fixed``
    affects scaling only, so it is no part of :attr:`key`. The network of a ``factory`` has no stem and no stages here.
    """

    base: str
    stem: int
    stem_stride: int
    stages: tuple[Stage, ...]
    head: int
    resolution: int
    classes: int = 1000
    image_channels: int = 3
    style: str = "efficientnet"
    fixed: tuple[Fixed, ...] = ()
    factory: Factory | None = None

    @property
    def blocks(self) -> tuple[int, ...]:
        """Blocks of each stage; for a factory, its depth in thousandths."""
        if self.factory is not None:
            return (self.factory.depth,)
        return tuple(s.blocks for s in self.stages)

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of the stem, of each stage, and of the head if there is one; for a factory, its width in thousandths."""
        if self.factory is not None:
            return (self.factory.width,)
        return (self.stem, *(s.channels for s in self.stages), *([self.head] if self.head else []))

    @property
    def inputs(self) -> tuple[int, ...]:
        """Input channels of each stage."""
        return (self.stem, *(s.channels for s in self.stages[:-1]))

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides of the stem and of the first block of each stage."""
        return (self.stem_stride, *(s.stride for s in self.stages))

    @cached_property
    def key(self) -> str:
        """Identity of the rounded network: its size, then six hex digits of a hash over all fields except ``base`` and ``fixed``.

        ``style`` and ``factory`` are newer than the first stored studies. They are hashed only if they differ from their
        defaults, so that stored keys stay valid.
        """
        hashed_fields = self.to_dict()
        del hashed_fields["base"], hashed_fields["fixed"]
        if self.style == "efficientnet":
            del hashed_fields["style"]
        if self.factory is None:
            del hashed_fields["factory"]
        digest = hashlib.sha256(repr(sorted(hashed_fields.items())).encode()).hexdigest()[:6]
        return f"d{sum(self.blocks)}-w{sum(self.channels)}-r{self.resolution}-{digest}"

    def layers(self) -> list[Layer]:
        """The stem, the max pool, the stages and the head, as far as the network has them; none for a factory's network."""
        if self.factory is not None:
            return []
        ops = network_ops(
            self.style, self.image_channels, self.stem, self.stem_stride, self.stages, self.head, self.classes
        )
        px = -(-self.resolution // self.stem_stride)
        rows = [Layer("stem", "conv", 1, self.stem, ops.stem.kernel, None, px)]
        for i, (stage, stage_ops, inputs) in enumerate(zip(self.stages, ops.stages, self.inputs, strict=True), 1):
            px = -(-px // stage.stride)
            if stage_ops.pool is not None:
                rows.append(Layer("max pool", "max pool", 1, inputs, stage_ops.pool.kernel, None, px))
            rows.append(Layer(f"stage {i}", stage.block, stage.blocks, stage.channels, stage.kernel, stage.expand, px))
        if ops.head.conv is not None:
            rows.append(Layer("head", "conv", 1, ops.head.conv.outputs, ops.head.conv.kernel, None, px))
        if ops.head.hidden is not None:
            rows.append(Layer("hidden layer", "linear", 1, ops.head.hidden.outputs, 1, None, 1))
        return rows

    def with_strides(self, strides: Sequence[int]) -> Architecture:
        """The same network with the given strides of the stem and of each stage."""
        stages = tuple(replace(s, stride=n) for s, n in zip(self.stages, strides[1:], strict=True))
        return replace(self, stem_stride=strides[0], stages=stages)

    def resized(self, resolution: int) -> Architecture:
        """The same network for images of ``resolution`` px."""
        return replace(self, resolution=resolution)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; :meth:`from_dict` reads them back."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        stages = tuple({name: getattr(s, name) for name in Stage.__slots__} for s in self.stages)
        return values | {"stages": stages, "factory": asdict(self.factory) if self.factory else None}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> Architecture:
        """Inverse of :meth:`to_dict`."""
        stages, fixed = tuple(Stage(**s) for s in values["stages"]), tuple(values.get("fixed", ()))
        factory = Factory(**values["factory"]) if values.get("factory") else None
        return Architecture(**{**values, "stages": stages, "fixed": fixed, "factory": factory})


def round_channels(channels: int, width: float, rounding: Rounding, divisor: int = 8) -> int:
    """Channels times ``width``, rounded to a multiple of ``divisor``. A width of 1 returns ``channels`` unchanged.

    ``nearest``: the nearest multiple, half up, at least ``divisor``. ``official``: the rule of the released code, which is
    the same except that the result is never below 0.9 of the product.
    """
    if width == 1:
        return channels
    product = channels * width
    nearest = max(divisor, int(product + divisor / 2) // divisor * divisor)
    if rounding == "official" and nearest < 0.9 * product:
        nearest += divisor
    return nearest


def spread_blocks(blocks: Sequence[int], depth: float) -> tuple[int, ...]:
    """Apportion round(depth · total) blocks to the stages, at least one each (Webster's method).

    Each further block goes to the stage with the largest blocks / (2 · assigned + 1). With the method of largest remainders
    a stage can lose a block as the total grows (MobileNetV2 does at 26 blocks). Webster's method never takes one away, so
    cost is monotone in depth.
    """
    total = max(len(blocks), math.floor(sum(blocks) * depth + 0.5))
    assigned = [1] * len(blocks)
    for _ in range(total - len(blocks)):
        assigned[max(range(len(blocks)), key=lambda i: (blocks[i] / (2 * assigned[i] + 1), -i))] += 1
    return tuple(assigned)


def round_blocks(blocks: Sequence[int], depth: float, rounding: Rounding) -> tuple[int, ...]:
    """Blocks of each stage times ``depth``: rounded up in each stage (``official``), or a rounded total shared out (``nearest``)."""
    if rounding == "official":
        return tuple(math.ceil(n * depth) for n in blocks)
    return spread_blocks(blocks, depth)


def widen(base: Architecture, width: float, rounding: Rounding, divisor: int = 8) -> tuple[int, ...]:
    """The base's channels (stem, stages, head) times ``width``, rounded, except those in ``base.fixed``."""
    if base.factory is not None:
        return (max(1, round(base.factory.width * width)),)
    channels = [round_channels(c, width, rounding, divisor) for c in base.channels]
    if "stem" in base.fixed:
        channels[0] = base.stem
    if base.head and ("head" in base.fixed or ("head when narrowing" in base.fixed and width < 1)):
        channels[-1] = base.head
    return tuple(channels)


def build(base: Architecture, blocks: Sequence[int], channels: Sequence[int], resolution: int) -> Architecture:
    """The base with the given blocks (of each stage), channels (stem, stages, head) and px."""
    if base.factory is not None:
        return replace(base, factory=Factory(base.factory.name, blocks[0], channels[0]), resolution=resolution)
    rows = zip(base.stages, blocks, channels[1 : len(base.stages) + 1], strict=True)
    stages = tuple(replace(s, blocks=n, channels=c) for s, n, c in rows)
    head = channels[-1] if base.head else 0
    return replace(base, stem=channels[0], stages=stages, head=head, resolution=resolution)


FACTORY_STEP = 0.05
"""Step of a factory's depth and width multipliers. It is coarse because each network is built and measured."""


def factory_steps(start: int, low: float, high: float) -> list[tuple[int, ...]]:
    """A factory's depths or widths from ``low`` to ``high`` times ``start``, in steps of FACTORY_STEP."""
    first, last = math.ceil(max(low, FACTORY_STEP) / FACTORY_STEP - 1e-9), math.floor(high / FACTORY_STEP + 1e-9)
    return [(round(start * k * FACTORY_STEP),) for k in range(first, last + 1)]


def scale(
    base: Architecture,
    depth: float = 1.0,
    width: float = 1.0,
    resolution: int | None = None,
    rounding: Rounding = "nearest",
    divisor: int = 8,
) -> Architecture:
    """Scale a base by depth and width multipliers and round; ``resolution`` (px) is the base's own if None."""
    blocks = round_blocks(base.blocks, depth, rounding)
    channels = widen(base, width, rounding, divisor)
    return build(base, blocks, channels, base.resolution if resolution is None else resolution)
