"""What is known of each dataset before it is opened, so that a study can be planned without reading an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DatasetName = Literal["fashion_mnist", "digits", "image_folder"]


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """``native_px`` is the side of the stored images (None: they vary), ``train_size`` the images that may be split."""

    classes: int
    image_channels: int
    native_px: int | None
    train_size: int | None
    about: str


DATASETS: dict[str, DatasetFacts] = {
    "fashion_mnist": DatasetFacts(10, 1, 28, 60_000, "Fashion-MNIST, 28 px grey clothing (Xiao et al. 2017)"),
    "digits": DatasetFacts(10, 1, 8, 1_437, "scikit-learn's handwritten digits, 8 px; comes with scikit-learn"),
    "image_folder": DatasetFacts(1000, 3, None, None, "a folder of images, one subfolder a class"),
}
"""Datasets by name. digits holds 1,797 images; 360 of them are kept as its test split."""
