"""Convolutional networks from a stage table, in plain PyTorch. This file imports torch only, because exports contain a copy of it.

A network is a dict: ``style``, ``stem`` and ``stem_stride``, ``stages`` (dicts with block, expand, kernel, stride, channels
and blocks), ``head`` (0: none), ``resolution`` (px), ``classes``, ``image_channels``. Images (n, c, h, w) → logits (n, classes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

STYLES: dict[str, tuple[Callable[..., nn.Module], float, float]] = {
    "efficientnet": (nn.SiLU, 1e-5, 0.1),
    "efficientnet_v2": (nn.SiLU, 1e-3, 0.1),
    "mobilenet_v1": (nn.ReLU6, 1e-5, 0.1),
    "mobilenet_v2": (nn.ReLU6, 1e-5, 0.1),
    "mobilenet_v3": (nn.Hardswish, 1e-3, 0.01),
    "resnet": (nn.ReLU, 1e-5, 0.1),
}
"""Style → (activation of the stem and head, epsilon of the batch norms, their momentum)."""


def divisible(channels: float) -> int:
    """The nearest multiple of 8, at least 8 and at least 0.9 of ``channels``."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


class SqueezeExcite(nn.Module):
    """Weight each channel by a gate computed from the channel means (Hu et al. 2017)."""

    def __init__(self, channels: int, squeezed: int, act: nn.Module, gate: nn.Module) -> None:
        super().__init__()
        self.fc1, self.act = nn.Conv2d(channels, squeezed, 1), act
        self.fc2, self.gate = nn.Conv2d(squeezed, channels, 1), gate

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) → (n, c, h, w)."""
        means = x.mean((2, 3), keepdim=True)
        gate: Tensor = self.gate(self.fc2(self.act(self.fc1(means))))
        return x * gate


class DropPath(nn.Module):
    """In training, set a sample's residual branch to zero with probability ``rate`` (Huang et al. 2016)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """(n, …) → (n, …)."""
        if not self.training or self.rate == 0:
            return x
        mask = torch.empty(len(x), 1, 1, 1, dtype=x.dtype, device=x.device).bernoulli_(1 - self.rate)
        return x * mask / (1 - self.rate)


class Block(nn.Module):
    """A branch plus a shortcut: the identity, a projection, or None for no shortcut."""

    def __init__(self, branch: nn.Sequential, shortcut: nn.Module | None, drop: float, act: nn.Module) -> None:
        super().__init__()
        self.branch, self.shortcut = branch, shortcut
        self.drop, self.act = DropPath(drop), act

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) → (n, channels, h / stride, w / stride)."""
        out: Tensor = self.branch(x)
        if self.shortcut is not None:
            out = self.drop(out) + self.shortcut(x)
        activated: Tensor = self.act(out)
        return activated


class BlockBuilder:
    """Builds the blocks of one style."""

    def __init__(self, style: str) -> None:
        self.act, self.epsilon, self.momentum = STYLES[style]

    def conv(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, act: Callable[..., nn.Module] | None = None
    ) -> nn.Sequential:  # fmt: skip
        """Convolution, batch norm, activation."""
        layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)]
        layers.append(nn.BatchNorm2d(outputs, self.epsilon, self.momentum))
        return nn.Sequential(*layers, *([act(inplace=True)] if act else []))

    def block(self, inputs: int, stage: dict[str, Any], stride: int, drop: float) -> Block:
        """One block of a stage."""
        kind, outputs = stage["block"], stage["channels"]
        same = stride == 1 and inputs == outputs
        if kind in ("basic", "bottleneck", "bottleneck_se", "bottleneck_32"):
            make = self._basic if kind == "basic" else self._bottleneck
            shortcut = nn.Identity() if same else self.conv(inputs, outputs, 1, stride)
            return Block(make(inputs, stage, stride), shortcut, drop, nn.ReLU(inplace=True))
        if kind == "separable":
            return Block(self._separable(inputs, stage, stride), None, 0.0, nn.Identity())
        make = self._fused if kind == "fused" else self._inverted
        return Block(make(inputs, stage, stride), nn.Identity() if same else None, drop, nn.Identity())

    def _inverted(self, inputs: int, stage: dict[str, Any], stride: int) -> nn.Sequential:
        kind, inner = stage["block"], round(inputs * stage["expand"])
        act: Callable[..., nn.Module] = (
            nn.Hardswish if "hard" in kind else nn.ReLU if self.act is nn.Hardswish else self.act
        )
        layers = [] if stage["expand"] == 1 else [self.conv(inputs, inner, 1, act=act)]
        layers.append(self.conv(inner, inner, stage["kernel"], stride, inner, act))
        if kind == "mbconv":
            layers.append(SqueezeExcite(inner, max(1, inputs // 4), self.act(), nn.Sigmoid()))  # type: ignore[arg-type]
        elif kind.endswith("_se"):
            layers.append(SqueezeExcite(inner, divisible(inner // 4), nn.ReLU(), nn.Hardsigmoid()))  # type: ignore[arg-type]
        return nn.Sequential(*layers, self.conv(inner, stage["channels"], 1))

    def _fused(self, inputs: int, stage: dict[str, Any], stride: int) -> nn.Sequential:
        outputs, kernel = stage["channels"], stage["kernel"]
        if stage["expand"] == 1:
            return nn.Sequential(self.conv(inputs, outputs, kernel, stride, act=self.act))
        inner = round(inputs * stage["expand"])
        return nn.Sequential(self.conv(inputs, inner, kernel, stride, act=self.act), self.conv(inner, outputs, 1))

    def _separable(self, inputs: int, stage: dict[str, Any], stride: int) -> nn.Sequential:
        depthwise = self.conv(inputs, inputs, stage["kernel"], stride, inputs, self.act)
        return nn.Sequential(depthwise, self.conv(inputs, stage["channels"], 1, act=self.act))

    def _basic(self, inputs: int, stage: dict[str, Any], stride: int) -> nn.Sequential:
        outputs, kernel, inner = stage["channels"], stage["kernel"], round(stage["channels"] * stage["expand"])
        return nn.Sequential(self.conv(inputs, inner, kernel, stride, act=nn.ReLU), self.conv(inner, outputs, kernel))

    def _bottleneck(self, inputs: int, stage: dict[str, Any], stride: int) -> nn.Sequential:
        outputs, groups = stage["channels"], 32 if stage["block"] == "bottleneck_32" else 1
        inner = groups * max(1, round(outputs * stage["expand"] / groups))
        layers: list[nn.Module] = [self.conv(inputs, inner, 1, act=nn.ReLU)]
        layers.append(self.conv(inner, inner, stage["kernel"], stride, groups, nn.ReLU))
        layers.append(self.conv(inner, outputs, 1))
        if stage["block"] == "bottleneck_se":
            layers.append(SqueezeExcite(outputs, max(1, outputs // 16), nn.ReLU(), nn.Sigmoid()))
        return nn.Sequential(*layers)


class Network(nn.Module):
    """A network from its table. ``drop_path`` is the rate of the last block; the i-th of all L blocks has i/L of it."""

    def __init__(self, spec: dict[str, Any], dropout: float = 0.2, drop_path: float = 0.0) -> None:
        super().__init__()
        style, inputs, builder = spec["style"], spec["stem"], BlockBuilder(spec["style"])
        kernel = 7 if style == "resnet" else 3
        self.stem = builder.conv(spec["image_channels"], inputs, kernel, spec["stem_stride"], act=builder.act)
        blocks: list[nn.Module] = []
        total, done = sum(s["blocks"] for s in spec["stages"]), 0
        for i, stage in enumerate(spec["stages"]):
            stride = stage["stride"]
            if style == "resnet" and i == 0:  # a max pool does the first stage's stride
                blocks += [nn.MaxPool2d(3, stride, 1)] if stride > 1 else []
                stride = 1
            for _ in range(stage["blocks"]):
                blocks.append(builder.block(inputs, stage, stride, drop_path * done / total))
                inputs, stride, done = stage["channels"], 1, done + 1
        self.blocks = nn.Sequential(*blocks)
        last = 6 * inputs if style == "mobilenet_v3" else spec["head"]
        self.head = builder.conv(inputs, last, 1, act=builder.act) if last else nn.Identity()
        inputs, layers = last or inputs, list[nn.Module]()
        if style == "mobilenet_v3":
            layers, inputs = [nn.Linear(inputs, spec["head"]), nn.Hardswish(inplace=True)], spec["head"]
        self.classifier = nn.Sequential(*layers, nn.Dropout(dropout), nn.Linear(inputs, spec["classes"]))
        self.apply(initialise)

    def forward(self, x: Tensor) -> Tensor:
        """(n, image channels, h, w) → logits (n, classes)."""
        features = self.head(self.blocks(self.stem(x))).mean((2, 3))
        logits: Tensor = self.classifier(features)
        return logits


def initialise(module: nn.Module) -> None:
    """Convolutions: He normal by fan-out. Linear layers: normal with standard deviation 0.01. Biases: 0."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.01)
    if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
