"""Arrays on disk that every run maps: where they lie, made once, written whole or not at all, by one process at a time."""

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
"""What NumPy raises for a file that is no array, or not a whole one."""


def default_test_split(n: int, split: Split) -> Labels:
    """Which of ``n`` images are the split's, where a dataset has no test split: a fifth, always the same, is kept as one."""
    order = np.random.default_rng(0).permutation(n)
    cut = n - -(-n // 5)
    return order[:cut] if split == "development" else order[cut:]


class AtomicReplace:
    """A temporary path that takes the place of ``path`` when the block ends without an error.

    What a killed process left of it is removed first, so one process at a time may be here: see :func:`create_once`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")

    def __enter__(self) -> Path:
        for left in self.path.parent.glob(f"{self.path.name}.*.tmp"):
            left.unlink(missing_ok=True)
        return self.temporary

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            os.replace(self.temporary, self.path)
        else:
            self.temporary.unlink(missing_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at ``path``; the kernel lets go of it however this process ends."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def create_once(file: Path, lock: Path, make: Callable[[], None]) -> None:
    """See that ``file`` exists: the first process makes it, others that come meanwhile wait.

    ``make`` writes it, and whatever must be there before it, through :class:`AtomicReplace`.
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
    """An .npy file of images, mapped copy-on-write: torch wants memory it may write to. Raises one of NUMPY_READ_ERRORS."""
    return np.lib.format.open_memmap(file, mode="c")


def read_labels(file: Path) -> Labels:
    """An .npy file of labels, read whole. Raises one of NUMPY_READ_ERRORS."""
    with file.open("rb") as opened:
        return np.asarray(np.lib.format.read_array(opened))


def cached(
    name: str, stem: Path, lock: Path, make: Callable[[], tuple[Images, Labels]], remedy: str
) -> tuple[Images, Labels]:
    """The arrays that ``make`` gives, kept as ``<stem>.npy`` and ``<stem>-labels.npy``.

    Raises:
        DataError: they cannot be made or written (``remedy`` says what may help), or what was kept is damaged.
    """
    files = stem.with_name(f"{stem.name}.npy"), stem.with_name(f"{stem.name}-labels.npy")

    def write() -> None:  # readers see both files whole or not at all: labels come last
        images, labels = make()
        save(files[0], images)
        save(files[1], labels)

    try:
        create_once(files[1], lock, write)
    except (OSError, EOFError, RuntimeError, ValueError, zlib.error) as e:
        raise DataError(f"cannot prepare {name} in {stem.parent.parent}: {e}", remedy) from e
    file = files[0]
    try:
        images = read_images(file)
        file = files[1]
        labels = read_labels(file)
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images, {len(labels)} labels")
    except NUMPY_READ_ERRORS as e:
        raise DataError(f"the cached copy of {name} is damaged: {file}: {e}", "delete that folder and run again") from e
    return images, labels
