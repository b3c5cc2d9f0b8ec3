"""Published networks: params, MACs and ImageNet top-1, each with its source.

Params and MACs are recounted (ours: convolutions and linear layers) where torchvision has the network, else as printed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Published:
    """A published network. ``top1`` is ImageNet accuracy in percent, one crop of ``px``; ``torchvision`` its name there, or ""."""

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
