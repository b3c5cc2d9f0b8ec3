"""NumPy arrays as a dataset: a folder of .npy files, which runs map directly, or an .npz file, which is unpacked once.

``images`` are (n, h, w) or (n, h, w, c) uint8 and ``labels`` (n,) integers from 0. ``test_images`` and ``test_labels`` are
the test split; without them it is a fixed fifth of the images.
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
    cached_arrays,
    default_test_split,
    read_images,
    read_labels,
)
from scaling_search.data.dataset import Dataset
from scaling_search.data.sources import SplitRequest
from scaling_search.errors import DataError
from scaling_search.paths import cache_folder

MAX_CHANNELS = 16
LAYOUT = (
    "save images (n, h, w) or (n, h, w, c) uint8 and labels (n,) integers, as an .npz or as images.npy and labels.npy"
)


def open_split(request: SplitRequest) -> Dataset:
    """Open a split of arrays.

    Raises:
        DataError: a file is missing, damaged or of another form; the message names it.
    """
    if request.root is None:
        raise DataError("numpy: proxy.root is not given", "give the path of an .npz file or of a folder of .npy files")
    path, split = Path(request.root), request.split
    try:
        if path.is_dir():
            images, labels, has_test_split = _from_folder(path, split)
        elif path.exists():
            images, labels, has_test_split = _from_npz(path, split)
        else:
            raise DataError(f"numpy: {path} does not exist", LAYOUT)
    except (OSError, ValueError) as e:  # no permission, or not a valid path
        raise DataError(f"numpy: cannot read {path}: {e}", LAYOUT) from None
    rows = None if has_test_split else default_test_split(len(labels), split)
    return Dataset(request.name, images, labels, rows)


def _array_names(has_test_split: bool, split: Split) -> tuple[str, str]:
    return ("test_images", "test_labels") if has_test_split and split == "test" else ("images", "labels")


def _from_folder(folder: Path, split: Split) -> tuple[Images, Labels, bool]:
    """Images, labels, and whether the folder has a test split."""
    has_test_split = (folder / "test_images.npy").exists()
    files = [folder / f"{name}.npy" for name in _array_names(has_test_split, split)]
    for file in files:
        if not file.exists():
            raise DataError(f"numpy: {file} does not exist", LAYOUT)
    arrays = list[Any]()
    for file, read in zip(files, (read_images, read_labels), strict=True):
        try:
            arrays.append(read(file))
        except NUMPY_READ_ERRORS as e:
            raise DataError(f"numpy: cannot read {file} as a NumPy array: {e}", "save it again with numpy.save") from e
    return *_checked(arrays[0], arrays[1], *map(str, files)), has_test_split


def _from_npz(file: Path, split: Split) -> tuple[Images, Labels, bool]:
    """Images and labels, unpacked into the user's cache folder again if the file changed, and whether there is a test split."""
    if not zipfile.is_zipfile(file):
        raise DataError(f"numpy: {file} is not an .npz file, or is incomplete", LAYOUT)
    has_test_split = "test_images" in _names_in_npz(file)
    names = _array_names(has_test_split, split)
    stat = file.stat()
    identity = f"{file.resolve()} {stat.st_size} {stat.st_mtime_ns} {names[0]}"
    stem = cache_folder() / "cache" / f"numpy-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"

    def unpack() -> tuple[Images, Labels]:
        try:
            with np.load(file, allow_pickle=False) as archive:
                images, labels = (archive[name] for name in names)
        except KeyError as e:
            raise DataError(
                f"{file} has no array {e}: it has {', '.join(_names_in_npz(file)) or 'none'}", LAYOUT
            ) from None
        except (*NUMPY_READ_ERRORS, zipfile.BadZipFile, zlib.error, NotImplementedError) as e:
            raise DataError(f"{file} is damaged: {e}", "save it again with numpy.savez") from e
        return _checked(images, labels, f"{names[0]} of {file}", f"{names[1]} of {file}")

    hint = f"free disk space, set XDG_CACHE_HOME to another disk, or use a folder of .npy files: {LAYOUT}"
    images, labels = cached_arrays(f"numpy arrays of {file}", stem, stem.with_suffix(".lock"), unpack, hint)
    return images, labels, has_test_split


def _names_in_npz(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def _checked(images: Any, labels: Any, images_from: str, labels_from: str) -> tuple[Images, Labels]:
    """The arrays as (n, h, w, c) uint8 and (n,) int64.

    Raises:
        DataError: another type or shape.
    """
    if images.dtype != np.uint8:
        remedy = "scale to 0…255 and save as uint8" if images.dtype.kind == "f" else LAYOUT
        raise DataError(f"{images_from}: values are {images.dtype}; uint8 is needed", remedy)
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or 0 in images.shape:
        raise DataError(f"{images_from}: the shape is {images.shape}; (n, h, w) or (n, h, w, c) is needed", LAYOUT)
    if images.shape[3] > MAX_CHANNELS:
        remedy = "channels come last: images.transpose(0, 2, 3, 1)" if images.shape[1] <= MAX_CHANNELS else LAYOUT
        raise DataError(f"{images_from}: the shape {images.shape} has {images.shape[3]} channels", remedy)
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise DataError(
            f"{labels_from}: {labels.dtype} {labels.shape}; integers ({len(images)},) are needed, one per image", LAYOUT
        )
    return images, labels.astype(np.int64)
