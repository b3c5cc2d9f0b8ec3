"""Folders of images, one subfolder a class: which files there are, and how one is decoded."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from scaling_search.data.array_cache import Images, Labels, Split, default_test_split
from scaling_search.errors import DataError

REMEDY = "put one subfolder of images a class there, or set proxy.dataset to digits, which needs no files"
TEST_FOLDERS = ("test", "val")


@dataclass(frozen=True)
class ImageListing:
    """Image files, sorted by class and name, their labels (n,), the classes' names, and the split's rows (None: all)."""

    root: Path
    files: tuple[str, ...]
    labels: Labels
    classes: tuple[str, ...]
    rows: Labels | None


def _places(root: Path) -> tuple[Path, Path | None]:
    """Where the development and the test images are: root/train and root/test or root/val, or all in root."""
    inside = {entry.name for entry in os.scandir(root) if entry.is_dir()}
    tests = [name for name in TEST_FOLDERS if name in inside]
    apart = "train" in inside and tests and inside <= {"train", *TEST_FOLDERS}
    return (root / "train", root / tests[0]) if apart else (root, None)


def list_folder(root: str | Path | None, split: Split) -> ImageListing:
    """The images of a folder. Without a test folder, a fixed fifth of them is kept as the test split.

    Raises:
        DataError: there is no such folder, no images in it, or train and test have other classes.
    """
    from torchvision.datasets import ImageFolder

    if root is None:
        raise DataError("image_folder: proxy.root is not given", "give the folder with one subfolder of images a class")
    try:
        development, test = _places(Path(root))
        place = development if split == "development" or test is None else test
        found = ImageFolder(str(place))
        if place == test and ImageFolder(str(development)).classes != found.classes:
            raise DataError(f"image_folder: {development} and {test} have other classes", "name their subfolders alike")
    except (OSError, ValueError) as e:  # ValueError: the path holds a null character
        raise DataError(f"image_folder: cannot use {root}: {e}", REMEDY) from None
    labels = np.asarray(found.targets, np.int64)
    rows = default_test_split(len(labels), split) if test is None else None
    return ImageListing(place, tuple(file for file, _ in found.samples), labels, tuple(found.classes), rows)


@contextmanager
def _opened(file: str) -> Iterator[Image.Image]:
    """An image file that may be damaged.

    Raises:
        DataError: anything went wrong with it; the message names it.
    """
    try:
        with warnings.catch_warnings(), Image.open(file) as image:
            warnings.simplefilter("ignore")  # PIL's remarks on odd files that it can read
            if image.mode[0] in "IF":
                raise ValueError(f"its pixels are {image.mode}; 8 bits a channel are needed")
            yield image
    except Exception as e:  # decoders raise anything for a damaged file
        raise DataError(f"cannot read the image {file}: {e}", "replace it or delete it") from e


def decode(file: str, px: int, channels: int) -> Images:
    """An image file as (px, px, channels), its short side resized and the middle kept.

    Raises:
        DataError: it cannot be decoded; the message names it.
    """
    with _opened(file) as image:
        image.draft(None, (px, px))  # JPEGs are decoded at 1/2, 1/4 … where that is enough
        plain = image.convert("L" if channels == 1 else "RGB")
        side, (w, h) = min(plain.size), plain.size
        left, top = (w - side) / 2, (h - side) / 2
        if plain.size != (px, px):
            plain = plain.resize((px, px), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
        return np.array(plain, np.uint8).reshape(px, px, channels)


def probe_image(file: str) -> tuple[int, int, bool]:
    """(width, height, grey) of an image file, after decoding it whole.

    Raises:
        DataError: it cannot be decoded; the message names it.
    """
    with _opened(file) as image:
        image.load()
        return *image.size, image.mode in ("1", "L", "LA")
