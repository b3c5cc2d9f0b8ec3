"""Fashion-MNIST: from Debian's package, downloaded, or missing."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import FashionMNIST

from scaling_search.data.array_cache import Split
from scaling_search.data.catalog import DATASETS
from scaling_search.data.dataset import open_dataset
from scaling_search.errors import DataError
from tests.support.images import idx_bytes


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
    monkeypatch.setattr("scaling_search.data.torchvision_sets.DEBIAN_FASHION_MNIST", empty)
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


@pytest.fixture
def debian_copy(elsewhere: Path) -> Path:
    """A small copy in the form of Debian's package: 20 training and 10 test images."""
    for prefix, n in (("train", 20), ("t10k", 10)):
        arrays = {"images-idx3": np.full((n, 28, 28), n, np.uint8), "labels-idx1": np.arange(n, dtype=np.uint8) % 10}
        for part, values in arrays.items():
            (elsewhere / f"{prefix}-{part}-ubyte.gz").write_bytes(gzip.compress(idx_bytes(values)))
    return elsewhere


@pytest.mark.usefixtures("debian_copy")
@pytest.mark.parametrize(("split", "n"), [("development", 20), ("test", 10)])
def test_a_copy_of_debians_is_unpacked_and_read(split: Split, n: int, tmp_path: Path) -> None:
    dataset = open_dataset("fashion_mnist", tmp_path / "root", split)
    assert np.array_equal(dataset.images, np.full((n, 28, 28, 1), n))
    assert dataset.labels.tolist() == [i % 10 for i in range(n)]


@pytest.mark.parametrize("cut", [10, -9], ids=["header", "tail"])
def test_a_damaged_copy_of_fashion_mnist_is_named(debian_copy: Path, tmp_path: Path, cut: int) -> None:
    damaged = debian_copy / "train-labels-idx1-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:cut])
    with pytest.raises(DataError, match=f"{damaged} is damaged") as caught:
        open_dataset("fashion_mnist", tmp_path / "root")
    assert "reinstall" in caught.value.hint


def test_an_incomplete_copy_of_fashion_mnist_is_an_error(debian_copy: Path, tmp_path: Path) -> None:
    (debian_copy / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError, match="its download failed"):
        open_dataset("fashion_mnist", tmp_path / "root")
