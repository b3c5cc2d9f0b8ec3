"""Users' own networks for tests: a sound one, and one for each fault that `base check` looks for."""

from __future__ import annotations

from itertools import cycle

from torch import nn

WIDTHS = cycle((1, 1.75, 1.25, 3, 2.25))
"""Never the same twice in a row."""


def sound(depth: float, width: float, classes: int, channels: int = 1) -> nn.Module:
    """A plain convolutional net whose blocks and channels follow the multipliers."""
    wide = round(8 * width)
    layers: list[nn.Module] = [nn.Conv2d(channels, wide, 3, 2, 1), nn.ReLU()]
    for _ in range(max(1, round(4 * depth))):
        layers += [nn.Conv2d(wide, wide, 3, padding=1, bias=False), nn.BatchNorm2d(wide), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, classes))


def no_depth(depth: float, width: float, classes: int) -> nn.Module:
    """Depth ignored."""
    return sound(1, width, classes)


def no_width(depth: float, width: float, classes: int) -> nn.Module:
    """Width ignored."""
    return sound(depth, 1, classes)


def fixed_size(depth: float, width: float, classes: int) -> nn.Module:
    """Only 32 px fit its classifier."""
    *layers, _, flatten, _ = list(sound(depth, width, classes).children())
    return nn.Sequential(*layers, flatten, nn.Linear(round(8 * width) * 16 * 16, classes))


def falls(depth: float, width: float, classes: int) -> nn.Module:
    """At 1.5 times the depth it is narrower."""
    return sound(depth, width if depth < 1.4 else width / 2, classes)


def drawn(depth: float, width: float, classes: int) -> nn.Module:
    """Another network each time."""
    return sound(depth, width * next(WIDTHS), classes)
