"""A folder's images as runs take them: decoded by worker processes, and kept in one mapped file when that fits.

Every image is brought to one size first (short side resized, centre cropped, uint8), whether it is then kept or streamed:
both give a run the same bits. Workers only decode; what is random is drawn by the run from (seed, epoch, index), so their
number changes no result.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from scaling_search.data.array_cache import NUMPY_READ_ERRORS, AtomicReplace, Images, Labels, create_once, read_images
from scaling_search.data.image_folder import decode
from scaling_search.errors import DataError
from scaling_search.hardware import cores
from scaling_search.paths import cache_folder

T = TypeVar("T")
U = TypeVar("U")

CHUNK = 32  # files worked on together when no batch is asked for
AHEAD = 4  # batches that each worker decodes before they are asked for
MOST_WORKERS = 16


class _DecodeDataset(TorchDataset["T | DataError"], Generic[T]):
    """``work`` of each file; an error is a value here, since an exception would lose its words between processes."""

    def __init__(self, work: Callable[[str], T], files: Sequence[str]) -> None:
        self.work, self.files = work, files

    def __getitem__(self, index: int) -> T | DataError:
        try:
            return self.work(self.files[index])
        except DataError as e:
            return e


def _same(made: list[T]) -> list[T]:
    return made


def _load(
    work: _DecodeDataset[T],
    rows: Sequence[list[int]],
    workers: int,
    collate: Callable[[list[T | DataError]], U],
    pin: bool,
) -> Iterator[U]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This DataLoader will create")  # more than the cores: as asked
        return iter(
            DataLoader(
                work,
                batch_sampler=rows,
                num_workers=workers,
                collate_fn=collate,
                pin_memory=pin,
                prefetch_factor=AHEAD if workers else None,
                generator=torch.Generator(),  # it draws a number even if none is needed: never from the run's own
            )
        )


def in_workers(work: Callable[[str], T], files: Sequence[str], workers: int) -> Iterator[T | DataError]:
    """``work`` of each file in turn, or the DataError it raised, done by ``workers`` processes (0: here)."""
    rows = [list(range(start, min(start + CHUNK, len(files)))) for start in range(0, len(files), CHUNK)]
    for made in _load(_DecodeDataset(work, files), rows, workers, _same, pin=False):
        yield from made


def _stack(made: list[Images | DataError]) -> Tensor | DataError:
    """One batch, (n, h, w, c), or the first error in it."""
    for item in made:
        if isinstance(item, DataError):
            return item
    return torch.from_numpy(np.stack([item for item in made if not isinstance(item, DataError)]))


class FolderImages:
    """Image files that are decoded when they are asked for; ``shape`` is (n, px, px, c), as of an array."""

    def __init__(self, files: Sequence[str], px: int, channels: int) -> None:
        self.files, self.px, self.channels = tuple(files), px, channels
        self.shape = (len(self.files), px, px, channels)

    def __len__(self) -> int:
        return len(self.files)

    def take(self, rows: Labels) -> FolderImages:
        """Only these, in this order."""
        return FolderImages([self.files[i] for i in rows], self.px, self.channels)

    def batches(self, rows: Sequence[Labels], workers: int, pin: bool = False) -> Iterator[Tensor]:
        """The images of each batch in turn, uint8 (n, px, px, c), decoded ahead by ``workers`` processes (0: here).

        Raises:
            DataError: an image cannot be decoded.
        """
        work = _DecodeDataset(partial(decode, px=self.px, channels=self.channels), self.files)
        for made in _load(work, [batch.tolist() for batch in rows], workers, _stack, pin):
            if isinstance(made, DataError):
                raise made
            yield made

    def identity(self) -> str:
        """Names the files as they are now, their order and size: a changed folder has another."""
        digest = hashlib.sha256(f"{self.px} {self.channels}".encode())
        for file in self.files:
            state = os.stat(file)
            digest.update(f"\0{file} {state.st_size} {state.st_mtime_ns}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()[:16]


def default_workers(device: torch.device) -> int:
    """Processes that decode for one run: a GPU's part of the cores; none on a CPU, where every core already trains."""
    return min(MOST_WORKERS, cores() // torch.cuda.device_count()) if device.type == "cuda" else 0


def _write(images: FolderImages, file: Path) -> None:
    """Decode all images into an .npy file, with every core: other runs wait for it."""
    rows = np.array_split(np.arange(len(images)), -(-len(images) // CHUNK))
    with (
        AtomicReplace(file) as temporary,
        temporary.open("wb") as out,
    ):  # plain writes: a full disk is an error, no SIGBUS
        np.lib.format.write_array_header_1_0(out, {"descr": "|u1", "fortran_order": False, "shape": images.shape})
        for batch in images.batches(rows, cores() if len(images) > 10 * CHUNK else 0):
            out.write(batch.numpy().tobytes())


def kept(images: FolderImages, limit_gb: float, folder: Path | None = None) -> Images | None:
    """The images in one file under ``folder`` (the user's cache folder), decoded if this is the first time.

    None when they take more than ``limit_gb`` · 10⁹ bytes, or more than the disk has left.

    Raises:
        DataError: an image cannot be decoded, or the file cannot be written or read.
    """
    place = folder or cache_folder() / "cache"
    size = int(np.prod(images.shape))
    if size > limit_gb * 1e9:
        return None
    try:
        file = place / f"image_folder-{images.identity()}.npy"
        place.mkdir(parents=True, exist_ok=True)
        if not file.exists() and size > shutil.disk_usage(place).free:
            return None
        create_once(file, file.with_suffix(".lock"), lambda: _write(images, file))
    except OSError as e:
        remedy = "make room, set XDG_CACHE_HOME to another disk, or stream the images with proxy.cache_gb: 0"
        raise DataError(f"cannot keep the decoded images in {place}: {e}", remedy) from e
    try:
        found = read_images(file)
        if found.shape != images.shape:
            raise ValueError(f"it holds {found.shape}, not {images.shape}")
    except NUMPY_READ_ERRORS as e:
        raise DataError(f"the decoded images are damaged: {file}: {e}", "delete that file and run again") from e
    return found
