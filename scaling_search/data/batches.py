"""Batches of a split on a device, resized, augmented and normalised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from scaling_search.data.array_cache import Images, Labels
from scaling_search.data.catalog import DataRequest
from scaling_search.data.dataset import Dataset, open_dataset
from scaling_search.data.streaming import FolderImages, decode_to_cache, default_workers


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of each channel, (c,), of images scaled to 0…1."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def moments(images: Images | FolderImages, indices: Labels, workers: int = 0) -> Moments:
    """Channel moments over the given images, at most 10,000 images and 2²⁸ values.

    Sums are exact because pixel values are counted: neither batch size nor workers change a bit.
    """
    _, height, width, channels = images.shape
    sample = np.sort(indices[: max(1, min(10_000, 2**28 // (height * width * channels)))])
    batches = np.array_split(sample, -(-len(sample) * height * width * channels // 2**22))
    if isinstance(images, FolderImages):
        pixels: Iterator[Tensor | Images] = images.batches(batches, workers)
    else:
        pixels = (images[batch] for batch in batches)
    counts = np.zeros((channels, 256), np.int64)
    for values in map(np.asarray, pixels):
        for c in range(channels):
            counts[c] += np.bincount(values[..., c].ravel(), minlength=256)
    mean, deviation = list[float](), list[float]()
    for row in counts.tolist():
        n, total, squares = sum(row), sum(v * k for v, k in enumerate(row)), sum(v * v * k for v, k in enumerate(row))
        mean.append(total / n / 255)
        deviation.append(((n * squares - total * total) / n**2) ** 0.5 / 255 + 1e-8)
    return Moments(tuple(mean), tuple(deviation))


class Batches:
    """Normalised batches of a split on a device: float (n, c, px, px), channels_last.

    An array is copied to the GPU if the split fits into half of its free memory. A folder's images are decoded ahead by
    ``workers`` processes.
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
        self.images = torch.from_numpy(dataset.images)  # (n, h, w, c), one mapping shared by all runs on this machine
        size = len(indices) * self.images[0].numel()
        if device.type == "cuda" and size < torch.cuda.mem_get_info(device)[0] // 2:
            self.images, self.indices = self.images[self.indices].to(device), torch.arange(len(indices), device=device)

    def __len__(self) -> int:
        return len(self.labels)

    def _pixels(self, picks: Sequence[Tensor | slice], workers: int = 0) -> Iterator[Tensor]:
        """uint8 (n, h, w, c) on the device for each batch of positions in the split."""
        rows = [self.indices[p if isinstance(p, slice) else p.to(self.indices.device)] for p in picks]
        if isinstance(self.images, FolderImages):
            pin = self.device.type == "cuda"
            decoded = self.images.batches([row.numpy() for row in rows], workers, pin)
            return (x.to(self.device, non_blocking=True) for x in decoded)
        images = self.images
        return (images[row].to(self.device) for row in rows)

    def _normalised(self, images: Tensor) -> Tensor:
        """uint8 (n, h, w, c) → normalised float (n, c, px, px)."""
        x = images.permute(0, 3, 1, 2).float()
        if x.shape[-2:] != (self.px, self.px):
            x = F.interpolate(x, size=(self.px, self.px), mode="bilinear", antialias=True, align_corners=False)
        return x.sub_(self.mean).mul_(self.inverse).contiguous(memory_format=torch.channels_last)

    @staticmethod
    def _augmented(x: Tensor, shifts: Tensor, flips: Tensor, crop: int) -> Tensor:
        """Shift images (n, h, w, c) by ``shifts`` (n, 2) − ``crop`` px, filling with zeros; mirror where ``flips`` (n,)."""
        h, w = x.shape[1:3]
        rows = torch.arange(h, device=x.device) + shifts[:, :1]
        columns = torch.arange(w, device=x.device).expand(len(x), w)
        columns = torch.where(flips[:, None], w - 1 - columns, columns) + shifts[:, 1:]
        x = F.pad(x, (0, 0, crop, crop, crop, crop))
        n = torch.arange(len(x), device=x.device)[:, None, None]
        return x[n, rows[:, :, None], columns[:, None, :]]

    def plain(self, picks: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Images and labels at positions of the split, not augmented."""
        return self._normalised(next(self._pixels([picks]))), self.labels[picks]

    def training(
        self, order: Tensor, shifts: Tensor, flips: Tensor, crop: int, size: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Augmented batches of ``size`` in the given order; a smaller last batch is dropped."""
        picks = [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
        for p, x in zip(picks, self._pixels(picks, self.workers), strict=True):
            yield self._normalised(self._augmented(x, shifts[p], flips[p], crop)), self.labels[p]

    def in_order(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The whole split in order, not augmented, in batches of up to ``size``."""
        picks = [slice(start, start + size) for start in range(0, len(self), size)]
        for p, x in zip(picks, self._pixels(picks, self.workers), strict=True):
            yield self._normalised(x), self.labels[p]


def _development(request: DataRequest) -> tuple[Dataset, tuple[Labels, Labels]]:
    """The images outside the test split, and the indices for training and for validation."""
    dataset = open_dataset(request.dataset, request.root, stored_px=request.stored_px, channels=request.channels)
    return dataset, dataset.splits(request.train_size, request.validation_size, request.split_seed)


def _subset(dataset: Dataset, parts: Sequence[Labels], limit_gb: float) -> tuple[Dataset, list[Labels]]:
    """An image folder's dataset of these parts alone, and each part's indices in it; an array's dataset is returned as it is.

    The images are decoded into one file if they take up to ``limit_gb``.

    Raises:
        DataError: see :func:`scaling_search.data.streaming.decode_to_cache`.
    """
    if not isinstance(dataset.images, FolderImages):
        return dataset, list(parts)
    rows = np.concatenate(parts)
    selected = dataset.images.take(rows)
    cached = decode_to_cache(selected, limit_gb)
    indices = np.split(np.arange(len(rows)), np.cumsum([len(part) for part in parts])[:-1])
    images = selected if cached is None else cached
    return replace(dataset, images=images, labels=dataset.labels[rows], rows=None), indices


def _workers(request: DataRequest, device: torch.device) -> int:
    return default_workers(device) if request.workers is None else request.workers


def load_splits(request: DataRequest, px: int, device: torch.device) -> tuple[Batches, Batches]:
    """Training and validation batches at ``px``, normalised with the moments of the training images.

    Raises:
        DataError: the dataset cannot be opened or differs from the study.
    """
    dataset, parts = _development(request)
    dataset.check_matches(request.classes, request.channels)
    dataset, (train, validation) = _subset(dataset, parts, request.cache_gb)
    workers = _workers(request, device)
    scale = moments(dataset.images, train, workers)
    return Batches(dataset, train, px, scale, device, workers), Batches(dataset, validation, px, scale, device, workers)


def load_test(request: DataRequest, px: int, device: torch.device) -> Batches:
    """Batches of the test split at ``px``, normalised with the moments of the training images.

    Raises:
        DataError: the dataset cannot be opened or differs from the study.
    """
    dataset, (train, _) = _development(request)
    workers = _workers(request, device)
    scale = moments(dataset.images, train, workers)
    test = open_dataset(request.dataset, request.root, "test", request.stored_px, request.channels)
    test.check_matches(request.classes, request.channels)
    rows = np.arange(len(test.labels)) if test.rows is None else test.rows
    return Batches(test, rows, px, scale, device, workers)
