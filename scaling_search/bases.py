"""Base networks as stage tables, and the registry that names them."""

from __future__ import annotations

from dataclasses import replace

from scaling_search.architecture import Architecture, Stage
from scaling_search.errors import NotFound

_MB = "mbconv"

EFFICIENTNET_B0 = Architecture(
    base="efficientnet_b0",
    stem=32,
    stem_stride=2,
    stages=(
        Stage(_MB, expand=1, kernel=3, stride=1, channels=16, blocks=1),
        Stage(_MB, expand=6, kernel=3, stride=2, channels=24, blocks=2),
        Stage(_MB, expand=6, kernel=5, stride=2, channels=40, blocks=2),
        Stage(_MB, expand=6, kernel=3, stride=2, channels=80, blocks=3),
        Stage(_MB, expand=6, kernel=5, stride=1, channels=112, blocks=3),
        Stage(_MB, expand=6, kernel=5, stride=2, channels=192, blocks=4),
        Stage(_MB, expand=6, kernel=3, stride=1, channels=320, blocks=1),
    ),
    head=1280,
    resolution=224,
)
"""EfficientNet-B0: Tan & Le 2019, Table 1; torchvision.models.efficientnet_b0."""

BASES = {b.base: b for b in (EFFICIENTNET_B0,)}


def base_network(name: str, classes: int = 1000, image_channels: int = 3) -> Architecture:
    """The base of that name for ``classes`` outputs and images of ``image_channels``.

    Raises:
        NotFound: no base has that name.
    """
    if name not in BASES:
        raise NotFound(f"unknown base network {name!r}", f"choose one of: {', '.join(BASES)}")
    return replace(BASES[name], classes=classes, image_channels=image_channels)
