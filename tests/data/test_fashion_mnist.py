"""Fashion-MNIST: from Debian's package, downloaded, or missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import FashionMNIST

from scaling_search.data.catalog import DATASETS
from scaling_search.data.dataset import DEBIAN_FASHION_MNIST, open_dataset
from scaling_search.errors import DataError


def test_fashion_mnist_is_read_whole(tmp_path: Path) -> None:
    """From Debian's package where it is installed, else downloaded."""
    facts = DATASETS["fashion_mnist"]
    for split, each, first in (("development", 6_000, [9, 0, 0, 3, 0]), ("test", 1_000, [9, 2, 1, 1, 6])):
        data = open_dataset("fashion_mnist", tmp_path, split)  # type: ignore[arg-type]
        assert data.images.shape == (10 * each, facts.native_px, facts.native_px, facts.image_channels)
        assert np.bincount(data.labels).tolist() == [each] * facts.classes
        assert data.labels[:5].tolist() == first
        assert data.images.dtype == np.uint8
        assert data.images.max() == 255


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder in place of Debian's copy, and a mirror that refuses every connection."""
    empty = tmp_path / "debian"
    empty.mkdir()
    monkeypatch.setattr("scaling_search.data.dataset.DEBIAN_FASHION_MNIST", empty)
    monkeypatch.setattr(FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    return empty


def test_fashion_mnist_that_cannot_be_had_names_both_remedies(elsewhere: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_dataset("fashion_mnist", tmp_path / "root")
    assert str(tmp_path / "root") in caught.value.message
    assert str(elsewhere) in caught.value.message
    assert "internet" in caught.value.hint
    assert "apt-get install dataset-fashion-mnist" in caught.value.hint
    assert not list((tmp_path / "root").rglob("*.npy"))


@pytest.mark.parametrize("cut", [10, -9], ids=["header", "tail"])
def test_a_damaged_copy_of_fashion_mnist_is_an_error(elsewhere: Path, tmp_path: Path, cut: int) -> None:
    for file in DEBIAN_FASHION_MNIST.glob("*-labels-*.gz"):
        (elsewhere / file.name).write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DataError):
        open_dataset("fashion_mnist", tmp_path / "root")


def test_an_incomplete_copy_of_fashion_mnist_is_an_error(elsewhere: Path, tmp_path: Path) -> None:
    for file in DEBIAN_FASHION_MNIST.glob("*-labels-*.gz"):
        (elsewhere / file.name).write_bytes(file.read_bytes())
    with pytest.raises(DataError):
        open_dataset("fashion_mnist", tmp_path / "root")
