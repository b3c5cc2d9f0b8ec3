"""Random images, folders of image files, and one epoch's batches of them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from scaling_search.data.array_cache import Images
from scaling_search.data.batches import Batches
from scaling_search.spec.proxy import ProxySpec

RANDOM = np.random.default_rng(0)


def random_images(*shape: int) -> Images:
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


def idx_bytes(values: npt.NDArray[Any], kind: int = 8) -> bytes:
    """An idx file, MNIST's format; ``kind`` is the type of its values (8: uint8, 12: int32)."""
    sizes = b"".join(struct.pack(">I", n) for n in values.shape)
    return bytes([0, 0, kind, values.ndim]) + sizes + values.tobytes()


def save_images(folder: Path, images: Sequence[Images], suffix: str) -> None:
    """Write 000.suffix, 001.suffix …"""
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{i:03d}.{suffix}")


def folder_proxy(root: Path, **changes: Any) -> ProxySpec:
    """The proxy section of a study on the ``pictures``, of which 24 are outside the test split."""
    values = {"train_size": 16, "validation_size": 8, "batch_size": 4, "classes": 3, "stored_px": 12, **changes}
    return ProxySpec(dataset="image_folder", root=str(root), **values)


def epoch_batches(data: Batches, seed: int = 0) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """One epoch's batches as a run takes them."""
    random, n = np.random.default_rng(seed), len(data)
    order, shifts = torch.from_numpy(random.permutation(n)), torch.from_numpy(random.integers(0, 5, (n, 2)))
    return list(data.training(order, shifts, torch.from_numpy(random.random(n) < 0.5), 2, 4))
