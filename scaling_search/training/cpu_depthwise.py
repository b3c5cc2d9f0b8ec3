"""A faster weight gradient of depthwise convolutions on maps that are small for their kernel, on CPUs.

There oneDNN falls back to a generic kernel. Milliseconds of a gradient, its against this one's (1,344 channels, batch 64, one
thread): 5 × 5 on 2 × 2 px 10.7 and 0.8, on 4 × 4 px 18.3 and 5.1, 3 × 3 on 2 × 2 px 3.5 and 0.7 with AVX-512; with AVX2
5 × 5 on 3 × 3 px 26 and 2 (288 channels).

Every pair of an output and an input position belongs to at most one kernel tap, so the gradient is one small matrix product a
channel, (outputs, n) × (n, inputs), whose entries are then summed by tap.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MOST_PAIRS = 36 * 36
"""Output × input positions up to which the product is faster than oneDNN's 5 × 5 kernel (measured, AVX2 and AVX-512)."""


def _small(side: int, outputs: int, kernel: int) -> bool:
    """Whether oneDNN is slow there: always with large kernels, else where the kernel is larger than the map."""
    return (side * outputs) ** 2 <= MOST_PAIRS and (kernel >= 5 or side < kernel)


@lru_cache(maxsize=64)
def _taps(inputs: int, outputs: int, kernel: int, stride: int) -> Tensor:
    """0/1 matrix (outputs² · inputs², kernel²): which tap joins an output position to an input position."""
    out, into = torch.arange(outputs), torch.arange(inputs)
    tap = into[None, :] - out[:, None] * stride + kernel // 2  # (outputs, inputs) along one side
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
        out, kernel, stride = gradient.shape[-1], weight.shape[-1], ctx.stride
        pad = [kernel // 2] * 2
        into: Tensor = torch.ops.aten.convolution_backward(
            gradient, x, weight, None, [stride] * 2, pad, [1, 1], False, [0, 0], c, [True, False, False]
        )[0]
        left = gradient.permute(1, 2, 3, 0).reshape(c, out * out, n).contiguous()
        right = x.permute(1, 0, 2, 3).reshape(c, n, side * side).contiguous()
        by_pair = torch.bmm(left, right).reshape(c, -1)
        return into, (by_pair @ _taps(side, out, kernel, stride)).reshape_as(weight), None


class DepthwiseConv2d(nn.Conv2d):
    """A depthwise convolution that takes the faster gradient where its maps are small enough."""

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) → (n, c, h / stride, w / stride)."""
        side, stride = x.shape[-1], self.stride[0]
        small = x.shape[-2] == side and _small(side, -(-side // stride), self.kernel_size[0])
        if small and self.training and torch.is_grad_enabled():
            return _SmallMapDepthwise.apply(x, self.weight, stride)  # type: ignore[no-any-return]
        return super().forward(x)


def depthwise(conv: nn.Conv2d) -> bool:
    """Whether each channel has one filter of its own; a grey image's stem (1 input channel, 1 group) has many."""
    return conv.groups == conv.in_channels == conv.out_channels


def speed_up_depthwise(net: nn.Module) -> None:
    """Let the network's depthwise convolutions use the faster gradient where they meet small maps."""
    for module in net.modules():
        if type(module) is nn.Conv2d and depthwise(module) and module.kernel_size[0] >= 3:
            module.__class__ = DepthwiseConv2d  # same parameters and names, another forward
