"""Folders of images, one subfolder per class: listing the files and decoding one."""

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

REMEDY = "put one subfolder of images per class there, or set proxy.dataset to digits, which needs no files"
TEST_FOLDERS = ("test", "val")


@dataclass(frozen=True)
class ImageListing:
    """Image files sorted by class and name, their labels (n,), the names of the classes, and the rows of the split (None: all)."""

    root: Path
    files: tuple[str, ...]
    labels: Labels
    classes: tuple[str, ...]
    rows: Labels | None


def _split_folders(root: Path) -> tuple[Path, Path | None]:
    """Folders of the development and the test images: root/train and root/test or root/val, else (root, None)."""
    subfolders = {entry.name for entry in os.scandir(root) if entry.is_dir()}
    tests = [name for name in TEST_FOLDERS if name in subfolders]
    has_splits = "train" in subfolders and tests and subfolders <= {"train", *TEST_FOLDERS}
    return (root / "train", root / tests[0]) if has_splits else (root, None)


def list_folder(root: str | Path | None, split: Split) -> ImageListing:
    """List the images of a folder. Without a test folder, a fixed fifth of them is the test split.

    Raises:
        DataError: the folder or its images are missing, or train and test have different classes.
    """
    from torchvision.datasets import ImageFolder

    if root is None:
        raise DataError(
            "image_folder: proxy.root is not given", "give the folder with one subfolder of images per class"
        )
    try:
        development, test = _split_folders(Path(root))
        folder = development if split == "development" or test is None else test
        contents = ImageFolder(str(folder))
        if folder == test and ImageFolder(str(development)).classes != contents.classes:
            raise DataError(
                f"image_folder: {development} and {test} have different classes",
                "give both the same names of subfolders",
            )
    except (OSError, ValueError) as e:  # ValueError: the path holds a null character
        raise DataError(f"image_folder: cannot use {root}: {e}", REMEDY) from None
    labels = np.asarray(contents.targets, np.int64)
    rows = default_test_split(len(labels), split) if test is None else None
    return ImageListing(folder, tuple(file for file, _ in contents.samples), labels, tuple(contents.classes), rows)


@contextmanager
def _opened(file: str) -> Iterator[Image.Image]:
    """Open an image file, which may be damaged.

    Raises:
        DataError: any error in the block; the message names the file.
    """
    try:
        with warnings.catch_warnings(), Image.open(file) as image:
            warnings.simplefilter("ignore")  # PIL warns of unusual files that it can read
            if image.mode[0] in "IF":
                raise ValueError(f"its pixels are of mode {image.mode}; 8 bits per channel are needed")
            yield image
    except Exception as e:  # decoders raise any exception for a damaged file
        raise DataError(f"cannot read the image {file}: {e}", "replace it or delete it") from e


def decode(file: str, px: int, channels: int) -> Images:
    """Decode an image file to (px, px, channels): short side resized, centre cropped.

    Raises:
        DataError: it cannot be decoded; the message names the file.
    """
    with _opened(file) as image:
        image.draft(None, (px, px))  # decodes a JPEG at 1/2, 1/4 … of its size where that suffices
        converted = image.convert("L" if channels == 1 else "RGB")
        side, (w, h) = min(converted.size), converted.size
        left, top = (w - side) / 2, (h - side) / 2
        if converted.size != (px, px):
            converted = converted.resize((px, px), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
        return np.array(converted, np.uint8).reshape(px, px, channels)


def probe_image(file: str) -> tuple[int, int, bool]:
    """Decode an image file completely and return (width, height, is grey).

    Raises:
        DataError: it cannot be decoded; the message names the file.
    """
    with _opened(file) as image:
        image.load()
        return *image.size, image.mode in ("1", "L", "LA")
