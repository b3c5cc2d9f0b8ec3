"""The picture of class activation maps."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from scaling_search.report.gradcam_image import CELL, GAP, HEAD, HEAT, overlay, png
from scaling_search.training.gradcam import ArmMaps, scores


def arm_maps(arm: str, px: int, right: bool = True) -> ArmMaps:
    ones = np.ones(3, np.float32)
    images, maps = np.full((3, px, px, 1), 0.5, np.float32), np.zeros((3, px, px), np.float32)
    return ArmMaps(arm, images, maps, [0, 1, 2], ones, ones, ones, np.full(3, right))


def test_a_map_colours_its_image() -> None:
    image, heat = np.ones((2, 2, 3), np.float32), np.array([[0, 1], [0, 1]], np.float32)
    pixels = overlay(image, heat)
    assert pixels.shape == (2, 2, 3)
    assert pixels.dtype == np.uint8
    assert pixels[0, 1].tolist() == (0.45 * 255 + 0.55 * HEAT[-1]).astype(np.uint8).tolist()
    assert (pixels[0, 0] < pixels[0, 1]).any()


def test_there_is_a_column_for_each_network_and_no_more_rows_than_images() -> None:
    arms = [arm_maps("base", 6), arm_maps("chosen", 8)]
    for rows, drawn in ((2, 2), (9, 3)):
        sheet = Image.open(io.BytesIO(png(arms, scores(arms), rows)))
        assert sheet.size == (GAP + 3 * (CELL + GAP), HEAD + drawn * (CELL + GAP))


def test_a_wrong_classification_is_marked() -> None:
    right, wrong = ([arm_maps("chosen", 6, right=flag)] for flag in (True, False))
    assert png(right, scores(right), 1) != png(wrong, scores(right), 1)
