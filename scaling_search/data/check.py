"""Facts about a dataset, checked against a study: `scaling-search data check`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scaling_search.data.array_cache import Labels
from scaling_search.data.batches import moments
from scaling_search.data.catalog import DataRequest
from scaling_search.data.dataset import Dataset, open_dataset
from scaling_search.data.image_folder import probe_image
from scaling_search.data.sources import STORED_PX
from scaling_search.data.streaming import FolderImages, in_workers
from scaling_search.errors import DataError
from scaling_search.hardware import cores
from scaling_search.paths import cache_folder

MAX_SERIAL_FILES = 200  # up to this many, starting workers takes longer than reading


class _FileScan(NamedTuple):
    """(width, height) in px and greyness of each readable image file, and the error of each unreadable one by its index."""

    sides: list[tuple[int, int]]
    grey: list[bool]
    errors: dict[int, str]


def check(name: str, root: str | Path | None = None, request: DataRequest | None = None) -> dict[str, Any]:
    """Count, size, channels, classes and channel moments of the images outside the test split; a folder's damaged files.

    The test split is not read. With a ``request``, the data is also checked against the study.

    Raises:
        DataError: the dataset cannot be opened or differs from the study.
    """
    stored_px, channels = (request.stored_px, request.channels) if request else (STORED_PX, 3)
    dataset = open_dataset(name, root, stored_px=stored_px, channels=channels)
    if isinstance(dataset.images, FolderImages):
        return _check_files(dataset, dataset.images, request)
    facts = _facts(dataset, str(root or cache_folder()), np.arange(len(dataset.labels)))
    if request is not None:
        _check_matches(dataset, request)
    return facts


def _facts(dataset: Dataset, folder: str, readable: Labels, workers: int = 0) -> dict[str, Any]:
    """Facts about a dataset; moments are taken over its readable images outside the test split."""
    rows = np.arange(len(dataset.labels)) if dataset.rows is None else dataset.rows
    counts = np.bincount(dataset.labels[rows])
    scale = moments(dataset.images, np.intersect1d(rows, readable), workers)
    _, height, width, channels = dataset.images.shape
    return {
        "dataset": dataset.name,
        "folder": folder,
        "images": len(rows),
        "px": [height, width],
        "channels": channels,
        "classes": len(np.unique(dataset.labels)),
        "smallest_class": int(counts.min()),
        "largest_class": int(counts.max()),
        "mean": list(scale.mean),
        "deviation": list(scale.deviation),
    }


def _check_matches(dataset: Dataset, request: DataRequest) -> None:
    dataset.check_matches(request.classes, request.channels)
    dataset.splits(request.train_size, request.validation_size, request.split_seed)


def _scan(files: tuple[str, ...]) -> _FileScan:
    """Decode every file."""
    sides, grey, errors = list[tuple[int, int]](), list[bool](), dict[int, str]()
    for i, probe in enumerate(in_workers(probe_image, files, _decoders(len(files)))):
        if isinstance(probe, DataError):
            errors[i] = probe.message
        else:
            sides.append(probe[:2])
            grey.append(probe[2])
    return _FileScan(sides, grey, errors)


def _decoders(files: int) -> int:
    """Worker processes for that many files."""
    return cores() if files > MAX_SERIAL_FILES else 0


def _check_files(dataset: Dataset, images: FolderImages, request: DataRequest | None) -> dict[str, Any]:
    rows = np.arange(len(images)) if dataset.rows is None else np.sort(dataset.rows)
    scan = _scan(tuple(images.files[i] for i in rows))
    readable = np.delete(rows, list(scan.errors))
    corrupt = [{"file": images.files[rows[i]], "reason": reason} for i, reason in scan.errors.items()]
    if not len(readable):
        raise DataError(
            f"{dataset.name}: no image under {dataset.folder} can be read; first error: {corrupt[0]['reason']}",
            "replace the image files",
        )
    if request is not None:
        _check_matches(dataset, request)
    elif all(scan.grey):
        dataset = replace(dataset, images=FolderImages(images.files, images.px, channels=1))
    facts = _facts(dataset, str(dataset.folder), readable, _decoders(len(readable)))
    shortest = [min(side) for side in scan.sides]
    sizes = {
        "shortest_side": [min(shortest), max(shortest)],
        "grey": sum(scan.grey),
        "class_names": list(dataset.class_names),
    }
    return {**facts, **sizes, **_cache_facts(request, images), "corrupt": corrupt}


def _cache_facts(request: DataRequest | None, images: FolderImages) -> dict[str, Any]:
    """Size in GB of a study's decoded images, and whether its runs cache them."""
    if request is None:
        return {}
    size = (request.train_size + request.validation_size) * int(np.prod(images.shape[1:])) / 1e9
    return {"decoded_gb": size, "kept": size <= request.cache_gb}
