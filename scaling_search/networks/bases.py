"""Base networks as stage tables, and the registry of their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scaling_search.errors import NotFound
from scaling_search.networks.architecture import Architecture, Fixed
from scaling_search.networks.blocks import Stage
from scaling_search.plugins import Registry

Row = tuple[str, float, int, int, int, int]
"""(block, expand, kernel, stride, channels, blocks)."""


def _network(
    base: str, style: str, stem: int, rows: Sequence[Row], head: int, resolution: int = 224, fixed: tuple[Fixed, ...] = ()
) -> Architecture:  # fmt: skip
    stages = tuple(Stage(*row) for row in rows)
    return Architecture(base, stem, 2, stages, head, resolution, style=style, fixed=fixed)


EFFICIENTNET_B0 = _network(
    "efficientnet_b0",
    "efficientnet",
    32,
    (
        ("mbconv", 1, 3, 1, 16, 1),
        ("mbconv", 6, 3, 2, 24, 2),
        ("mbconv", 6, 5, 2, 40, 2),
        ("mbconv", 6, 3, 2, 80, 3),
        ("mbconv", 6, 5, 1, 112, 3),
        ("mbconv", 6, 5, 2, 192, 4),
        ("mbconv", 6, 3, 1, 320, 1),
    ),
    1280,
)

EFFICIENTNET_V2_B0 = _network(
    "efficientnet_v2_b0",
    "efficientnet_v2",
    32,
    (
        ("fused", 1, 3, 1, 16, 1),
        ("fused", 4, 3, 2, 32, 2),
        ("fused", 4, 3, 2, 48, 2),
        ("mbconv", 4, 3, 2, 96, 3),
        ("mbconv", 6, 3, 1, 112, 5),
        ("mbconv", 6, 3, 2, 192, 8),
    ),
    1280,
)

EFFICIENTNET_V2_S = _network(
    "efficientnet_v2_s",
    "efficientnet_v2",
    24,
    (
        ("fused", 1, 3, 1, 24, 2),
        ("fused", 4, 3, 2, 48, 4),
        ("fused", 4, 3, 2, 64, 4),
        ("mbconv", 4, 3, 2, 128, 6),
        ("mbconv", 6, 3, 1, 160, 9),
        ("mbconv", 6, 3, 2, 256, 15),
    ),
    1280,
    384,
)

MOBILENET_V1 = _network(
    "mobilenet_v1",
    "mobilenet_v1",
    32,
    (
        ("separable", 1, 3, 1, 64, 1),
        ("separable", 1, 3, 2, 128, 2),
        ("separable", 1, 3, 2, 256, 2),
        ("separable", 1, 3, 2, 512, 6),
        ("separable", 1, 3, 2, 1024, 2),
    ),
    0,
)

MOBILENET_V2 = _network(
    "mobilenet_v2",
    "mobilenet_v2",
    32,
    (
        ("inverted", 1, 3, 1, 16, 1),
        ("inverted", 6, 3, 2, 24, 2),
        ("inverted", 6, 3, 2, 32, 3),
        ("inverted", 6, 3, 2, 64, 4),
        ("inverted", 6, 3, 1, 96, 3),
        ("inverted", 6, 3, 2, 160, 3),
        ("inverted", 6, 3, 1, 320, 1),
    ),
    1280,
    fixed=("head when narrowing",),
)

MOBILENET_V3_LARGE = _network(
    "mobilenet_v3_large",
    "mobilenet_v3",
    16,
    (
        ("inverted", 1, 3, 1, 16, 1),
        ("inverted", 4, 3, 2, 24, 1),
        ("inverted", 3, 3, 1, 24, 1),
        ("inverted_se", 3, 5, 2, 40, 3),
        ("inverted_hard", 6, 3, 2, 80, 1),
        ("inverted_hard", 2.5, 3, 1, 80, 1),
        ("inverted_hard", 2.3, 3, 1, 80, 2),
        ("inverted_hard_se", 6, 3, 1, 112, 2),
        ("inverted_hard_se", 6, 5, 2, 160, 3),
    ),
    1280,
)


def _resnet(base: str, block: str, expand: float, blocks: tuple[int, ...], widest: int) -> Architecture:
    rows = [(block, expand, 3, 2, widest // 2 ** (3 - i), n) for i, n in enumerate(blocks)]
    return _network(base, "resnet", 64, rows, 0)


RESNET18 = _resnet("resnet18", "basic", 1, (2, 2, 2, 2), 512)
RESNET50 = _resnet("resnet50", "bottleneck", 0.25, (3, 4, 6, 3), 2048)
SE_RESNET50 = _resnet("se_resnet50", "bottleneck_se", 0.25, (3, 4, 6, 3), 2048)
RESNEXT50 = _resnet("resnext50", "bottleneck_32", 0.5, (3, 4, 6, 3), 2048)


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """What scaling means for a base.

    ``depth``, ``width`` and ``resolution`` say what each axis changes, ``stays`` what none of them changes. ``source`` is the
    paper, ``reference`` the library network that equals the base. ``divisor`` is the divisor of the channels, ``cap`` the
    largest px at which the authors train.
    """

    network: Architecture
    source: str
    reference: str
    stays: str
    depth: str = "blocks of every stage; at least one stays in each"
    width: str = "channels of the stem, of every stage and of the head; the inner widths follow by their ratios"
    resolution: str = "side of the input image, px; any side works, each stride rounds up"
    divisor: int = 8
    cap: int | None = None


_RESNET = {
    "stays": "the 7 × 7 stem's kernel, the max pool (the first stage's stride), the strides, the ratio of inner to output "
    "channels; there is no head convolution",
    "width": "channels of the stem and of every stage; inner widths follow by their ratio (not wide ResNet's inner width alone)",
}
_INVERTED = "kernels, strides, expansion ratios"

_OWN = {
    f.network.base: f
    for f in (
        BaseFacts(
            EFFICIENTNET_B0,
            "Tan & Le 2019, arXiv 1905.11946, Table 1",
            "torchvision.models.efficientnet_b0",
            f"{_INVERTED}; squeezed widths are a quarter of each block's input",
        ),
        BaseFacts(
            EFFICIENTNET_V2_B0,
            "Tan & Le 2021, arXiv 2104.00298; google/automl, effnetv2_configs.py",
            "timm tf_efficientnetv2_b0 with symmetric padding",
            f"{_INVERTED}, which stages are fused",
            cap=480,
        ),
        BaseFacts(
            EFFICIENTNET_V2_S,
            "Tan & Le 2021, arXiv 2104.00298, Table 4 (px at most 480: section 3.3)",
            "torchvision.models.efficientnet_v2_s",
            f"{_INVERTED}, which stages are fused",
            cap=480,
        ),
        BaseFacts(
            MOBILENET_V1,
            "Howard et al. 2017, arXiv 1704.04861, Table 1",
            "timm mobilenetv1_100",
            "kernels and strides; there is no head convolution",
        ),
        BaseFacts(
            MOBILENET_V2,
            "Sandler et al. 2018, arXiv 1801.04381, Table 2",
            "torchvision.models.mobilenet_v2",
            f"{_INVERTED}; the head is widened but never narrowed",
        ),
        BaseFacts(
            MOBILENET_V3_LARGE,
            "Howard et al. 2019, arXiv 1905.02244, Table 1",
            "torchvision.models.mobilenet_v3_large",
            f"{_INVERTED}, activations, the last convolution (6 × the last stage's channels)",
        ),
        BaseFacts(RESNET18, "He et al. 2015, arXiv 1512.03385, Table 1", "torchvision.models.resnet18", **_RESNET),  # type: ignore[arg-type]
        BaseFacts(RESNET50, "He et al. 2015, stride in the 3 × 3", "torchvision.models.resnet50", **_RESNET),  # type: ignore[arg-type]
        BaseFacts(SE_RESNET50, "Hu et al. 2017, arXiv 1709.01507, Table 1", "timm seresnet50", **_RESNET),  # type: ignore[arg-type]
        BaseFacts(
            RESNEXT50,
            "Xie et al. 2016, arXiv 1611.05431, Table 1",
            "torchvision.models.resnext50_32x4d",
            f"{_RESNET['stays']}; the 32 groups: inner widths go to multiples of 32",
            width=_RESNET["width"],
        ),
    )
}
FACTS: Registry[BaseFacts] = Registry("scaling_search.bases", BaseFacts, _OWN)
"""Base networks by name, with what scaling means for each; installed packages may add some."""


def largest_px(base: Architecture) -> int | None:
    """Largest px in a family of this base: the authors' limit or the base's own px, whichever is more. None means no limit."""
    facts = FACTS.get(base.base)
    return None if facts is None or facts.cap is None else max(facts.cap, base.resolution)


def base_network(name: str, classes: int = 1000, image_channels: int = 3) -> Architecture:
    """The named base with ``classes`` outputs, for images of ``image_channels`` channels.

    Raises:
        NotFound: there is no base of that name.
    """
    if name not in FACTS:
        raise NotFound(f"unknown base network {name!r}", f"choose one of: {', '.join(FACTS)}")
    return replace(FACTS[name].network, classes=classes, image_channels=image_channels)
