"""What is in a dataset, and whether it is what a study says: the facts behind `scaling-search data check`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scaling_search.data.array_cache import Labels
from scaling_search.data.batches import moments
from scaling_search.data.catalog import STORED_PX, DataRequest
from scaling_search.data.dataset import Dataset, open_dataset
from scaling_search.data.image_folder import list_folder, probe_image
from scaling_search.data.streaming import FolderImages, in_workers
from scaling_search.errors import DataError
from scaling_search.hardware import cores
from scaling_search.paths import cache_folder

FEW = 200  # files below which starting workers takes longer than reading


class _Seen(NamedTuple):
    """What the files of a folder are: their sides (n, 2) in px, whether each is grey, and the faults by file."""

    sides: list[tuple[int, int]]
    grey: list[bool]
    faults: dict[int, str]


def check(name: str, root: str | Path | None = None, request: DataRequest | None = None) -> dict[str, Any]:
    """Images outside the test split, px, channels, classes and their counts, channel moments; a folder's damaged files.

    The test split is not looked at. With a study's ``request``, the data must also be what that says.

    Raises:
        DataError: the data cannot be had, or is not what the study says.
    """
    if name == "image_folder":
        return _check_folder(root, request)
    stored_px, channels = (request.stored_px, request.channels) if request else (STORED_PX, 3)
    dataset = open_dataset(name, root, stored_px=stored_px, channels=channels)
    found = _facts(dataset, str(root or cache_folder()), np.arange(len(dataset.labels)))
    if request is not None:
        _judge(dataset, request)
    return found


def _facts(dataset: Dataset, folder: str, readable: Labels, workers: int = 0) -> dict[str, Any]:
    """The facts of a dataset, moments over its readable images outside the test split."""
    own = np.arange(len(dataset.labels)) if dataset.rows is None else dataset.rows
    counts = np.bincount(dataset.labels[own])
    scale = moments(dataset.images, np.intersect1d(own, readable), workers)
    _, height, width, channels = dataset.images.shape
    return {
        "dataset": dataset.name,
        "folder": folder,
        "images": len(own),
        "px": [height, width],
        "channels": channels,
        "classes": len(np.unique(dataset.labels)),
        "smallest_class": int(counts.min()),
        "largest_class": int(counts.max()),
        "mean": list(scale.mean),
        "deviation": list(scale.deviation),
    }


def _judge(dataset: Dataset, request: DataRequest) -> None:
    dataset.agree(request.classes, request.channels)
    dataset.splits(request.train_size, request.validation_size, request.split_seed)


def _look(files: tuple[str, ...]) -> _Seen:
    """Decode every file."""
    sides, grey, faults = list[tuple[int, int]](), list[bool](), dict[int, str]()
    for i, seen in enumerate(_looks(files)):
        if isinstance(seen, DataError):
            faults[i] = seen.message
        else:
            sides.append(seen[:2])
            grey.append(seen[2])
    return _Seen(sides, grey, faults)


def _looks(files: tuple[str, ...]) -> Iterator[tuple[int, int, bool] | DataError]:
    return in_workers(probe_image, files, cores() if len(files) > FEW else 0)


def _check_folder(root: str | Path | None, request: DataRequest | None) -> dict[str, Any]:
    listing = list_folder(root, "development")
    own = np.arange(len(listing.files)) if listing.rows is None else np.sort(listing.rows)
    seen = _look(tuple(listing.files[i] for i in own))
    good = np.delete(own, list(seen.faults))
    corrupt = [{"file": listing.files[own[i]], "reason": reason} for i, reason in seen.faults.items()]
    if not len(good):
        raise DataError(f"image_folder: no image under {listing.root} can be read", corrupt[0]["reason"])
    channels = request.channels if request else 1 if all(seen.grey) else 3
    images = FolderImages(listing.files, request.stored_px if request else STORED_PX, channels)
    dataset = Dataset("image_folder", images, listing.labels, listing.rows)
    if request is not None:
        _judge(dataset, request)
    found = _facts(dataset, str(listing.root), good, cores() if len(good) > FEW else 0)
    short = [min(side) for side in seen.sides]
    sizes = {"shortest_side": [min(short), max(short)], "grey": sum(seen.grey), "class_names": list(listing.classes)}
    return {**found, **sizes, **_keeping(request, images), "corrupt": corrupt}


def _keeping(request: DataRequest | None, images: FolderImages) -> dict[str, Any]:
    """What a study's runs would keep on disk, in GB, and whether they may."""
    if request is None:
        return {}
    size = (request.train_size + request.validation_size) * int(np.prod(images.shape[1:])) / 1e9
    return {"decoded_gb": size, "kept": size <= request.cache_gb}
