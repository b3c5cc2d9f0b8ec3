"""A user's network, as ``golden_nets:plain`` in the study file ``factory.yaml``. Costs are cached by this file's bytes."""

from __future__ import annotations

from torch import nn


def plain(depth: float, width: float, classes: int) -> nn.Module:
    """A plain convolutional net whose blocks and channels follow the multipliers."""
    wide = round(8 * width)
    layers: list[nn.Module] = [nn.Conv2d(1, wide, 3, 2, 1), nn.ReLU()]
    for _ in range(max(1, round(4 * depth))):
        layers += [nn.Conv2d(wide, wide, 3, padding=1, bias=False), nn.BatchNorm2d(wide), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, classes))
