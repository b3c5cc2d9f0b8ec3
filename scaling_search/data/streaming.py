"""The images of a folder, decoded by worker processes, or once into one mapped file if they fit.

Every image is resized on its short side and centre cropped to uint8, whether it is cached or streamed: a run gets the same
bits either way. Workers only decode. Random numbers are drawn by the run from (seed, epoch, index), so the number of workers
changes no result.
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
from scaling_search.data.dataset import Dataset
from scaling_search.data.image_folder import decode, list_folder
from scaling_search.data.sources import SplitRequest
from scaling_search.errors import DataError
from scaling_search.hardware import cores
from scaling_search.paths import cache_folder

T = TypeVar("T")
U = TypeVar("U")

CHUNK = 32  # files per batch where the caller needs no batches
PREFETCH = 4  # batches that each worker decodes ahead
MAX_WORKERS = 16


class _DecodeDataset(TorchDataset["T | DataError"], Generic[T]):
    """``work(file)`` for each file. A DataError is returned as a value: raised in a worker it would lose its message."""

    def __init__(self, work: Callable[[str], T], files: Sequence[str]) -> None:
        self.work, self.files = work, files

    def __getitem__(self, index: int) -> T | DataError:
        try:
            return self.work(self.files[index])
        except DataError as e:
            return e


def _identity(items: list[T]) -> list[T]:
    return items


def _load(
    dataset: _DecodeDataset[T],
    rows: Sequence[list[int]],
    workers: int,
    collate: Callable[[list[T | DataError]], U],
    pin: bool,
) -> Iterator[U]:
    with warnings.catch_warnings():
        # the study may ask for more workers than cores
        warnings.filterwarnings("ignore", message="This DataLoader will create")
        return iter(
            DataLoader(
                dataset,
                batch_sampler=rows,
                num_workers=workers,
                collate_fn=collate,
                pin_memory=pin,
                prefetch_factor=PREFETCH if workers else None,
                generator=torch.Generator(),  # the loader draws a seed: not from the generator of the run
            )
        )


def in_workers(work: Callable[[str], T], files: Sequence[str], workers: int) -> Iterator[T | DataError]:
    """``work(file)`` of each file in order, or the DataError it raised, in ``workers`` processes (0: this process)."""
    rows = [list(range(start, min(start + CHUNK, len(files)))) for start in range(0, len(files), CHUNK)]
    for results in _load(_DecodeDataset(work, files), rows, workers, _identity, pin=False):
        yield from results


def _stack(images: list[Images | DataError]) -> Tensor | DataError:
    """One batch, (n, h, w, c), or the first error in it."""
    for image in images:
        if isinstance(image, DataError):
            return image
    return torch.from_numpy(np.stack([image for image in images if not isinstance(image, DataError)]))


class FolderImages:
    """Image files that are decoded on demand; ``shape`` is (n, px, px, c), like an array's."""

    def __init__(self, files: Sequence[str], px: int, channels: int) -> None:
        self.files, self.px, self.channels = tuple(files), px, channels
        self.shape = (len(self.files), px, px, channels)

    def __len__(self) -> int:
        return len(self.files)

    def take(self, rows: Labels) -> FolderImages:
        """The images of these rows, in this order."""
        return FolderImages([self.files[i] for i in rows], self.px, self.channels)

    def batches(self, rows: Sequence[Labels], workers: int, pin: bool = False) -> Iterator[Tensor]:
        """The images of each batch of rows, uint8 (n, px, px, c), decoded ahead by ``workers`` processes (0: this process).

        Raises:
            DataError: an image cannot be decoded.
        """
        dataset = _DecodeDataset(partial(decode, px=self.px, channels=self.channels), self.files)
        for batch in _load(dataset, [row.tolist() for row in rows], workers, _stack, pin):
            if isinstance(batch, DataError):
                raise batch
            yield batch

    def fingerprint(self) -> str:
        """Cache key of the decoded images; it changes with the files, their order and the image size."""
        digest = hashlib.sha256(f"{self.px} {self.channels}".encode())
        for file in self.files:
            stat = os.stat(file)
            digest.update(f"\0{file} {stat.st_size} {stat.st_mtime_ns}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()[:16]


def open_split(request: SplitRequest) -> Dataset:
    """Open a split of an image folder; its images are decoded on demand.

    Raises:
        DataError: see :func:`scaling_search.data.image_folder.list_folder`.
    """
    listing = list_folder(request.root, request.split)
    images = FolderImages(listing.files, request.stored_px, request.channels)
    return Dataset(request.name, images, listing.labels, listing.rows, listing.root, listing.classes)


def default_workers(device: torch.device) -> int:
    """Worker processes of one run: a GPU's share of the cores; none on a CPU, where every core trains."""
    return min(MAX_WORKERS, cores() // torch.cuda.device_count()) if device.type == "cuda" else 0


def _decode_into(images: FolderImages, file: Path) -> None:
    """Decode all images into an .npy file, using all cores since other runs wait for it."""
    rows = np.array_split(np.arange(len(images)), -(-len(images) // CHUNK))
    # plain writes: on a full disk a memory map would kill the process with SIGBUS
    with AtomicReplace(file) as temporary, temporary.open("wb") as out:
        np.lib.format.write_array_header_1_0(out, {"descr": "|u1", "fortran_order": False, "shape": images.shape})
        for batch in images.batches(rows, cores() if len(images) > 10 * CHUNK else 0):
            out.write(batch.numpy().tobytes())


def decode_to_cache(images: FolderImages, limit_gb: float) -> Images | None:
    """The images as one mapped file in the user's cache folder, decoded the first time.

    None if they take more than ``limit_gb`` · 10⁹ bytes or more than the free disk space.

    Raises:
        DataError: an image cannot be decoded, or the file cannot be written or read.
    """
    folder = cache_folder() / "cache"
    size = int(np.prod(images.shape))
    if size > limit_gb * 1e9:
        return None
    try:
        file = folder / f"image_folder-{images.fingerprint()}.npy"
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists() and size > shutil.disk_usage(folder).free:
            return None
        create_once(file, file.with_suffix(".lock"), lambda: _decode_into(images, file))
    except OSError as e:
        hint = "free disk space, set XDG_CACHE_HOME to another disk, or stream the images with proxy.cache_gb: 0"
        raise DataError(f"cannot write the decoded images to {folder}: {e}", hint) from e
    try:
        decoded = read_images(file)
        if decoded.shape != images.shape:
            raise ValueError(f"the shape is {decoded.shape}, not {images.shape}")
    except NUMPY_READ_ERRORS as e:
        raise DataError(f"the decoded images are damaged: {file}: {e}", "delete that file and run again") from e
    return decoded
