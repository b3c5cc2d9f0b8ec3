"""A faster weight gradient of depthwise convolutions on CPUs, for maps that are small relative to the kernel.

oneDNN uses a slow generic kernel for them. Time of one weight gradient with oneDNN and with this code, one thread:

    kernel  map    channels  batch  CPU      oneDNN   this code
    5 × 5   2 × 2  1,344     64     AVX-512  10.7 ms  0.8 ms
    5 × 5   4 × 4  1,344     64     AVX-512  18.3 ms  5.1 ms
    3 × 3   2 × 2  1,344     64     AVX-512   3.5 ms  0.7 ms
    5 × 5   3 × 3    288     64     AVX2     26   ms  2   ms

Each pair of an output and an input position belongs to at most one kernel tap. So the gradient is one small matrix product per
channel, (outputs, n) × (n, inputs), whose entries are then summed by tap.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from scaling_search.training.module_replacement import replace_modules

MAX_PAIRS = 36 * 36
"""Pairs of output and input positions up to which the product is faster than oneDNN (5 × 5, measured on AVX2 and AVX-512)."""


def _is_small(side: int, outputs: int, kernel: int) -> bool:
    """Whether the product is faster for maps of ``side`` px: few pairs, and a kernel of 5 or more or larger than the map."""
    return (side * outputs) ** 2 <= MAX_PAIRS and (kernel >= 5 or side < kernel)


@lru_cache(maxsize=64)
def _taps(inputs: int, outputs: int, kernel: int, stride: int) -> Tensor:
    """0/1 matrix (outputs² · inputs², kernel²): which kernel tap connects an output position to an input position."""
    output, input_ = torch.arange(outputs), torch.arange(inputs)
    tap = input_[None, :] - output[:, None] * stride + kernel // 2  # (outputs, inputs) along one side
    one_side = F.one_hot(tap.clamp(-1, kernel) + 1, kernel + 2)[..., 1:-1].float()
    return torch.einsum("yjk,xil->yxjikl", one_side, one_side).reshape(-1, kernel * kernel)


class _SmallMapDepthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride = stride
        return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, Tensor, None]:
        (gradient,) = gradients
        x, weight = ctx.saved_tensors
        n, c, side, _ = x.shape
        outputs, kernel, stride = gradient.shape[-1], weight.shape[-1], ctx.stride
        pad = [kernel // 2] * 2
        x_gradient: Tensor = torch.ops.aten.convolution_backward(
            gradient, x, weight, None, [stride] * 2, pad, [1, 1], False, [0, 0], c, [True, False, False]
        )[0]
        left = gradient.permute(1, 2, 3, 0).reshape(c, outputs * outputs, n).contiguous()
        right = x.permute(1, 0, 2, 3).reshape(c, n, side * side).contiguous()
        by_pair = torch.bmm(left, right).reshape(c, -1)
        return x_gradient, (by_pair @ _taps(side, outputs, kernel, stride)).reshape_as(weight), None


class DepthwiseConv2d(nn.Conv2d):
    """A depthwise convolution that uses the faster gradient if its maps are small enough."""

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) → (n, c, h / stride, w / stride)."""
        side, stride = x.shape[-1], self.stride[0]
        small = x.shape[-2] == side and _is_small(side, -(-side // stride), self.kernel_size[0])
        if small and self.training and torch.is_grad_enabled():
            return _SmallMapDepthwise.apply(x, self.weight, stride)  # type: ignore[no-any-return]
        return super().forward(x)


def is_depthwise(conv: nn.Conv2d) -> bool:
    """Whether each channel has exactly one filter. The stem for grey images (1 input channel, 1 group) has several."""
    return conv.groups == conv.in_channels == conv.out_channels


def _faster_class(module: nn.Module) -> type[nn.Module] | None:
    if type(module) is nn.Conv2d and is_depthwise(module) and module.kernel_size[0] >= 3:
        return DepthwiseConv2d
    return None


def speed_up_depthwise(net: nn.Module) -> nn.Module:
    """The network with :class:`DepthwiseConv2d` for its depthwise convolutions; parameters and their names stay."""
    return replace_modules(net, _faster_class)
