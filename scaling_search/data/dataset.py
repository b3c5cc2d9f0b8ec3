"""Datasets → fixed splits of uint8 images, resized and augmented a batch at a time.

What fits is decoded once into one memory-mapped file (images n, h, w, c) that every run maps, so that it is in memory once
however many runs there are; a folder of images that does not fit is streamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scaling_search.data.array_cache import Images, Labels, Split, cached
from scaling_search.data.catalog import HUGGINGFACE, STORED_PX, resolve
from scaling_search.data.huggingface import read_huggingface
from scaling_search.data.image_folder import list_folder
from scaling_search.data.numpy_arrays import read_arrays
from scaling_search.data.streaming import FolderImages, kept
from scaling_search.data.torchvision_sets import read
from scaling_search.errors import DataError, InputError
from scaling_search.paths import cache_folder

DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


@dataclass(frozen=True)
class Dataset:
    """``images`` (n, h, w, c) uint8 and ``labels`` (n,); ``rows`` says which of them belong to this split, None means all.

    Images are an array mapped from disk, or :class:`FolderImages`, which are decoded when they are asked for.
    """

    name: str
    images: Any
    labels: Labels
    rows: Labels | None = None

    def agree(self, classes: int, channels: int) -> None:
        """Check that the data is what the study says.

        Raises:
            DataError: it has other channels, labels out of range, or fewer classes.
        """
        have = self.images.shape[3]
        if have != channels:
            raise DataError(
                f"{self.name} has {have} channels; the study says {channels}", f"set proxy.channels: {have}"
            )
        low, high = int(self.labels.min()), int(self.labels.max())
        if low < 0 or high >= classes:
            said = f"{self.name} has labels from {low} to {high}; the study's {classes} classes are 0 to {classes - 1}"
            raise DataError(said, f"set proxy.classes: {high + 1}" if low == 0 else "number the classes from 0")
        found = len(np.unique(self.labels))
        if found < classes:
            said = f"{self.name} has images of {found} classes; the study says {classes}"
            raise DataError(
                said, f"set proxy.classes: {high + 1}" if found == high + 1 else "number the classes from 0 on"
            )

    def splits(self, train_size: int, validation_size: int, seed: int) -> tuple[Labels, Labels]:
        """Indices of the training and the validation images: fixed by the dataset and the seed, never overlapping.

        Raises:
            DataError: there are too few images.
        """
        have = len(self.labels) if self.rows is None else len(self.rows)
        if train_size + validation_size > have:
            raise DataError(
                f"{self.name} has {have} images outside its test split; {train_size} + {validation_size} are asked for",
                "lower proxy.train_size or proxy.validation_size",
            )
        order = np.random.default_rng(seed).permutation(have)
        order = order if self.rows is None else self.rows[order]
        return order[:train_size], order[train_size : train_size + validation_size]

    def gathered(self, parts: Sequence[Labels], limit_gb: float) -> tuple[Dataset, list[Labels]]:
        """The dataset of these parts alone, decoded into one file if it takes up to ``limit_gb``, and where they are in it.

        Raises:
            DataError: see :func:`scaling_search.data.streaming.kept`.
        """
        if not isinstance(self.images, FolderImages):
            return self, list(parts)
        rows = np.concatenate(parts)
        some = self.images.take(rows)
        images = kept(some, limit_gb)
        places = np.split(np.arange(len(rows)), np.cumsum([len(part) for part in parts])[:-1])
        return replace(self, images=some if images is None else images, labels=self.labels[rows], rows=None), places


def open_dataset(
    name: str,
    root: str | Path | None = None,
    split: Split = "development",
    stored_px: int = STORED_PX,
    channels: int = 3,
) -> Dataset:
    """A split of the dataset, decoded into its cache if this is the first time; a folder's images come as ``stored_px`` and ``channels``.

    Raises:
        InputError: there is no dataset of that name.
        DataError: it is not there and cannot be had, or its files or its cache cannot be read or written.
    """
    try:
        name = resolve(name)
    except ValueError as e:
        raise InputError(str(e)) from None
    if name == "image_folder":
        found = list_folder(root, split)
        return Dataset(name, FolderImages(found.files, stored_px, channels), found.labels, found.rows)
    if name == "numpy":
        return Dataset(name, *read_arrays(root, split))
    folder = Path(root) if root else cache_folder()
    if name.startswith(HUGGINGFACE):
        return Dataset(name, *read_huggingface(name, folder, split, stored_px, channels))

    def decode() -> tuple[Images, Labels]:
        return read(name, folder, split, DEBIAN_FASHION_MNIST)

    stem, lock = folder / "cache" / f"{name}-{split}", folder / f".{name}.lock"
    return Dataset(name, *cached(name, stem, lock, decode, "choose another folder with proxy.root"))
