"""The sets that torchvision reads, and the digits: files in each format, missing files and damaged ones."""

from __future__ import annotations

import bz2
import hashlib
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat
from torchvision.datasets import CIFAR10, CIFAR100, STL10, SVHN, FakeData

from scaling_search.data.array_cache import Images
from scaling_search.data.catalog import DATASETS
from scaling_search.data.dataset import open_dataset
from scaling_search.data.torchvision_sets import WITHOUT_TEST_SPLIT, damaged_files, open_or_download, to_arrays
from scaling_search.errors import DataError
from tests.support.images import idx_bytes, random_images, save_images

pytestmark = pytest.mark.usefixtures("user_cache")

NO_DEBIAN = Path("/nonexistent")


@pytest.mark.parametrize("name", [n for n, facts in DATASETS.items() if facts.torchvision and n != "fashion_mnist"])
def test_a_set_that_cannot_be_had_names_both_remedies(name: str, tmp_path: Path) -> None:
    """The real download is tried; it fails here as it does for anyone without a network."""
    root = tmp_path / "root"
    with pytest.raises(DataError) as caught:
        open_dataset(name, root)
    assert name in caught.value.message
    assert str(root) in caught.value.message
    assert "download failed" in caught.value.message
    assert "\n" not in caught.value.message
    assert "connect to the internet" in caught.value.hint
    assert DATASETS[name].files in caught.value.hint
    assert "by hand" in caught.value.hint
    assert not list(root.rglob("*.npy"))


def _write_idx_set(raw: Path, prefixes: Sequence[str], images: Images, labels: Any) -> None:
    raw.mkdir(parents=True, exist_ok=True)
    for prefix in prefixes:
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))


@pytest.mark.parametrize("kind", ["MNIST", "KMNIST", "FashionMNIST"])
def test_idx_files_put_there_by_hand_are_read(kind: str, tmp_path: Path) -> None:
    train, test = random_images(30, 28, 28), random_images(20, 28, 28)
    labels = np.arange(30, dtype=np.uint8) % 10
    raw = tmp_path / kind / "raw"
    _write_idx_set(raw, ["train"], train, labels)
    _write_idx_set(raw, ["t10k"], test, labels[:20])
    development, held_out = (open_dataset(f"torchvision:{kind}", tmp_path, split) for split in ("development", "test"))
    assert np.array_equal(np.asarray(development.images)[..., 0], train)
    assert np.array_equal(np.asarray(held_out.images)[..., 0], test)
    assert development.labels.tolist() == labels.tolist()


def test_emnist_is_turned_upright(tmp_path: Path) -> None:
    images, labels = random_images(47, 28, 28), np.arange(47, dtype=np.uint8)
    for split in ("byclass", "bymerge", "balanced", "letters", "digits", "mnist"):
        parts = [f"emnist-{split}-{part}" for part in ("train", "test")]
        _write_idx_set(tmp_path / "EMNIST" / "raw", parts, images, labels)
    development = open_dataset("emnist", tmp_path)
    assert np.array_equal(np.asarray(development.images)[..., 0], images.transpose(0, 2, 1))
    development.check_matches(47, 1)


def test_qmnist_labels_are_the_digits(tmp_path: Path) -> None:
    labels = np.zeros((12, 8), ">i4")
    labels[:, 0] = np.arange(12) % 10
    labels[:, 1:] = 99  # the writer and further columns
    raw = tmp_path / "QMNIST" / "raw"
    raw.mkdir(parents=True)
    for part in ("train", "test"):
        (raw / f"qmnist-{part}-images-idx3-ubyte").write_bytes(idx_bytes(random_images(12, 28, 28)))
        (raw / f"qmnist-{part}-labels-idx2-int").write_bytes(idx_bytes(labels, kind=12))
    development = open_dataset("qmnist", tmp_path)
    assert development.labels.tolist() == (np.arange(12) % 10).tolist()


@pytest.mark.parametrize("file", ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
@pytest.mark.parametrize("size", [0, 6, -1])
def test_a_damaged_idx_file_is_named(file: str, size: int, tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    _write_idx_set(raw, ["train", "t10k"], random_images(20, 28, 28), np.arange(20, dtype=np.uint8) % 10)
    (raw / file).write_bytes((raw / file).read_bytes()[:size])
    with pytest.raises(DataError, match=file) as caught:
        open_dataset("mnist", tmp_path)
    assert "t10k" not in caught.value.message
    assert "delete" in caught.value.hint


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (random_images(5, 27, 28), np.zeros(5, np.uint8), "27, 28"),
        (random_images(5, 28, 28), np.zeros(4, np.uint8), r"labels \(4,\)"),
        (random_images(5, 28, 28), np.full(5, 10, np.uint8), "labels from 10 to 10; it has 10 classes"),
        (random_images(0, 28, 28), np.zeros(0, np.uint8), "mnist"),
    ],
    ids=["other px", "fewer labels", "label out of range", "empty"],
)
def test_files_of_another_set_are_refused(images: Images, labels: Any, words: str, tmp_path: Path) -> None:
    _write_idx_set(tmp_path / "MNIST" / "raw", ["train", "t10k"], images, labels)
    with pytest.raises(DataError, match=words) as caught:
        open_dataset("mnist", tmp_path)
    assert str(tmp_path) in caught.value.message


def test_usps_is_read_from_its_text_files(tmp_path: Path) -> None:
    values = np.linspace(-1, 1, 256)
    line = " ".join(f"{i + 1}:{v:.4f}" for i, v in enumerate(values))
    for file, n in (("usps.bz2", 20), ("usps.t.bz2", 10)):
        (tmp_path / file).write_bytes(bz2.compress("".join(f"{i % 10 + 1} {line}\n" for i in range(n)).encode()))
    development, test = open_dataset("usps", tmp_path), open_dataset("usps", tmp_path, "test")
    assert (development.images.shape, test.images.shape) == ((20, 16, 16, 1), (10, 16, 16, 1))
    assert development.labels.tolist() == [i % 10 for i in range(20)]
    assert np.asarray(development.images)[0].ravel()[[0, -1]].tolist() == [0, 255]


def test_eurosat_is_read_from_its_folders_and_a_fifth_held_out(tmp_path: Path) -> None:
    for c in range(10):
        save_images(tmp_path / "eurosat" / "2750" / f"class{c}", [random_images(64, 64, 3)] * 2, "png")
    development, test = open_dataset("eurosat", tmp_path), open_dataset("eurosat", tmp_path, "test")
    assert (development.images.shape, test.images.shape) == ((16, 64, 64, 3), (4, 64, 64, 3))
    assert "eurosat" in WITHOUT_TEST_SPLIT


def test_a_damaged_image_of_a_set_is_named(tmp_path: Path) -> None:
    for c in range(10):
        save_images(tmp_path / "eurosat" / "2750" / f"class{c}", [random_images(64, 64, 3)], "png")
    bad = next((tmp_path / "eurosat" / "2750" / "class3").iterdir())
    bad.write_bytes(bad.read_bytes()[:60])
    with pytest.raises(DataError, match=str(bad)):
        open_dataset("eurosat", tmp_path)


def _md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()


@pytest.fixture
def small_cifar(tmp_path: Path) -> Callable[[type], tuple[type, Images, list[int]]]:
    """Makes a set of twelve images in the format of CIFAR with checksums of its own, which torchvision reads."""

    def make(base: type) -> tuple[type, Images, list[int]]:
        images, labels, key = random_images(12, 32, 32, 3), [i % 10 for i in range(12)], getattr(base, "meta")["key"]  # noqa: B009
        name = "fine_labels" if base is CIFAR100 else "labels"
        folder = tmp_path / getattr(base, "base_folder")  # noqa: B009
        folder.mkdir()
        for file in ("small_train", "small_test"):
            entry = {"data": images.transpose(0, 3, 1, 2).reshape(12, -1), name: labels}
            (folder / file).write_bytes(pickle.dumps(entry))
        (folder / "small_meta").write_bytes(pickle.dumps({key: [str(i) for i in range(10)]}))
        meta = {"filename": "small_meta", "key": key, "md5": _md5(folder / "small_meta")}
        train, test = ([[file, _md5(folder / file)]] for file in ("small_train", "small_test"))
        return type("SmallCifar", (base,), {"train_list": train, "test_list": test, "meta": meta}), images, labels

    return make


@pytest.mark.parametrize(("name", "base"), [("cifar10", CIFAR10), ("cifar100", CIFAR100)])
def test_cifar_files_become_images_with_channels_last(
    name: str, base: type, small_cifar: Callable[[type], tuple[type, Images, list[int]]], tmp_path: Path
) -> None:
    dataset_class, images, labels = small_cifar(base)
    read_images, read_labels = to_arrays(open_or_download(name, dataset_class, tmp_path, "development", NO_DEBIAN), 3)
    assert np.array_equal(read_images, images)
    assert read_labels.tolist() == labels


def test_a_damaged_cifar_file_is_named(
    small_cifar: Callable[[type], tuple[type, Images, list[int]]], tmp_path: Path
) -> None:
    dataset_class, _, _ = small_cifar(CIFAR10)
    file = tmp_path / "cifar-10-batches-py" / "small_test"
    raw = bytearray(file.read_bytes())
    raw[1_000] ^= 1
    file.write_bytes(raw)
    with pytest.raises(DataError, match=f"damaged: {file}\n"):
        open_or_download("cifar10", dataset_class, tmp_path, "development", NO_DEBIAN)


def test_svhn_files_become_images_with_channels_last(tmp_path: Path) -> None:
    images = random_images(6, 32, 32, 3)
    savemat(tmp_path / "small.mat", {"X": images.transpose(1, 2, 3, 0), "y": np.array([[10, 1, 2, 3, 9, 10]]).T})
    split = {"train": ["", "small.mat", _md5(tmp_path / "small.mat")]}
    dataset_class = type("SmallSvhn", (SVHN,), {"split_list": split})
    read_images, labels = to_arrays(open_or_download("svhn", dataset_class, tmp_path, "development", NO_DEBIAN), 3)
    assert np.array_equal(read_images, images)
    assert labels.tolist() == [0, 1, 2, 3, 9, 0]
    (tmp_path / "small.mat").write_bytes(b"MATLAB")
    assert damaged_files(dataset_class, tmp_path) == [tmp_path / "small.mat"]


def test_stl10_files_become_images_with_channels_last(tmp_path: Path) -> None:
    images, folder = random_images(4, 96, 96, 3), tmp_path / "stl10_binary"
    folder.mkdir()
    (folder / "train_X.bin").write_bytes(images.transpose(0, 3, 2, 1).tobytes())
    (folder / "train_y.bin").write_bytes(bytes([1, 2, 10, 1]))
    for file in ("class_names.txt", "fold_indices.txt"):
        (folder / file).write_text("")
    sums = [[f.name, _md5(f)] for f in (folder / "train_X.bin", folder / "train_y.bin", folder / "class_names.txt")]
    dataset_class = type("SmallStl", (STL10,), {"train_list": sums, "test_list": []})
    read_images, labels = to_arrays(open_or_download("stl10", dataset_class, tmp_path, "development", NO_DEBIAN), 3)
    assert np.array_equal(read_images, images)
    assert labels.tolist() == [0, 1, 9, 0]


def test_sets_of_pillow_images_become_arrays() -> None:
    data = FakeData(size=5, image_size=(3, 6, 7), num_classes=4)
    images, labels = to_arrays(data, 3)
    assert images.shape == (5, 6, 7, 3)
    assert np.array_equal(images[2], np.asarray(data[2][0]))
    assert labels.tolist() == [data[i][1] for i in range(5)]
