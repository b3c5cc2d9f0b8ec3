"""torchvision's small classification sets and scikit-learn's digits, as images (n, h, w, c) uint8 and labels (n,).

torchvision's own class reads each set, and downloads it first if it is missing.
"""

from __future__ import annotations

import contextlib
import gzip
import shutil
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from scaling_search.data.array_cache import AtomicReplace, Images, Labels, Split, cached_arrays, default_test_split
from scaling_search.data.catalog import TORCHVISION_SETS
from scaling_search.data.dataset import Dataset
from scaling_search.data.sources import SplitRequest
from scaling_search.errors import DataError

DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
"""Folder of Debian's package dataset-fashion-mnist."""

WITHOUT_TEST_SPLIT = frozenset({"digits", "semeion", "eurosat"})


def open_split(request: SplitRequest) -> Dataset:
    """Open a split, decoded once into the cache.

    Raises:
        DataError: it cannot be downloaded, one of its files is damaged, or the cache cannot be read or written.
    """
    name, split, folder = request.name, request.split, request.folder

    def decode() -> tuple[Images, Labels]:
        return _read(name, folder, split, DEBIAN_FASHION_MNIST)

    stem, lock = folder / "cache" / f"{name}-{split}", folder / f".{name}.lock"
    return Dataset(name, *cached_arrays(name, stem, lock, decode, "choose another folder with proxy.root"))


def _read(name: str, root: Path, split: Split, debian: Path) -> tuple[Images, Labels]:
    """The images and labels of a split. ``debian`` is the folder of Debian's package of Fashion-MNIST.

    Raises:
        DataError: it cannot be downloaded, or one of its files is damaged.
    """
    if name == "digits":
        images, labels = _digits()
    else:
        from torchvision import datasets

        dataset_class = getattr(datasets, str(TORCHVISION_SETS[name].torchvision))
        images, labels = to_arrays(
            open_or_download(name, dataset_class, root, split, debian), TORCHVISION_SETS[name].image_channels
        )
        _check_facts(name, root, images, labels)
    if name == "emnist":
        images = images.swapaxes(1, 2)  # the files of EMNIST hold each image transposed
    if name in WITHOUT_TEST_SPLIT:
        rows = default_test_split(len(images), split)
        images, labels = images[rows], labels[rows]
    return np.ascontiguousarray(images), labels


def _digits() -> tuple[Images, Labels]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return (bunch.images * (255 / 16)).round().astype(np.uint8)[..., np.newaxis], bunch.target.astype(np.int64)


def _split_arguments(name: str, split: Split) -> dict[str, Any]:
    """Arguments of torchvision's class that select the split."""
    train = split == "development"
    if name in ("svhn", "stl10"):
        return {"split": "train" if train else "test"}
    if name == "emnist":
        return {"split": "balanced", "train": train}
    return {} if name in WITHOUT_TEST_SPLIT else {"train": train}


def open_or_download(name: str, dataset_class: Any, root: Path, split: Split, debian: Path) -> Any:
    """torchvision's dataset of that class under ``root``: existing, unpacked from Debian's package, or downloaded.

    Raises:
        DataError: its files are damaged, or missing and cannot be downloaded.
    """
    arguments = _split_arguments(name, split)
    # torchvision's readers raise any exception for missing or damaged files, AssertionError included
    with contextlib.suppress(Exception):
        return dataset_class(str(root), download=False, **arguments)
    if name == "fashion_mnist" and unpack_debian(debian, root / "FashionMNIST" / "raw"):
        with contextlib.suppress(Exception):
            return dataset_class(str(root), download=False, **arguments)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output is reserved for results
            return dataset_class(str(root), download=True, **arguments)
    except Exception as e:
        damaged = damaged_files(dataset_class, root)
        if damaged:
            files = ", ".join(map(str, damaged))
            raise DataError(f"{name} is damaged: {files}", "delete these files and run again") from e
        raise _not_available(name, root, debian, e) from None


def unpack_debian(debian: Path, raw: Path) -> bool:
    """Unpack the files of Debian's package dataset-fashion-mnist into torchvision's folder; False if there are none.

    Raises:
        DataError: a file of the package is damaged.
    """
    packed = sorted(debian.glob("*-ubyte.gz"))
    for file in packed:
        raw.mkdir(parents=True, exist_ok=True)
        try:
            with gzip.open(file) as source, AtomicReplace(raw / file.stem) as temporary, temporary.open("wb") as target:
                shutil.copyfileobj(source, target)
        except (EOFError, gzip.BadGzipFile, zlib.error) as e:
            hint = "apt-get install --reinstall dataset-fashion-mnist"
            raise DataError(f"{file} is damaged: {e}", hint) from None
    return bool(packed)


def _not_available(name: str, root: Path, debian: Path, error: Exception) -> DataError:
    searched, files = f"not in {root}", TORCHVISION_SETS[name].files
    hint = f"connect to the internet and run again, or put {files} into {root} by hand"
    if name == "fashion_mnist":
        searched = f"neither in {root} nor in {debian}"
        hint += ", or install Debian's copy: apt-get install dataset-fashion-mnist"
    reason = " ".join(str(error).split()) or type(error).__name__
    return DataError(f"{name} is {searched}, and its download failed: {reason}", hint)


def damaged_files(dataset_class: Any, root: Path) -> list[Path]:
    """Existing files of a torchvision set with a wrong MD5 or, for idx files, a wrong length."""
    from torchvision.datasets.utils import check_integrity

    folder = root / getattr(dataset_class, "base_folder", "")
    lists = [getattr(dataset_class, part, []) for part in ("train_list", "test_list")]
    sums = [(folder / file, md5) for entries in lists for file, md5 in entries]
    sums += [(root / file, md5) for _, file, md5 in getattr(dataset_class, "split_list", {}).values()]
    if hasattr(dataset_class, "md5_checksum"):
        sums.append((root / dataset_class.filename, dataset_class.md5_checksum))
    damaged = [file for file, md5 in sums if file.exists() and not check_integrity(file, md5)]
    idx = sorted((root / dataset_class.__name__ / "raw").glob("*-ubyte"))
    return damaged + [file for file in idx if not _is_complete_idx(file)]


def _is_complete_idx(file: Path) -> bool:
    """Whether an idx file of bytes has the length that its header states.

    Format: bytes 0, 0, 8, number of dimensions; the size of each, big-endian 32 bits; the values.
    """
    with file.open("rb") as opened:
        head = opened.read(4)
        if len(head) < 4 or head[2] != 8:
            return len(head) == 4  # other value types (QMNIST's labels) are not checked
        sizes = opened.read(4 * head[3])
    values = int(np.prod(np.frombuffer(sizes, ">u4").astype(np.int64))) if len(sizes) == 4 * head[3] else -1
    return file.stat().st_size == 4 + len(sizes) + values


def to_arrays(data: Any, channels: int) -> tuple[Images, Labels]:
    """Images (n, h, w, c) and labels (n,) of any of torchvision's forms of dataset.

    Raises:
        DataError: an item cannot be read.
    """
    if not hasattr(data, "data"):
        return _from_items(data)
    images = np.asarray(data.data)
    labels = np.asarray(data.targets if hasattr(data, "targets") else data.labels)
    if labels.ndim == 2:
        labels = labels[:, 0]  # QMNIST: the class, then the writer and further columns
    if images.ndim == 3:
        images = images[..., np.newaxis]
    elif images.shape[1] == channels != images.shape[3]:
        images = images.transpose(0, 2, 3, 1)  # SVHN and STL-10: (n, c, h, w)
    return images, labels.astype(np.int64)


def _from_items(data: Any) -> tuple[Images, Labels]:
    """Read a dataset of (PIL image, label) items."""
    images, labels = list[Images](), list[int]()
    for i in range(len(data)):
        try:
            image, label = data[i]
            images.append(np.atleast_3d(np.asarray(image)))
        except Exception as e:  # PIL raises any exception for a damaged file
            item = data.samples[i][0] if hasattr(data, "samples") else f"image {i}"
            raise DataError(f"cannot read {item}: {e}", "replace it or delete it") from e
        labels.append(int(label))
    return np.stack(images), np.asarray(labels, np.int64)


def _check_facts(name: str, root: Path, images: Images, labels: Labels) -> None:
    """Compare what was read with the facts about the dataset.

    Raises:
        DataError: it differs.
    """
    facts = TORCHVISION_SETS[name]
    hint = f"delete the files of {name} there and run again, or put its original files there"
    shape = (facts.native_px, facts.native_px, facts.image_channels)
    if images.shape[1:] != shape or labels.shape != images.shape[:1] or not len(labels):
        expected = f"(n, {', '.join(map(str, shape))})"
        raise DataError(f"{root} is not {name}: images {images.shape}, labels {labels.shape}, not {expected}", hint)
    if labels.min() < 0 or labels.max() >= facts.classes:
        span = f"labels from {labels.min()} to {labels.max()}"
        raise DataError(f"{root} is not {name}: {span}; it has {facts.classes} classes", hint)
