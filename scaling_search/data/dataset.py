"""Datasets as uint8 images and labels with fixed splits.

Images are decoded once into a file (n, h, w, c) that every run maps, so they are in memory once for all runs. A folder of
images that is too large for that is streamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scaling_search.data.array_cache import Images, Labels, Split, cached_arrays
from scaling_search.data.catalog import HUGGINGFACE, STORED_PX, resolve
from scaling_search.data.huggingface import read_huggingface
from scaling_search.data.image_folder import list_folder
from scaling_search.data.numpy_arrays import read_arrays
from scaling_search.data.streaming import FolderImages, decode_to_cache
from scaling_search.data.torchvision_sets import read_torchvision
from scaling_search.errors import DataError, InputError
from scaling_search.paths import cache_folder

DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


@dataclass(frozen=True)
class Dataset:
    """``images`` (n, h, w, c) uint8 and ``labels`` (n,); ``rows`` are the indices of this split, None means all.

    ``images`` is an array mapped from disk, or :class:`FolderImages`, which decodes on demand.
    """

    name: str
    images: Any
    labels: Labels
    rows: Labels | None = None

    def check_matches(self, classes: int, channels: int) -> None:
        """Check the data against the study.

        Raises:
            DataError: the channels differ, a label is out of range, or classes are missing.
        """
        data_channels = self.images.shape[3]
        if data_channels != channels:
            raise DataError(
                f"{self.name} has {data_channels} channels; the study says {channels}",
                f"set proxy.channels: {data_channels}",
            )
        low, high = int(self.labels.min()), int(self.labels.max())
        if low < 0 or high >= classes:
            raise DataError(
                f"{self.name} has labels from {low} to {high}; the study's {classes} classes are 0 to {classes - 1}",
                f"set proxy.classes: {high + 1}" if low == 0 else "number the classes from 0",
            )
        present = len(np.unique(self.labels))
        if present < classes:
            raise DataError(
                f"{self.name} has images of {present} classes; the study says {classes}",
                f"set proxy.classes: {high + 1}" if present == high + 1 else "number the classes from 0 without gaps",
            )

    def splits(self, train_size: int, validation_size: int, seed: int) -> tuple[Labels, Labels]:
        """Indices of the training and the validation images: disjoint, fixed by the dataset and the seed.

        Raises:
            DataError: the dataset has fewer images outside its test split.
        """
        available = len(self.labels) if self.rows is None else len(self.rows)
        if train_size + validation_size > available:
            raise DataError(
                f"{self.name} has {available} images outside its test split; the study needs {train_size} + {validation_size}",
                "lower proxy.train_size or proxy.validation_size",
            )
        order = np.random.default_rng(seed).permutation(available)
        order = order if self.rows is None else self.rows[order]
        return order[:train_size], order[train_size : train_size + validation_size]

    def subset(self, parts: Sequence[Labels], limit_gb: float) -> tuple[Dataset, list[Labels]]:
        """A folder's dataset of these parts alone, and each part's indices in it; an array's is returned as it is.

        The images are decoded into one file if they take up to ``limit_gb``.

        Raises:
            DataError: see :func:`scaling_search.data.streaming.decode_to_cache`.
        """
        if not isinstance(self.images, FolderImages):
            return self, list(parts)
        rows = np.concatenate(parts)
        selected = self.images.take(rows)
        cached = decode_to_cache(selected, limit_gb)
        indices = np.split(np.arange(len(rows)), np.cumsum([len(part) for part in parts])[:-1])
        images = selected if cached is None else cached
        return replace(self, images=images, labels=self.labels[rows], rows=None), indices


def open_dataset(
    name: str,
    root: str | Path | None = None,
    split: Split = "development",
    stored_px: int = STORED_PX,
    channels: int = 3,
) -> Dataset:
    """Open a split of a dataset; the first time, download it and decode it into its cache.

    Image files are resized to ``stored_px`` and converted to ``channels``.

    Raises:
        InputError: unknown dataset.
        DataError: it cannot be downloaded, or its files or its cache cannot be read or written.
    """
    try:
        name = resolve(name)
    except ValueError as e:
        raise InputError(str(e)) from None
    if name == "image_folder":
        listing = list_folder(root, split)
        return Dataset(name, FolderImages(listing.files, stored_px, channels), listing.labels, listing.rows)
    if name == "numpy":
        return Dataset(name, *read_arrays(root, split))
    folder = Path(root) if root else cache_folder()
    if name.startswith(HUGGINGFACE):
        return Dataset(name, *read_huggingface(name, folder, split, stored_px, channels))

    def decode() -> tuple[Images, Labels]:
        return read_torchvision(name, folder, split, DEBIAN_FASHION_MNIST)

    stem, lock = folder / "cache" / f"{name}-{split}", folder / f".{name}.lock"
    return Dataset(name, *cached_arrays(name, stem, lock, decode, "choose another folder with proxy.root"))
