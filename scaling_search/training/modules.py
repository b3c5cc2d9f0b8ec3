"""Convolutional networks in plain PyTorch, built from the operations of networks/blocks.py.

A network is a dict: ``style``, ``stem`` and ``stem_stride``, ``stages`` (dicts with block, expand, kernel, stride, channels
and blocks), ``head`` (0: none), ``resolution`` (px), ``classes``, ``image_channels``. Images (n, c, h, w) → logits (n, classes).
Besides networks/blocks.py this file imports torch only, because exports contain a copy of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from scaling_search.networks.blocks import STYLES, BlockOps, ConvOp, SqueezeExciteOp, Stage, network_ops

LAYERS: dict[str, Callable[..., nn.Module]] = {
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "hardswish": nn.Hardswish,
    "sigmoid": nn.Sigmoid,
    "hard_sigmoid": nn.Hardsigmoid,
}
"""Modules of activations and gates."""


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


class ModuleBuilder:
    """Modules of operations, with the batch norms of one style."""

    def __init__(self, style: str) -> None:
        self.epsilon, self.momentum = STYLES[style].epsilon, STYLES[style].momentum

    def conv(self, op: ConvOp) -> nn.Sequential:
        """Convolution, batch norm, activation."""
        conv = nn.Conv2d(op.inputs, op.outputs, op.kernel, op.stride, op.kernel // 2, groups=op.groups, bias=False)
        norm = nn.BatchNorm2d(op.outputs, self.epsilon, self.momentum)
        return nn.Sequential(conv, norm, *([LAYERS[op.activation](inplace=True)] if op.activation else []))

    def branch(self, ops: Sequence[ConvOp | SqueezeExciteOp]) -> nn.Sequential:
        """The operations of a block's branch, one after the other."""
        modules: list[nn.Module] = []
        for op in ops:
            if isinstance(op, ConvOp):
                modules.append(self.conv(op))
            else:
                modules.append(SqueezeExcite(op.channels, op.squeezed, LAYERS[op.activation](), LAYERS[op.gate]()))
        return nn.Sequential(*modules)

    def block(self, ops: BlockOps, drop: float) -> Block:
        """One block; ``drop`` is the rate of its :class:`DropPath`."""
        shortcut: nn.Module | None = nn.Identity() if ops.shortcut == "identity" else None
        if isinstance(ops.shortcut, ConvOp):
            shortcut = self.conv(ops.shortcut)
        activation = LAYERS[ops.activation](inplace=True) if ops.activation else nn.Identity()
        return Block(self.branch(ops.branch), shortcut, drop, activation)


class Network(nn.Module):
    """A network from its table. ``drop_path`` is the rate of the last block; the i-th of all L blocks has i/L of it."""

    def __init__(self, spec: dict[str, Any], dropout: float = 0.2, drop_path: float = 0.0) -> None:
        super().__init__()
        builder, stages = ModuleBuilder(spec["style"]), [Stage(**row) for row in spec["stages"]]
        sizes = (spec["image_channels"], spec["stem"], spec["stem_stride"], stages, spec["head"], spec["classes"])
        ops = network_ops(spec["style"], *sizes)
        self.stem = builder.conv(ops.stem)
        blocks: list[nn.Module] = []
        total, done = sum(stage.blocks for stage in stages), 0
        for stage in ops.stages:
            if stage.pool is not None:
                blocks.append(nn.MaxPool2d(stage.pool.kernel, stage.pool.stride, stage.pool.kernel // 2))
            for block in (stage.first, *[stage.rest] * stage.more):
                blocks.append(builder.block(block, drop_path * done / total))
                done += 1
        self.blocks = nn.Sequential(*blocks)
        head, layers = ops.head, list[nn.Module]()
        self.head = builder.conv(head.conv) if head.conv else nn.Identity()
        if head.hidden is not None:
            layers.append(nn.Linear(head.hidden.inputs, head.hidden.outputs))
            layers += [LAYERS[head.hidden.activation](inplace=True)] if head.hidden.activation else []
        classifier = nn.Linear(head.classifier.inputs, head.classifier.outputs)
        self.classifier = nn.Sequential(*layers, nn.Dropout(dropout), classifier)
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
