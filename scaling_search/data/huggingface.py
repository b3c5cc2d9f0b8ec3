"""Datasets read by Hugging Face's library: from the Hub, ``save_to_disk`` folders or parquet files (extra: huggingface).

The name is ``huggingface:NAME`` or ``huggingface:/path``, and ``?image=COLUMN&label=COLUMN&config=NAME`` may follow. Images
are resized to one square size once and cached as arrays. The development images are the split ``train``; the test images
are the split ``test``, else ``validation``, else a fixed fifth of ``train``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from PIL import Image, ImageOps

from scaling_search.data.array_cache import Images, Labels, cached_arrays, default_test_split
from scaling_search.data.catalog import HUGGINGFACE
from scaling_search.data.dataset import Dataset
from scaling_search.data.sources import SplitRequest
from scaling_search.errors import DataError

IMAGE_NAMES, LABEL_NAMES = ("image", "img", "images", "pixels"), ("label", "labels", "fine_label", "target", "class")
MAX_BYTES = 16 << 30
OPTIONS = ("image", "label", "config")


def parse_name(name: str) -> tuple[str, dict[str, str]]:
    """Split ``huggingface:NAME?image=…`` into (Hub name or path, options).

    Raises:
        DataError: unknown option.
    """
    source, _, query = name.removeprefix(HUGGINGFACE).partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = [key for key in options if key not in OPTIONS]
    if unknown:
        raise DataError(f"proxy.dataset: {name}: unknown option {unknown[0]!r}", f"choose one of: {', '.join(OPTIONS)}")
    return source, options


def _local_path(source: str) -> Path | None:
    """The path that ``source`` is, None for a name on the Hub."""
    path = Path(source).expanduser()
    return path if path.exists() or source.startswith(("/", ".", "~")) else None


def _fingerprint(name: str, path: Path | None, stored_px: int, channels: int) -> str:
    """Cache key of the decoded images; it changes with the files, the size and the channels."""
    files = [] if path is None else sorted(p for p in [path, *path.rglob("*")] if p.is_file())
    facts = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files]
    return hashlib.sha256(repr((name, facts, stored_px, channels)).encode()).hexdigest()[:16]


def _parquet_files(path: Path) -> dict[str, list[str]]:
    """Split → parquet files; files with neither "test" nor "validation" in their name are training files."""
    files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
    by_split: dict[str, list[str]] = {}
    for file in files:
        split = next((s for s in ("test", "validation") if s in file.stem), "train")
        by_split.setdefault(split, []).append(str(file))
    return by_split


def load_dataset_dict(source: str, config: str | None, folder: Path) -> Mapping[str, Any]:
    """Split → datasets.Dataset; downloads go to ``folder``.

    Raises:
        DataError: the library is not installed, or it cannot read or download the dataset.
    """
    try:
        import datasets
    except ImportError:
        raise DataError(
            f"{HUGGINGFACE}{source} needs Hugging Face's library", "pip install 'scaling-search[huggingface]'"
        ) from None
    path, cache_dir = _local_path(source), str(folder / "huggingface")
    try:
        if path is None:
            loaded = datasets.load_dataset(source, config, cache_dir=cache_dir)
        elif (path / "dataset_dict.json").exists() or (path / "state.json").exists():
            loaded = datasets.load_from_disk(str(path))
        elif files := _parquet_files(path):
            loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=cache_dir)
        else:
            raise DataError(
                f"{HUGGINGFACE}{source}: no such dataset", "give a folder written by save_to_disk, or parquet files"
            )
    except DataError:
        raise
    except Exception as e:  # the library's readers raise any exception
        reason = " ".join(str(e).split())[:300] or type(e).__name__
        hint = "check the name or path, and the connection; ?config=NAME selects a configuration"
        raise DataError(f"{HUGGINGFACE}{source} cannot be read: {reason}", hint) from None
    return loaded if isinstance(loaded, Mapping) else {"train": loaded}


def _column(features: Mapping[str, Any], kind: str, given: str | None, names: Sequence[str], source: str) -> str:
    """The column of a feature type: the given one, the only one of that type, or one with a usual name.

    Raises:
        DataError: there is no such column, or the choice is ambiguous.
    """
    option = "image" if kind == "Image" else "label"
    if given is not None:
        if given not in features:
            raise DataError(f"{HUGGINGFACE}{source} has no column {given!r}", f"choose one of: {', '.join(features)}")
        return given
    of_kind = [name for name, feature in features.items() if type(feature).__name__ == kind]
    if len(of_kind) == 1:
        return of_kind[0]
    usual = [name for name in names if name in (of_kind or features)]
    if not usual:
        raise DataError(
            f"{HUGGINGFACE}{source}: cannot tell the {option} column among {', '.join(features)}",
            f"name it: {HUGGINGFACE}{source}?{option}=COLUMN",
        )
    return usual[0]


def _as_pillow(value: Any, source: str) -> Image.Image:
    if isinstance(value, Image.Image):
        return value
    try:
        return Image.fromarray(np.asarray(value, np.uint8))
    except (TypeError, ValueError, IndexError) as e:
        raise DataError(
            f"{HUGGINGFACE}{source}: a value of the image column is not an image: {e}",
            f"name another column: {HUGGINGFACE}{source}?image=COLUMN",
        ) from None


def to_arrays(rows: Any, options: Mapping[str, str], source: str, px: int, channels: int) -> tuple[Images, Labels]:
    """Images (n, side, side, channels) and labels (n,) of a datasets.Dataset.

    ``side`` is the smaller of ``px`` and the shortest side of any image. Images of another size are resized and cropped.

    Raises:
        DataError: a column is missing, ambiguous or of another type, or the images take more than MAX_BYTES.
    """
    image_column = _column(rows.features, "Image", options.get("image"), IMAGE_NAMES, source)
    labels = _labels(rows, _column(rows.features, "ClassLabel", options.get("label"), LABEL_NAMES, source), source)
    shortest = min((min(_as_pillow(row[image_column], source).size) for row in rows), default=0)
    if shortest == 0:
        raise DataError(f"{HUGGINGFACE}{source} is empty", "give another dataset")
    side = min(px, shortest)
    size = len(rows) * side * side * channels
    if size > MAX_BYTES:
        raise DataError(
            f"{HUGGINGFACE}{source} takes {size / 1e9:.0f} GB at {side} px",
            "lower proxy.stored_px, or save it as an image_folder",
        )
    images = np.empty((len(rows), side, side, channels), np.uint8)
    for i, row in enumerate(rows):
        image = _as_pillow(row[image_column], source).convert("L" if channels == 1 else "RGB")
        if image.size != (side, side):
            image = ImageOps.fit(image, (side, side), Image.Resampling.BILINEAR)
        images[i] = np.asarray(image, np.uint8).reshape(side, side, channels)
    return images, labels


def _labels(rows: Any, column: str, source: str) -> Labels:
    try:
        return np.array(rows[column], np.int64)
    except (TypeError, ValueError):
        raise DataError(
            f"{HUGGINGFACE}{source}: column {column!r} does not hold integers",
            f"name another column: {HUGGINGFACE}{source}?label=COLUMN",
        ) from None


def open_split(request: SplitRequest) -> Dataset:
    """Open a split as images (n, side, side, channels), decoded once into the cache.

    Raises:
        DataError: see :func:`load_dataset_dict` and :func:`to_arrays`.
    """
    name, split, px, channels = request.name, request.split, request.stored_px, request.channels
    source, options = parse_name(name)

    def decode() -> tuple[Images, Labels]:
        splits = load_dataset_dict(source, options.get("config"), request.folder)
        if "train" not in splits:
            raise DataError(f"{name} has no split 'train', only {', '.join(splits)}", "save it with a split 'train'")
        test = next((s for s in ("test", "validation") if s in splits), None)
        chosen = "train" if split == "development" or test is None else test
        images, labels = to_arrays(splits[chosen], options, source, px, channels)
        if test is None:
            rows = default_test_split(len(images), split)
            images, labels = np.ascontiguousarray(images[rows]), labels[rows]
        return images, labels

    key = _fingerprint(name, _local_path(source), px, channels)
    stem, lock = request.folder / "cache" / f"huggingface-{key}-{split}", request.folder / f".huggingface-{key}.lock"
    return Dataset(name, *cached_arrays(name, stem, lock, decode, "choose another folder with proxy.root"))
