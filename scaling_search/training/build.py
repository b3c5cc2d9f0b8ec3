"""Architecture → torch module, and fvcore's count of it.

An EfficientNet's modules and their names are torchvision's (torchvision.models.efficientnet), so its state dicts load;
all other networks, those without a head among them, are built by training/modules.py.
"""

from __future__ import annotations

from dataclasses import asdict

from torch import nn
from torchvision.models.efficientnet import EfficientNet, MBConv, MBConvConfig
from torchvision.ops.misc import Conv2dNormActivation

from scaling_search.networks.architecture import Architecture
from scaling_search.training import user_network as factory
from scaling_search.training.modules import Block, Network


class _ExactMBConvConfig(MBConvConfig):  # type: ignore[misc]
    """torchvision rounds inner channels to multiples of 8; here they are built as asked."""

    @staticmethod
    def adjust_channels(channels: int, width_mult: float, min_value: int | None = None) -> int:
        return round(channels * width_mult)


def _stages(arch: Architecture) -> list[MBConvConfig]:
    return [
        _ExactMBConvConfig(s.expand, s.kernel, s.stride, c, s.channels, s.blocks)
        for s, c in zip(arch.stages, arch.inputs, strict=True)
    ]


def _is_torchvisions(arch: Architecture) -> bool:
    """Whether torchvision's code gives this network: it always makes a head, and no expansion to as many channels as came in."""
    if arch.style != "efficientnet" or arch.head == 0:
        return False
    entering = ((s, n) for s, c in zip(arch.stages, arch.inputs, strict=True) for n in {c, s.channels})
    return all(s.block == "mbconv" and (s.expand == 1 or round(n * s.expand) != n) for s, n in entering)


def build_model(arch: Architecture, dropout: float = 0.2, stochastic_depth: float = 0.2) -> nn.Module:
    """The network, images (n, c, h, w) → logits (n, classes), with torchvision's initial weights.

    ``dropout`` acts before the classifier; ``stochastic_depth`` is the last block's drop rate, and the i-th of all L real
    blocks has i/L of it (Huang et al. 2016; counting L before scaling is a known bug elsewhere).
    """
    if arch.factory is not None:
        return factory.build(arch.factory, arch.classes)
    if not _is_torchvisions(arch):
        return Network(asdict(arch), dropout, stochastic_depth)
    net: nn.Module = EfficientNet(
        _stages(arch), dropout, stochastic_depth, num_classes=arch.classes, last_channel=arch.head
    )  # fmt: skip
    if (arch.image_channels, arch.stem_stride) != (3, 2):
        stem = Conv2dNormActivation(
            arch.image_channels, arch.stem, 3, arch.stem_stride, norm_layer=nn.BatchNorm2d, activation_layer=nn.SiLU
        )
        nn.init.kaiming_normal_(stem[0].weight, mode="fan_out")
        net.features[0] = stem  # type: ignore[operator]
    return net


def zero_init_residual(net: nn.Module) -> None:
    """Zero the last batch norm of every residual branch, so that each block starts as its shortcut (Goyal et al. 2017).

    Without it a deep network loses a short run to a shallow one of the same cost.
    """
    for block in net.modules():
        if isinstance(block, MBConv) and block.use_res_connect:
            nn.init.zeros_(block.block[-1][1].weight)
        elif isinstance(block, Block) and block.shortcut is not None:
            *_, last = (m for m in block.branch.modules() if isinstance(m, nn.BatchNorm2d))
            nn.init.zeros_(last.weight)
