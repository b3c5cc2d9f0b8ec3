"""Datasets → fixed splits of uint8 images in one memory-mapped file, resized and augmented a batch at a time.

A dataset is decoded once into ``<cache>/<name>-<split>.npy`` (images n, h, w, c) and ``…-labels.npy`` (n,); every run maps
the same file, so the images are in memory once however many runs there are.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
import tokenize
import urllib.error
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from scaling_search.datasets import DATASETS
from scaling_search.errors import DataError

Split = Literal["development", "test"]
Images = npt.NDArray[np.uint8]  # (n, h, w, c)
Labels = npt.NDArray[np.int64]  # (n,)

DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


def default_root() -> Path:
    """The user's cache folder: $XDG_CACHE_HOME or ~/.cache, then scaling_search."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scaling_search"


@dataclass(frozen=True)
class Dataset:
    """``images`` (n, h, w, c) uint8 and ``labels`` (n,) of the images outside the test split, mapped from disk."""

    name: str
    images: Images
    labels: Labels

    def splits(self, train_size: int, validation_size: int, seed: int) -> tuple[Labels, Labels]:
        """Indices of the training and the validation images: fixed by the dataset and the seed, never overlapping.

        Raises:
            DataError: there are too few images.
        """
        have = len(self.labels)
        if train_size + validation_size > have:
            raise DataError(
                f"{self.name} has {have} images outside its test split; {train_size} + {validation_size} are asked for",
                "lower proxy.train_size or proxy.validation_size",
            )
        order = np.random.default_rng(seed).permutation(have)
        return order[:train_size], order[train_size : train_size + validation_size]


def _debian_copy(raw: Path) -> bool:
    """Unpack the files of Debian's dataset-fashion-mnist package to where torchvision looks for them."""
    packed = sorted(DEBIAN_FASHION_MNIST.glob("*-ubyte.gz"))
    if not packed:
        return False
    raw.mkdir(parents=True, exist_ok=True)
    for file in packed:
        with gzip.open(file) as source, _Replacing(raw / file.stem) as temporary, temporary.open("wb") as target:
            shutil.copyfileobj(source, target)
    return True


class _Replacing:
    """A temporary path that takes the place of ``path`` when the block ends without an error."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Path:
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name, suffix=".tmp")
        os.close(handle)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            os.replace(self.temporary, self.path)
        else:
            self.temporary.unlink(missing_ok=True)


def _fashion_mnist(root: Path, split: Split) -> tuple[Images, Labels]:
    from torchvision.datasets import FashionMNIST

    train = split == "development"
    try:
        data = FashionMNIST(str(root), train=train)
    except RuntimeError:  # not there yet
        if not _debian_copy(root / "FashionMNIST" / "raw"):
            try:
                FashionMNIST(str(root), download=True)
            except (RuntimeError, urllib.error.URLError, OSError) as e:
                raise DataError(
                    f"Fashion-MNIST is neither in {root} nor in {DEBIAN_FASHION_MNIST}, and its download failed: {e}",
                    "connect to the internet and run again, or install Debian's copy: apt-get install dataset-fashion-mnist",
                ) from None
        data = FashionMNIST(str(root), train=train)
    return data.data.numpy()[..., np.newaxis], data.targets.numpy().astype(np.int64)


def _digits(root: Path, split: Split) -> tuple[Images, Labels]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = (bunch.images * (255 / 16)).round().astype(np.uint8)[..., np.newaxis]
    order = np.random.default_rng(0).permutation(len(images))
    cut = DATASETS["digits"].train_size
    picks = order[:cut] if split == "development" else order[cut:]
    return images[picks], bunch.target[picks].astype(np.int64)


SOURCES: dict[str, Callable[[Path, Split], tuple[Images, Labels]]] = {
    "fashion_mnist": _fashion_mnist,
    "digits": _digits,
}
"""Dataset name → (root, split) → decoded images and labels."""


def _decode(name: str, root: Path, split: Split, files: tuple[Path, Path]) -> None:
    """Write the dataset's cache; readers see both files whole or not at all (labels come last)."""
    if name not in SOURCES:
        raise DataError(f"proxy.dataset: {name} cannot be trained on yet", f"choose one of: {', '.join(SOURCES)}")
    try:
        root.mkdir(parents=True, exist_ok=True)
        images, labels = SOURCES[name](root, split)
        files[0].parent.mkdir(parents=True, exist_ok=True)
        arrays: tuple[Images, Labels] = images, labels
        for i, file in enumerate(files):
            with _Replacing(file) as temporary, temporary.open("wb") as out:
                np.save(out, arrays[i])
    except (OSError, EOFError, RuntimeError, ValueError, zlib.error) as e:
        raise DataError(f"cannot prepare {name} in {root}: {e}", "choose another folder with proxy.root") from e


def open_dataset(name: str, root: str | Path | None = None, split: Split = "development") -> Dataset:
    """The dataset, decoded into its cache if this is the first time.

    Raises:
        DataError: it is not there and cannot be had, or its cache cannot be read or written.
    """
    folder = Path(root) if root else default_root()
    files = folder / "cache" / f"{name}-{split}.npy", folder / "cache" / f"{name}-{split}-labels.npy"
    if not files[1].exists():
        _decode(name, folder, split, files)
    try:
        images = np.lib.format.open_memmap(files[0], mode="c")
        with files[1].open("rb") as file:
            labels = np.lib.format.read_array(file)
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images, {len(labels)} labels")
        return Dataset(name, images, labels)
    except (ValueError, OSError, EOFError, SyntaxError, tokenize.TokenError) as e:
        raise DataError(
            f"the cached copy of {name} is damaged: {files[0]}: {e}", "delete that folder and run again"
        ) from e


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of each channel, (c,), of images scaled to 0…1."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def moments(images: Images, indices: Labels) -> Moments:
    """Channel moments over (at most 10,000 of) the given images."""
    values = images[np.sort(indices[:10_000])].astype(np.float64) / 255
    return Moments(tuple(values.mean((0, 1, 2)).tolist()), tuple((values.std((0, 1, 2)) + 1e-8).tolist()))


def check(name: str, root: str | Path | None = None) -> dict[str, Any]:
    """What is in a dataset: images outside the test split, px, channels, classes and their counts, channel moments.

    Raises:
        DataError: see :func:`open_dataset`.
    """
    data = open_dataset(name, root)
    n, height, width, channels = data.images.shape
    counts = np.bincount(data.labels)
    scale = moments(data.images, np.arange(n))
    size = {"dataset": name, "folder": str(Path(root) if root else default_root()), "images": n, "px": [height, width]}
    rest = {
        "channels": channels,
        "classes": len(counts),
        "smallest_class": int(counts.min()),
        "largest_class": int(counts.max()),
    }
    return {**size, **rest, "mean": list(scale.mean), "deviation": list(scale.deviation)}


class Batches:
    """Batches of a split on a device, as float (n, c, px, px) in channels_last, normalised."""

    def __init__(self, dataset: Dataset, indices: Labels, px: int, scale: Moments, device: torch.device) -> None:
        self.images = torch.from_numpy(dataset.images)  # (n, h, w, c), shared with every run on this machine
        self.indices = torch.from_numpy(indices)
        self.labels = torch.from_numpy(dataset.labels)[self.indices].to(device)
        self.px, self.device = px, device
        self.mean = torch.tensor(scale.mean, device=device).view(1, -1, 1, 1) * 255
        self.inverse = 1 / (torch.tensor(scale.deviation, device=device).view(1, -1, 1, 1) * 255)
        if device.type == "cuda":
            self.images, self.indices = self.images[self.indices].to(device), torch.arange(len(indices), device=device)

    def __len__(self) -> int:
        return len(self.labels)

    def _finish(self, images: Tensor) -> Tensor:
        """uint8 (n, h, w, c) → normalised float (n, c, px, px)."""
        x = images.permute(0, 3, 1, 2).float()
        if x.shape[-2:] != (self.px, self.px):
            x = F.interpolate(x, size=(self.px, self.px), mode="bilinear", antialias=True, align_corners=False)
        return x.sub_(self.mean).mul_(self.inverse).contiguous(memory_format=torch.channels_last)

    def plain(self, picks: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Images and labels at positions of the split, unaugmented."""
        return self._finish(self.images[self.indices[picks]]), self.labels[picks]

    def augmented(self, picks: Tensor, shifts: Tensor, flips: Tensor, crop: int) -> tuple[Tensor, Tensor]:
        """The same, moved by ``shifts`` (n, 2) − ``crop`` px with zeros behind, and mirrored where ``flips`` (n,)."""
        x = self.images[self.indices[picks]]
        h, w = x.shape[1:3]
        rows = torch.arange(h, device=x.device) + shifts[:, :1]
        columns = torch.arange(w, device=x.device).expand(len(x), w)
        columns = torch.where(flips[:, None], w - 1 - columns, columns) + shifts[:, 1:]
        x = F.pad(x, (0, 0, crop, crop, crop, crop))
        n = torch.arange(len(x), device=x.device)[:, None, None]
        return self._finish(x[n, rows[:, :, None], columns[:, None, :]]), self.labels[picks]
