"""Datasets as uint8 images and labels with fixed splits.

Images are decoded once into a file (n, h, w, c) that every run maps, so they are in memory once for all runs. A folder of
images that is too large for that is streamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np

from scaling_search.data.array_cache import Labels, Split
from scaling_search.data.catalog import resolve, source_of
from scaling_search.data.sources import STORED_PX, SplitRequest
from scaling_search.errors import DataError, InputError


@dataclass(frozen=True)
class Dataset:
    """``images`` (n, h, w, c) uint8 and ``labels`` (n,); ``rows`` are the indices of this split, None means all.

    ``images`` is an array mapped from disk, or :class:`scaling_search.data.streaming.FolderImages`, which decodes on demand.
    ``folder`` and ``class_names`` are those of an image folder.
    """

    name: str
    images: Any
    labels: Labels
    rows: Labels | None = None
    folder: Path | None = None
    class_names: tuple[str, ...] = ()

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


class Reader(Protocol):
    """What a reader module provides."""

    def open_split(self, request: SplitRequest) -> Dataset:
        """Open a split; the first time, download it and decode it into its cache.

        Raises:
            DataError: it cannot be downloaded, or its files or its cache cannot be read or written.
        """


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
    reader = cast(Reader, import_module(source_of(name).reader))
    return reader.open_split(SplitRequest(name, root, split, stored_px, channels))
