"""Class activation maps as one PNG: one row per image, one column per network."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from scaling_search.report.labels import ARMS

if TYPE_CHECKING:
    from scaling_search.training.gradcam import ArmMaps

CELL, GAP, HEAD = 120, 6, 40
"""Side of one image, space between two, and height of the headings, px."""
HEAT = np.array([[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]], np.float32)
"""Colours at 0, ¼, ½, ¾ and 1: Matplotlib's inferno."""


def overlay(image: npt.NDArray[np.float32], heat: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """An image (px, px, 1 or 3) with its map (px, px) over it, both in 0…1, as (px, px, 3) in 0…255."""
    at = np.linspace(0, 1, len(HEAT))
    colour = np.stack([np.interp(heat, at, HEAT[:, c]) for c in range(3)], axis=-1)
    grey = 255 * image.mean(axis=-1, keepdims=True)
    mixed: npt.NDArray[np.uint8] = (0.45 * grey + 0.55 * colour).clip(0, 255).astype(np.uint8)
    return mixed


def _paste(sheet: Image.Image, pixels: npt.NDArray[np.uint8], column: int, row: int) -> None:
    picture = Image.fromarray(pixels).resize((CELL, CELL), Image.Resampling.NEAREST)
    sheet.paste(picture, (GAP + column * (CELL + GAP), HEAD + row * (CELL + GAP)))


def png(arms: Sequence[ArmMaps], scores: Sequence[dict[str, Any]], rows: int) -> bytes:
    """The first ``rows`` images, plain and with each arm's map; each column is headed by the arm and its mean score."""
    rows = min(rows, len(arms[0].labels))
    size = GAP + (len(arms) + 1) * (CELL + GAP), HEAD + rows * (CELL + GAP)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=13)
    finest = max(arms, key=lambda a: a.images.shape[1])
    headings = [
        "image",
        *(f"{ARMS[a.arm]}\nscore {s['score']['mean']:+.3f}" for a, s in zip(arms, scores, strict=True)),
    ]
    for column, text in enumerate(headings):
        draw.text((GAP + column * (CELL + GAP), 3), text, fill="black", font=font)
    for row in range(rows):
        plain = np.broadcast_to(255 * finest.images[row], (*finest.images[row].shape[:2], 3)).astype(np.uint8)
        _paste(sheet, plain, 0, row)
        for column, arm in enumerate(arms, 1):
            _paste(sheet, overlay(arm.images[row], arm.maps[row]), column, row)
            if not arm.right[row]:
                draw.text((GAP + column * (CELL + GAP) + 4, HEAD + row * (CELL + GAP) + 2), "wrong", "white", font)
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()
