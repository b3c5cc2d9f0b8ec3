"""NumPy arrays as a dataset: an .npz file, or a folder of .npy files that runs map where they lie.

``images`` are (n, h, w) or (n, h, w, c) uint8 and ``labels`` (n,) integers from 0. ``test_images`` and ``test_labels`` are
the test split; without them a fixed fifth of the images is kept as one.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from scaling_search.data.array_cache import (
    NUMPY_READ_ERRORS,
    Images,
    Labels,
    Split,
    cached,
    default_test_split,
    read_images,
    read_labels,
)
from scaling_search.errors import DataError
from scaling_search.paths import cache_folder

MOST_CHANNELS = 16
LAYOUT = (
    "save images (n, h, w) or (n, h, w, c) uint8 and labels (n,) integers, as an .npz or as images.npy and labels.npy"
)


def read_arrays(root: str | Path | None, split: Split) -> tuple[Images, Labels, Labels | None]:
    """Images, labels, and which of them are the split's (None: all).

    Raises:
        DataError: nothing is there, or a file is damaged or holds something else; the message names the file.
    """
    if root is None:
        raise DataError("numpy: proxy.root is not given", "give the path of an .npz, or of a folder of .npy files")
    place = Path(root)
    try:
        if place.is_dir():
            images, labels, whole = _from_folder(place, split)
        elif place.exists():
            images, labels, whole = _from_npz(place, split)
        else:
            raise DataError(f"numpy: there is nothing at {place}", LAYOUT)
    except (OSError, ValueError) as e:  # no right to look there, or no path at all
        raise DataError(f"numpy: cannot read {place}: {e}", LAYOUT) from None
    return images, labels, None if whole else default_test_split(len(labels), split)


def _names(present: bool, split: Split) -> tuple[str, str]:
    return ("test_images", "test_labels") if present and split == "test" else ("images", "labels")


def _from_folder(folder: Path, split: Split) -> tuple[Images, Labels, bool]:
    own_test = (folder / "test_images.npy").exists()
    files = [folder / f"{name}.npy" for name in _names(own_test, split)]
    for file in files:
        if not file.exists():
            raise DataError(f"numpy: there is no {file}", LAYOUT)
    arrays = list[Any]()
    for file, read in zip(files, (read_images, read_labels), strict=True):
        try:
            arrays.append(read(file))
        except NUMPY_READ_ERRORS as e:
            raise DataError(f"{file} is no whole array: {e}", "save it again with numpy.save") from e
    return *_judged(arrays[0], arrays[1], *map(str, files)), own_test


def _from_npz(file: Path, split: Split) -> tuple[Images, Labels, bool]:
    """Unpacked into the user's cache folder, so that runs map one copy; a changed file is unpacked anew."""
    if not zipfile.is_zipfile(file):
        raise DataError(f"{file} is no .npz, or not a whole one", LAYOUT)
    own_test = "test_images" in _inside(file)
    names = _names(own_test, split)
    state = file.stat()
    identity = f"{file.resolve()} {state.st_size} {state.st_mtime_ns} {names[0]}"
    folder = cache_folder() / "cache"
    stem = folder / f"numpy-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"

    def unpack() -> tuple[Images, Labels]:
        try:
            with np.load(file, allow_pickle=False) as archive:
                images, labels = (archive[name] for name in names)
        except KeyError as e:
            raise DataError(f"{file} has no array {e}: it has {', '.join(_inside(file)) or 'none'}", LAYOUT) from None
        except (*NUMPY_READ_ERRORS, zipfile.BadZipFile, zlib.error, NotImplementedError) as e:
            raise DataError(f"{file} is damaged: {e}", "save it again with numpy.savez") from e
        return _judged(images, labels, f"{names[0]} of {file}", f"{names[1]} of {file}")

    room = f"make room, set XDG_CACHE_HOME to another disk, or use a folder of .npy files: {LAYOUT}"
    images, labels = cached(f"numpy arrays of {file}", stem, stem.with_suffix(".lock"), unpack, room)
    return images, labels, own_test


def _inside(file: Path) -> list[str]:
    """Names of the arrays in an .npz."""
    with zipfile.ZipFile(file) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def _judged(images: Any, labels: Any, images_from: str, labels_from: str) -> tuple[Images, Labels]:
    """The arrays in the form runs take, (n, h, w, c) and (n,) int64.

    Raises:
        DataError: they have another type or shape.
    """
    if images.dtype != np.uint8:
        remedy = "scale to 0…255 and save as uint8" if images.dtype.kind == "f" else LAYOUT
        raise DataError(f"{images_from}: values are {images.dtype}; uint8 is needed", remedy)
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or 0 in images.shape:
        raise DataError(f"{images_from}: the shape is {images.shape}; (n, h, w) or (n, h, w, c) is needed", LAYOUT)
    if images.shape[3] > MOST_CHANNELS:
        remedy = "channels come last: images.transpose(0, 2, 3, 1)" if images.shape[1] <= MOST_CHANNELS else LAYOUT
        raise DataError(f"{images_from}: the shape {images.shape} has {images.shape[3]} channels", remedy)
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        found = f"{labels.dtype} {labels.shape}"
        raise DataError(f"{labels_from}: {found}; integers ({len(images)},) are needed, one an image", LAYOUT)
    return images, labels.astype(np.int64)
