"""Arrays cached as .npy files: written once by one process at a time, whole or not at all, and memory-mapped by every run."""

from __future__ import annotations

import fcntl
import os
import tokenize
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from scaling_search.errors import DataError

Split = Literal["development", "test"]
Images = npt.NDArray[np.uint8]  # (n, h, w, c)
Labels = npt.NDArray[np.int64]  # (n,)

NUMPY_READ_ERRORS = (ValueError, OSError, EOFError, SyntaxError, tokenize.TokenError)
"""What NumPy raises for a file that is not an array or is incomplete."""


def default_test_split(n: int, split: Split) -> Labels:
    """Indices of a split of ``n`` images without a test split of their own: a fixed random fifth is the test split."""
    order = np.random.default_rng(0).permutation(n)
    cut = n - -(-n // 5)
    return order[:cut] if split == "development" else order[cut:]


class AtomicReplace:
    """A temporary path that replaces ``path`` if the block ends without an error.

    Removes the temporary files of killed processes first, so only one process at a time may use it on a path; see
    :func:`create_once`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")

    def __enter__(self) -> Path:
        for leftover in self.path.parent.glob(f"{self.path.name}.*.tmp"):
            leftover.unlink(missing_ok=True)
        return self.temporary

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            os.replace(self.temporary, self.path)
        else:
            self.temporary.unlink(missing_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at ``path``. The kernel releases it even if this process is killed."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def create_once(file: Path, lock: Path, make: Callable[[], None]) -> None:
    """Make sure that ``file`` exists: one process creates it while others wait.

    ``make`` writes the file, and every file that must exist before it, with :class:`AtomicReplace`.
    """
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(lock):
        if not file.exists():
            make()


def save(file: Path, array: Images | Labels) -> None:
    """Write an .npy file."""
    with AtomicReplace(file) as temporary, temporary.open("wb") as out:
        np.save(out, array)


def read_images(file: Path) -> Images:
    """Map an .npy file of images copy-on-write, since torch needs writable memory. Raises NUMPY_READ_ERRORS."""
    return np.lib.format.open_memmap(file, mode="c")


def read_labels(file: Path) -> Labels:
    """Read an .npy file of labels into memory. Raises NUMPY_READ_ERRORS."""
    with file.open("rb") as opened:
        return np.asarray(np.lib.format.read_array(opened))


def cached_arrays(
    name: str, stem: Path, lock: Path, make: Callable[[], tuple[Images, Labels]], hint: str
) -> tuple[Images, Labels]:
    """The result of ``make``, cached as ``<stem>.npy`` and ``<stem>-labels.npy``.

    Raises:
        DataError: the arrays cannot be made or written (with ``hint``), or the cached files are damaged.
    """
    images_file, labels_file = stem.with_name(f"{stem.name}.npy"), stem.with_name(f"{stem.name}-labels.npy")

    def write() -> None:  # labels last: where they exist, both files are complete
        images, labels = make()
        save(images_file, images)
        save(labels_file, labels)

    try:
        create_once(labels_file, lock, write)
    except (OSError, EOFError, RuntimeError, ValueError, zlib.error) as e:
        raise DataError(f"cannot prepare {name} in {stem.parent.parent}: {e}", hint) from e
    file = images_file
    try:
        images = read_images(file)
        file = labels_file
        labels = read_labels(file)
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images, {len(labels)} labels")
    except NUMPY_READ_ERRORS as e:
        raise DataError(f"the cached copy of {name} is damaged: {file}: {e}", "delete that folder and run again") from e
    return images, labels
