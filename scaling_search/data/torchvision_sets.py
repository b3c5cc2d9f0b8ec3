"""Datasets that come as files of a known form: torchvision's small classification sets, and scikit-learn's digits.

Each is read by torchvision's own class, downloaded by it when it is not there, and turned into images (n, h, w, c) uint8
and labels (n,).
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

from scaling_search.data.array_cache import AtomicReplace, Images, Labels, Split, default_test_split
from scaling_search.data.catalog import DATASETS
from scaling_search.errors import DataError

WITHOUT_TEST_SPLIT = frozenset({"digits", "semeion", "eurosat"})


def read(name: str, root: Path, split: Split, debian: Path) -> tuple[Images, Labels]:
    """The images and labels of a split. ``debian`` is where Debian's package puts Fashion-MNIST.

    Raises:
        DataError: it is not there and cannot be downloaded, or a file of it is damaged.
    """
    if name == "digits":
        images, labels = _digits()
    else:
        from torchvision import datasets

        kind = getattr(datasets, str(DATASETS[name].torchvision))
        images, labels = to_arrays(obtain(name, kind, root, split, debian), DATASETS[name].image_channels)
        _expect(name, root, images, labels)
    if name == "emnist":
        images = images.swapaxes(1, 2)  # its files hold each image transposed
    if name in WITHOUT_TEST_SPLIT:
        picks = default_test_split(len(images), split)
        images, labels = images[picks], labels[picks]
    return np.ascontiguousarray(images), labels


def _digits() -> tuple[Images, Labels]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return (bunch.images * (255 / 16)).round().astype(np.uint8)[..., np.newaxis], bunch.target.astype(np.int64)


def _arguments(name: str, split: Split) -> dict[str, Any]:
    """How torchvision's class is told the split."""
    train = split == "development"
    if name in ("svhn", "stl10"):
        return {"split": "train" if train else "test"}
    if name == "emnist":
        return {"split": "balanced", "train": train}
    return {} if name in WITHOUT_TEST_SPLIT else {"train": train}


def obtain(name: str, kind: Any, root: Path, split: Split, debian: Path) -> Any:
    """torchvision's dataset of that class under ``root``: there already, unpacked from Debian's copy, or downloaded.

    Raises:
        DataError: none of these.
    """
    arguments = _arguments(name, split)
    # torchvision's readers raise anything for files that are missing or damaged, AssertionError included
    with contextlib.suppress(Exception):
        return kind(str(root), download=False, **arguments)
    if name == "fashion_mnist" and unpack(debian, root / "FashionMNIST" / "raw"):
        with contextlib.suppress(Exception):
            return kind(str(root), download=False, **arguments)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output may be somebody's JSON
            return kind(str(root), download=True, **arguments)
    except Exception as e:
        bad = damaged_files(kind, root)
        if bad:
            which = ", ".join(map(str, bad))
            raise DataError(f"{name} is damaged: {which}", "delete what is named and run again") from e
        raise _missing(name, root, debian, e) from None


def unpack(debian: Path, raw: Path) -> bool:
    """Unpack the files of Debian's dataset-fashion-mnist package to where torchvision looks; False if there are none."""
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


def _missing(name: str, root: Path, debian: Path, error: Exception) -> DataError:
    places, files = f"not in {root}", DATASETS[name].files
    remedy = f"connect to the internet and run again, or put {files} into {root} by hand"
    if name == "fashion_mnist":
        places = f"neither in {root} nor in {debian}"
        remedy += ", or install Debian's copy: apt-get install dataset-fashion-mnist"
    why = " ".join(str(error).split()) or type(error).__name__
    return DataError(f"{name} is {places}, and its download failed: {why}", remedy)


def damaged_files(kind: Any, root: Path) -> list[Path]:
    """The files of a torchvision set that are there but not whole: of the wrong MD5, or shorter or longer than they say."""
    from torchvision.datasets.utils import check_integrity

    folder = root / getattr(kind, "base_folder", "")
    sums = [(folder / file, md5) for part in ("train_list", "test_list") for file, md5 in getattr(kind, part, [])]
    sums += [(root / file, md5) for _, file, md5 in getattr(kind, "split_list", {}).values()]
    if hasattr(kind, "md5_checksum"):
        sums.append((root / kind.filename, kind.md5_checksum))
    bad = [file for file, md5 in sums if file.exists() and not check_integrity(file, md5)]
    idx = sorted((root / kind.__name__ / "raw").glob("*-ubyte"))
    return bad + [file for file in idx if not _whole_idx(file)]


def _whole_idx(file: Path) -> bool:
    """Whether an idx file of bytes (0, 0, 8, dimensions; each size, big-endian 32 bits; the values) is as long as it says."""
    with file.open("rb") as opened:
        head = opened.read(4)
        if len(head) < 4 or head[2] != 8:
            return len(head) == 4  # other types than bytes (QMNIST's labels) are not judged
        sizes = opened.read(4 * head[3])
    values = int(np.prod(np.frombuffer(sizes, ">u4").astype(np.int64))) if len(sizes) == 4 * head[3] else -1
    return file.stat().st_size == 4 + len(sizes) + values


def to_arrays(data: Any, channels: int) -> tuple[Images, Labels]:
    """Images (n, h, w, c) and labels (n,) of a torchvision dataset, whichever of its forms it has.

    Raises:
        DataError: an item cannot be read.
    """
    if not hasattr(data, "data"):
        return _from_items(data)
    images = np.asarray(data.data)
    labels = np.asarray(data.targets if hasattr(data, "targets") else data.labels)
    if labels.ndim == 2:
        labels = labels[:, 0]  # QMNIST: the class, then who wrote it and where
    if images.ndim == 3:
        images = images[..., np.newaxis]
    elif images.shape[1] == channels != images.shape[3]:
        images = images.transpose(0, 2, 3, 1)  # SVHN and STL-10: (n, c, h, w)
    return images, labels.astype(np.int64)


def _from_items(data: Any) -> tuple[Images, Labels]:
    """Of a dataset that gives (PIL image, label) by index."""
    images, labels = list[Images](), list[int]()
    for i in range(len(data)):
        try:
            image, label = data[i]
            images.append(np.atleast_3d(np.asarray(image)))
        except Exception as e:  # PIL raises anything for a damaged file
            where = data.samples[i][0] if hasattr(data, "samples") else f"image {i}"
            raise DataError(f"cannot read {where}: {e}", "replace it, or delete it") from e
        labels.append(int(label))
    return np.stack(images), np.asarray(labels, np.int64)


def _expect(name: str, root: Path, images: Images, labels: Labels) -> None:
    """What was read must be what is known of the dataset.

    Raises:
        DataError: it is not.
    """
    facts = DATASETS[name]
    shape = (facts.native_px, facts.native_px, facts.image_channels)
    found = f"images {images.shape}, labels {labels.shape}"
    if images.shape[1:] != shape or labels.shape != images.shape[:1] or not len(labels):
        raise DataError(f"{root} holds no whole {name}: {found}, not (n, {', '.join(map(str, shape))})", "get it again")
    if labels.min() < 0 or labels.max() >= facts.classes:
        span = f"labels from {labels.min()} to {labels.max()}"
        raise DataError(f"{root} holds no whole {name}: {span}; it has {facts.classes} classes", "get it again")
