"""Architecture → torch module.

EfficientNets are built by torchvision (torchvision.models.efficientnet), so torchvision's state dicts load. All other networks,
including EfficientNets without a head, are built by training/modules.py.
"""

from __future__ import annotations

from dataclasses import asdict

from torch import nn
from torchvision.models.efficientnet import EfficientNet, MBConv, MBConvConfig
from torchvision.ops.misc import Conv2dNormActivation

from scaling_search.networks.architecture import Architecture
from scaling_search.training import user_network
from scaling_search.training.modules import Block, Network


class _ExactMBConvConfig(MBConvConfig):  # type: ignore[misc]
    """torchvision rounds inner channels to multiples of 8. This class does not round them."""

    @staticmethod
    def adjust_channels(channels: int, width_mult: float, min_value: int | None = None) -> int:
        return round(channels * width_mult)


def _stages(arch: Architecture) -> list[MBConvConfig]:
    return [
        _ExactMBConvConfig(s.expand, s.kernel, s.stride, c, s.channels, s.blocks)
        for s, c in zip(arch.stages, arch.inputs, strict=True)
    ]


def _is_built_by_torchvision(arch: Architecture) -> bool:
    """Whether torchvision's code builds this network.

    It always adds a head, and it leaves out an expansion to the number of input channels, which the stage table can ask for.
    """
    if arch.style != "efficientnet" or arch.head == 0:
        return False
    block_inputs = ((s, n) for s, c in zip(arch.stages, arch.inputs, strict=True) for n in {c, s.channels})
    return all(s.block == "mbconv" and (s.expand == 1 or round(n * s.expand) != n) for s, n in block_inputs)


def build_model(arch: Architecture, dropout: float = 0.2, stochastic_depth: float = 0.2) -> nn.Module:
    """The network, images (n, c, h, w) → logits (n, classes), with torchvision's initialisation.

    ``dropout`` acts before the classifier. ``stochastic_depth`` is the drop rate of the last block; the i-th of all L blocks has
    i/L of it (Huang et al. 2016). L counts the blocks after scaling; some implementations wrongly count them before.
    """
    if arch.factory is not None:
        return user_network.build(arch.factory, arch.classes)
    if not _is_built_by_torchvision(arch):
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
    """Set the last batch norm of every residual branch to zero, so that each block starts as its shortcut (Goyal et al. 2017).

    Without it, deep networks are less accurate after a short run than shallow ones of the same cost.
    """
    for block in net.modules():
        if isinstance(block, MBConv) and block.use_res_connect:
            nn.init.zeros_(block.block[-1][1].weight)
        elif isinstance(block, Block) and block.shortcut is not None:
            *_, last = (m for m in block.branch.modules() if isinstance(m, nn.BatchNorm2d))
            nn.init.zeros_(last.weight)
