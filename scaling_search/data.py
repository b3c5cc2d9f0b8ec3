"""Datasets → fixed splits of uint8 images, resized and augmented a batch at a time.

What fits is decoded once into one memory-mapped file (images n, h, w, c) that every run maps, so that it is in memory once
however many runs there are; a folder of images that does not fit is streamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from scaling_search.arrays import read_arrays
from scaling_search.datasets import HUGGINGFACE, STORED_PX, resolve
from scaling_search.errors import DataError, InputError
from scaling_search.folder import list_folder
from scaling_search.huggingface import read_huggingface
from scaling_search.paths import cache_folder
from scaling_search.sources import read
from scaling_search.stored import Images, Labels, Split, cached
from scaling_search.stream import FolderImages, kept

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
            DataError: see :func:`scaling_search.stream.kept`.
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


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of each channel, (c,), of images scaled to 0…1."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def moments(images: Images | FolderImages, indices: Labels, workers: int = 0) -> Moments:
    """Channel moments over the given images, at most 10,000 of them and 2²⁸ values.

    Pixel values are counted, so the sums are exact and a batch's size or a worker changes no bit.
    """
    _, height, width, channels = images.shape
    some = np.sort(indices[: max(1, min(10_000, 2**28 // (height * width * channels)))])
    batches = np.array_split(some, -(-len(some) * height * width * channels // 2**22))
    stored = images.batches(batches, workers) if isinstance(images, FolderImages) else (images[at] for at in batches)
    counts = np.zeros((channels, 256), np.int64)
    for values in map(np.asarray, stored):
        for c in range(channels):
            counts[c] += np.bincount(values[..., c].ravel(), minlength=256)
    mean, deviation = list[float](), list[float]()
    for row in counts.tolist():
        n, total, squares = sum(row), sum(v * k for v, k in enumerate(row)), sum(v * v * k for v, k in enumerate(row))
        mean.append(total / n / 255)
        deviation.append(((n * squares - total * total) / n**2) ** 0.5 / 255 + 1e-8)
    return Moments(tuple(mean), tuple(deviation))


class Batches:
    """Batches of a split on a device, as float (n, c, px, px) in channels_last, normalised.

    Arrays are indexed where they lie, on the GPU if half of its free memory holds the split. A folder's images are decoded
    ahead by ``workers`` processes.
    """

    def __init__(
        self, dataset: Dataset, indices: Labels, px: int, scale: Moments, device: torch.device, workers: int = 0
    ) -> None:
        self.px, self.device, self.workers = px, device, workers
        self.indices = torch.from_numpy(indices)
        self.labels = torch.from_numpy(dataset.labels)[self.indices].to(device)
        self.mean = torch.tensor(scale.mean, device=device).view(1, -1, 1, 1) * 255
        self.inverse = 1 / (torch.tensor(scale.deviation, device=device).view(1, -1, 1, 1) * 255)
        if isinstance(dataset.images, FolderImages):
            self.images: Tensor | FolderImages = dataset.images
            return
        self.images = torch.from_numpy(dataset.images)  # (n, h, w, c), shared with every run on this machine
        size = len(indices) * self.images[0].numel()
        if device.type == "cuda" and size < torch.cuda.mem_get_info(device)[0] // 2:
            self.images, self.indices = self.images[self.indices].to(device), torch.arange(len(indices), device=device)

    def __len__(self) -> int:
        return len(self.labels)

    def _stored(self, picks: Sequence[Tensor | slice], workers: int = 0) -> Iterator[Tensor]:
        """uint8 (n, h, w, c) on the device, at positions of the split, batch by batch."""
        home = self.indices.device
        rows = [self.indices[p if isinstance(p, slice) else p.to(home)] for p in picks]
        if isinstance(self.images, FolderImages):
            pin = self.device.type == "cuda"
            stored = self.images.batches([row.numpy() for row in rows], workers, pin)
            return (x.to(self.device, non_blocking=True) for x in stored)
        images = self.images
        return (images[row].to(self.device) for row in rows)

    def _finish(self, images: Tensor) -> Tensor:
        """uint8 (n, h, w, c) → normalised float (n, c, px, px)."""
        x = images.permute(0, 3, 1, 2).float()
        if x.shape[-2:] != (self.px, self.px):
            x = F.interpolate(x, size=(self.px, self.px), mode="bilinear", antialias=True, align_corners=False)
        return x.sub_(self.mean).mul_(self.inverse).contiguous(memory_format=torch.channels_last)

    @staticmethod
    def _moved(x: Tensor, shifts: Tensor, flips: Tensor, crop: int) -> Tensor:
        """Images (n, h, w, c) moved by ``shifts`` (n, 2) − ``crop`` px with zeros behind, mirrored where ``flips`` (n,)."""
        h, w = x.shape[1:3]
        rows = torch.arange(h, device=x.device) + shifts[:, :1]
        columns = torch.arange(w, device=x.device).expand(len(x), w)
        columns = torch.where(flips[:, None], w - 1 - columns, columns) + shifts[:, 1:]
        x = F.pad(x, (0, 0, crop, crop, crop, crop))
        n = torch.arange(len(x), device=x.device)[:, None, None]
        return x[n, rows[:, :, None], columns[:, None, :]]

    def plain(self, picks: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Images and labels at positions of the split, unaugmented."""
        return self._finish(next(self._stored([picks]))), self.labels[picks]

    def augmented(self, picks: Tensor, shifts: Tensor, flips: Tensor, crop: int) -> tuple[Tensor, Tensor]:
        """The same, moved by ``shifts`` (n, 2) − ``crop`` px with zeros behind, and mirrored where ``flips`` (n,)."""
        return self._finish(self._moved(next(self._stored([picks])), shifts, flips, crop)), self.labels[picks]

    def training(
        self, order: Tensor, shifts: Tensor, flips: Tensor, crop: int, size: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Augmented batches of ``size`` in that order; a last, smaller one is dropped. A folder's are decoded ahead."""
        picks = [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
        for p, x in zip(picks, self._stored(picks, self.workers), strict=True):
            yield self._finish(self._moved(x, shifts[p], flips[p], crop)), self.labels[p]

    def in_order(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The whole split, unaugmented, up to ``size`` images at a time. A folder's are decoded ahead."""
        picks = [slice(start, start + size) for start in range(0, len(self), size)]
        for p, x in zip(picks, self._stored(picks, self.workers), strict=True):
            yield self._finish(x), self.labels[p]


__all__ = [
    "DEBIAN_FASHION_MNIST",
    "STORED_PX",
    "Batches",
    "Dataset",
    "Images",
    "Labels",
    "Moments",
    "Split",
    "moments",
    "open_dataset",
]
