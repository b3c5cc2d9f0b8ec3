"""Source: the datasets of one reader, with the facts that planning needs before the reader is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_search.paths import cache_folder

if TYPE_CHECKING:
    from scaling_search.data.array_cache import Split

STORED_PX = 320
"""Default side, px, to which image files are resized."""


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """Facts about a dataset.

    ``native_px`` is the side of the stored images, ``train_size`` the number of images outside the test split; both are None
    where the user's files decide, and ``classes`` and ``image_channels`` are then only defaults. ``torchvision`` is the class
    in torchvision.datasets that downloads and reads the set, ``files`` the files that it downloads into the dataset's folder.
    """

    classes: int
    image_channels: int
    native_px: int | None
    train_size: int | None
    about: str
    torchvision: str | None = None
    files: str = ""

    @property
    def exact(self) -> bool:
        """Whether classes and channels are those of the data, and not defaults."""
        return self.train_size is not None


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """A split to open. Image files are resized to ``stored_px`` and converted to ``channels``."""

    name: str
    root: str | Path | None = None
    split: Split = "development"
    stored_px: int = STORED_PX
    channels: int = 3

    @property
    def folder(self) -> Path:
        """``root``, or the user's cache folder."""
        return Path(self.root) if self.root else cache_folder()


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset, or all datasets whose names have one prefix, and the module that reads them.

    ``name`` is the name, or the prefix with its colon. ``reader`` is a module that provides
    :class:`scaling_search.data.dataset.Reader`; it is imported only to open a dataset, so that planning loads neither torch
    nor the reader's libraries. ``names_a_path``: the text after the prefix may be a path. ``image_files``: images are
    converted to 1 or 3 channels. ``resized``: every image has the side ``proxy.stored_px``.
    """

    name: str
    facts: DatasetFacts
    reader: str
    names_a_path: bool = False
    image_files: bool = False
    resized: bool = False

    @property
    def is_prefix(self) -> bool:
        """Whether ``name`` is a prefix."""
        return self.name.endswith(":")

    def native_px(self, stored_px: int) -> int | None:
        """Side of the stored images, px; None if it is known only from the data."""
        return stored_px if self.resized else self.facts.native_px
