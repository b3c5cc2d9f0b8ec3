"""Datasets that Hugging Face's library reads: from the EventBroadcaster, from ``save_to_disk``, or from parquet files (extra: huggingface).

The name is ``huggingface:NAME`` or ``huggingface:/path``, and ``?image=COLUMN&label=COLUMN&config=NAME`` may follow. Images
are brought to one square size once and kept as arrays; the development images are the split ``train``, the test images
``test`` (else ``validation``, else a fifth that is kept back).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from PIL import Image, ImageOps

from scaling_search.data.array_cache import Images, Labels, Split, cached, default_test_split
from scaling_search.data.catalog import HUGGINGFACE
from scaling_search.errors import DataError

IMAGE_NAMES, LABEL_NAMES = ("image", "img", "images", "pixels"), ("label", "labels", "fine_label", "target", "class")
MOST_BYTES = 16 << 30
OPTIONS = ("image", "label", "config")


def parsed(name: str) -> tuple[str, dict[str, str]]:
    """(the name on the EventBroadcaster or the path, options) of ``huggingface:NAME?image=…``.

    Raises:
        DataError: an option is unknown.
    """
    where, _, query = name.removeprefix(HUGGINGFACE).partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = [key for key in options if key not in OPTIONS]
    if unknown:
        raise DataError(f"proxy.dataset {name}: unknown option {unknown[0]!r}", f"choose of: {', '.join(OPTIONS)}")
    return where, options


def _local(where: str) -> Path | None:
    """The path that is meant, None for a name on the EventBroadcaster."""
    place = Path(where).expanduser()
    return place if place.exists() or where.startswith(("/", ".", "~")) else None


def _identity(name: str, place: Path | None, stored_px: int, channels: int) -> str:
    """A short name of what is kept: other files, size or channels are another."""
    files = [] if place is None else sorted(p for p in [place, *place.rglob("*")] if p.is_file())
    facts = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files]
    return hashlib.sha256(repr((name, facts, stored_px, channels)).encode()).hexdigest()[:16]


def _parquet(place: Path) -> dict[str, list[str]]:
    """Split → parquet files; those whose name says neither test nor validation are training files."""
    files = [place] if place.is_file() else sorted(place.rglob("*.parquet"))
    found: dict[str, list[str]] = {}
    for file in files:
        kind = next((s for s in ("test", "validation") if s in file.stem), "train")
        found.setdefault(kind, []).append(str(file))
    return found


def load(where: str, config: str | None, folder: Path) -> Mapping[str, Any]:
    """Split → datasets.Dataset, by the library; downloads go to ``folder``.

    Raises:
        DataError: the library is not installed, or it cannot read or download the dataset.
    """
    try:
        import datasets
    except ImportError:
        said = f"{HUGGINGFACE}{where} needs Hugging Face's library"
        raise DataError(said, "pip install 'scaling-search[huggingface]'") from None
    place, cache = _local(where), str(folder / "huggingface")
    try:
        if place is None:
            made = datasets.load_dataset(where, config, cache_dir=cache)
        elif (place / "dataset_dict.json").exists() or (place / "state.json").exists():
            made = datasets.load_from_disk(str(place))
        elif files := _parquet(place):
            made = datasets.load_dataset("parquet", data_files=files, cache_dir=cache)
        else:
            raise DataError(f"{HUGGINGFACE}{where}: no such dataset", "give a folder of save_to_disk, or of parquet")
    except DataError:
        raise
    except Exception as e:  # the library raises whatever its readers do
        why = " ".join(str(e).split())[:300] or type(e).__name__
        remedy = "check the name or path, and the connection; ?config=NAME picks a configuration"
        raise DataError(f"{HUGGINGFACE}{where} cannot be read: {why}", remedy) from None
    return made if isinstance(made, Mapping) else {"train": made}


def _column(features: Mapping[str, Any], kind: str, given: str | None, names: Sequence[str], where: str) -> str:
    """The column of that feature kind: the one that is named, the only one, or the one of a usual name.

    Raises:
        DataError: it is not there, or cannot be told.
    """
    what = "image" if kind == "Image" else "label"
    if given is not None:
        if given not in features:
            raise DataError(f"{HUGGINGFACE}{where} has no column {given!r}", f"choose of: {', '.join(features)}")
        return given
    of_kind = [name for name, feature in features.items() if type(feature).__name__ == kind]
    usual = [name for name in names if name in (of_kind or features)]
    if len(of_kind) != 1 and not usual:
        said = f"{HUGGINGFACE}{where}: cannot tell the {what} column among {', '.join(features)}"
        raise DataError(said, f"name it: {HUGGINGFACE}{where}?{what}=COLUMN")
    return of_kind[0] if len(of_kind) == 1 else usual[0]


def _picture(value: Any, where: str) -> Image.Image:
    if isinstance(value, Image.Image):
        return value
    try:
        return Image.fromarray(np.asarray(value, np.uint8))
    except (TypeError, ValueError, IndexError) as e:
        raise DataError(f"{HUGGINGFACE}{where}: a value of the image column is no image: {e}", "name another") from None


def to_arrays(rows: Any, options: Mapping[str, str], where: str, px: int, channels: int) -> tuple[Images, Labels]:
    """Images (n, side, side, channels) and labels (n,) of a datasets.Dataset.

    Images of one square size up to ``px`` stay as they are; others are resized and cropped to the smaller of ``px`` and the
    shortest side there is.

    Raises:
        DataError: a column cannot be told or does not hold what it should, or the whole takes more than MOST_BYTES.
    """
    image = _column(rows.features, "Image", options.get("image"), IMAGE_NAMES, where)
    label = _column(rows.features, "ClassLabel", options.get("label"), LABEL_NAMES, where)
    try:
        labels = np.array(rows[label], np.int64)
    except (TypeError, ValueError):
        said = f"{HUGGINGFACE}{where}: column {label!r} holds no whole numbers"
        raise DataError(said, f"name another: {HUGGINGFACE}{where}?label=COLUMN") from None
    shortest = min((min(_picture(row[image], where).size) for row in rows), default=0)
    if shortest == 0:
        raise DataError(f"{HUGGINGFACE}{where} is empty", "give another dataset")
    side = min(px, shortest)
    if len(rows) * side * side * channels > MOST_BYTES:
        size = len(rows) * side * side * channels / 1e9
        said = f"{HUGGINGFACE}{where} takes {size:.0f} GB at {side} px"
        raise DataError(said, "lower proxy.stored_px, or save it as an image_folder")
    images = np.empty((len(rows), side, side, channels), np.uint8)
    for i, row in enumerate(rows):
        picture = _picture(row[image], where).convert("L" if channels == 1 else "RGB")
        if picture.size != (side, side):
            picture = ImageOps.fit(picture, (side, side), Image.Resampling.BILINEAR)
        images[i] = np.asarray(picture, np.uint8).reshape(side, side, channels)
    return images, labels


def read_huggingface(name: str, folder: Path, split: Split, px: int, channels: int) -> tuple[Images, Labels]:
    """Images (n, side, side, channels) and labels (n,) of a split, decoded once into ``folder``/cache.

    Raises:
        DataError: see :func:`load` and :func:`to_arrays`.
    """
    where, options = parsed(name)

    def decode() -> tuple[Images, Labels]:
        found = load(where, options.get("config"), folder)
        if "train" not in found:
            raise DataError(f"{name} has no split 'train', but {', '.join(found)}", "save it with one")
        apart = next((s for s in ("test", "validation") if s in found), None)
        chosen = "train" if split == "development" or apart is None else apart
        images, labels = to_arrays(found[chosen], options, where, px, channels)
        if apart is None:
            picks = default_test_split(len(images), split)
            images, labels = np.ascontiguousarray(images[picks]), labels[picks]
        return images, labels

    identity = _identity(name, _local(where), px, channels)
    stem, lock = folder / "cache" / f"huggingface-{identity}-{split}", folder / f".huggingface-{identity}.lock"
    return cached(name, stem, lock, decode, "choose another folder with proxy.root")
