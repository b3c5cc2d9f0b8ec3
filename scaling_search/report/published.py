"""Published networks: params, MACs and ImageNet top-1, each with its source.

If torchvision has the network, params and MACs (of convolutions and linear layers) are counted here; else they are as printed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Published:
    """A published network.

    ``top1`` is ImageNet accuracy in percent with one crop of ``px``. ``torchvision`` is the name of torchvision's builder, or "".
    """

    name: str
    family: str
    px: int
    params: int
    macs: int
    top1: float
    torchvision: str
    source: str


def published() -> tuple[Published, ...]:
    """The table in published.csv."""
    with Path(__file__).with_name("published.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Published(
                r["name"], r["family"], int(r["px"]), int(r["params"]), int(r["macs"]), float(r["top1"]),
                r["torchvision"], r["source"],
            )
            for r in csv.DictReader(file)
        )  # fmt: skip
