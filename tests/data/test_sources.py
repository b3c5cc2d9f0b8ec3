"""Where datasets come from: torchvision's sets, folders of images, NumPy arrays; what is missing, damaged or not as said."""

from __future__ import annotations

import bz2
import hashlib
import json
import pickle
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat
from torchvision import datasets as torchvision_datasets
from torchvision.datasets import CIFAR10, CIFAR100, STL10, SVHN, FakeData
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.data import streaming as stream
from scaling_search.data.array_cache import Images, Labels, cached, default_test_split
from scaling_search.data.batches import Batches, Moments, load_splits, moments
from scaling_search.data.catalog import DATASETS, resolve
from scaling_search.data.check import check
from scaling_search.data.dataset import Dataset, open_dataset
from scaling_search.data.image_folder import decode
from scaling_search.data.torchvision_sets import WITHOUT_TEST_SPLIT, damaged_files, obtain, to_arrays
from scaling_search.errors import DataError, InputError, SpecError
from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.records import EpochResult
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.study_file import parse
from scaling_search.training.proxy_run import train

CPU = torch.device("cpu")
RANDOM = np.random.default_rng(0)
NO_DEBIAN = Path("/nonexistent")
HAND = "by hand"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Every test has its own user's cache folder, and no network: a proxy that refuses every connection."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    for scheme in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    return tmp_path / "home" / "scaling_search"


def _pixels(*shape: int) -> Images:
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


# names and facts


def test_a_torchvision_class_is_another_name_of_its_set() -> None:
    assert resolve("torchvision:CIFAR10") == "cifar10"
    assert ProxySpec(dataset="torchvision:SVHN") == ProxySpec(dataset="svhn")
    assert resolve("numpy") == "numpy"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("torchvision:Food101", "differ in size"),
        ("torchvision:VOCDetection", "no classification set"),
        ("torchvision:Omniglot", "test classes"),
        ("torchvision:Nonsense", "no classification set"),
        ("torchvision:", "no classification set"),
        ("Cifar10", "unknown dataset"),
    ],
)
def test_other_names_are_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(SpecError, match=why) as caught:
        parse(f"name: x\nproxy: {{dataset: '{name}'}}\n")
    assert "proxy.dataset" in caught.value.message
    assert "cifar10" in caught.value.message.lower()
    with pytest.raises(InputError, match=why):
        open_dataset(name)


def test_every_set_names_a_class_of_torchvision_and_the_files_it_wants() -> None:
    for facts in DATASETS.values():
        if facts.torchvision:
            assert hasattr(torchvision_datasets, facts.torchvision)
            assert facts.files
            assert facts.native_px


@pytest.mark.parametrize(("n", "test"), [(1_797, 360), (1_593, 319), (27_000, 5_400), (5, 1), (6, 2)])
def test_a_fifth_is_held_out_where_there_is_no_test_split(n: int, test: int) -> None:
    parts = [default_test_split(n, "development"), default_test_split(n, "test")]
    assert [len(part) for part in parts] == [n - test, test]
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert np.array_equal(parts[1], default_test_split(n, "test"))


# planning without the data


@pytest.mark.parametrize(
    ("proxy", "classes", "channels", "px"),
    [
        ("dataset: cifar100", 100, 3, 32),
        ("dataset: emnist", 47, 1, 28),
        ("dataset: image_folder", 1000, 3, 320),
        ("dataset: image_folder, classes: 7, channels: 1, stored_px: 64", 7, 1, 64),
        ("dataset: numpy", 10, 3, None),
        ("dataset: numpy, classes: 4, channels: 5", 4, 5, None),
    ],
)
def test_a_plan_takes_classes_and_channels_from_the_spec(
    proxy: str, classes: int, channels: int, px: int | None
) -> None:
    spec = parse(f"name: x\nproxy: {{{proxy}, root: /nowhere}}\n")
    base = spec.base_architecture()
    assert (base.classes, base.image_channels, spec.proxy.native_px) == (classes, channels, px)


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("dataset: cifar10, channels: 1", ["channels (1)", "cifar10 has 3"]),
        ("dataset: cifar100, classes: 10", ["classes (10)", "cifar100 has 100"]),
        ("dataset: image_folder, channels: 4", ["channels (4)", "1 channel (grey) or 3 (RGB)"]),
        ("dataset: svhn, train_size: 70000", ["75000", "svhn", "73257"]),
        ("dataset: numpy, channels: 0", ["proxy.channels"]),
        ("dataset: image_folder, cache_gb: -1", ["proxy.cache_gb"]),
        ("dataset: image_folder, stored_px: 2", ["proxy.stored_px"]),
        ("dataset: image_folder, workers: -1", ["proxy.workers"]),
    ],
)
def test_what_is_known_to_be_wrong_is_said_at_once(proxy: str, words: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(f"name: x\nproxy: {{{proxy}}}\n")
    assert all(word in caught.value.message for word in words)


# what is made once


def test_one_process_decodes_while_others_wait(tmp_path: Path) -> None:
    calls = list[int]()

    def make() -> tuple[Images, Labels]:
        calls.append(1)
        time.sleep(0.2)
        return _pixels(3, 2, 2, 1), np.arange(3)

    def open_it(_: int) -> Images:
        return cached("it", tmp_path / "cache" / "it", tmp_path / "lock", make, "no remedy")[0]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(open_it, range(4)))
    assert len(calls) == 1
    assert all(np.array_equal(images, found[0]) for images in found)


def test_what_a_killed_process_left_is_swept_and_never_read(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    for name in ("digits-development.npy.7.tmp", "digits-development-labels.npy.7.tmp"):
        (tmp_path / "cache" / name).write_bytes(b"half")
    assert len(open_dataset("digits", tmp_path).labels) == 1_437
    assert not list((tmp_path / "cache").glob("*.tmp"))


# torchvision's sets


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
    assert HAND in caught.value.hint
    assert not list(root.rglob("*.npy"))


def _write_idx(file: Path, values: Any, kind: int = 8) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    sizes = b"".join(struct.pack(">I", n) for n in values.shape)
    file.write_bytes(bytes([0, 0, kind, values.ndim]) + sizes + values.tobytes())


def _idx_set(raw: Path, prefix: dict[str, str], images: Images, labels: Any) -> None:
    for part in prefix.values():
        _write_idx(raw / f"{part}-images-idx3-ubyte", images)
        _write_idx(raw / f"{part}-labels-idx1-ubyte", labels)


@pytest.mark.parametrize("kind", ["MNIST", "KMNIST", "FashionMNIST"])
def test_idx_files_put_there_by_hand_are_read(kind: str, tmp_path: Path) -> None:
    train, test = _pixels(30, 28, 28), _pixels(20, 28, 28)
    labels = np.arange(30, dtype=np.uint8) % 10
    raw = tmp_path / kind / "raw"
    _idx_set(raw, {"": "train"}, train, labels)
    _idx_set(raw, {"": "t10k"}, test, labels[:20])
    found, held = (open_dataset(f"torchvision:{kind}", tmp_path, split) for split in ("development", "test"))
    assert np.array_equal(np.asarray(found.images)[..., 0], train)
    assert np.array_equal(np.asarray(held.images)[..., 0], test)
    assert found.labels.tolist() == labels.tolist()


def test_emnist_is_turned_upright(tmp_path: Path) -> None:
    images, labels = _pixels(47, 28, 28), np.arange(47, dtype=np.uint8)
    for split in ("byclass", "bymerge", "balanced", "letters", "digits", "mnist"):
        parts = {part: f"emnist-{split}-{part}" for part in ("train", "test")}
        _idx_set(tmp_path / "EMNIST" / "raw", parts, images, labels)
    found = open_dataset("emnist", tmp_path)
    assert np.array_equal(np.asarray(found.images)[..., 0], images.transpose(0, 2, 1))
    found.agree(47, 1)


def test_qmnist_labels_are_the_digits(tmp_path: Path) -> None:
    labels = np.zeros((12, 8), ">i4")
    labels[:, 0] = np.arange(12) % 10
    labels[:, 1:] = 99  # who wrote it, and where
    for part in ("train", "test"):
        raw = tmp_path / "QMNIST" / "raw"
        _write_idx(raw / f"qmnist-{part}-images-idx3-ubyte", _pixels(12, 28, 28))
        _write_idx(raw / f"qmnist-{part}-labels-idx2-int", labels, kind=12)
    found = open_dataset("qmnist", tmp_path)
    assert found.labels.tolist() == (np.arange(12) % 10).tolist()


@pytest.mark.parametrize("file", ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
@pytest.mark.parametrize("size", [0, 6, -1])
def test_a_damaged_idx_file_is_named(file: str, size: int, tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    _idx_set(raw, {"": "train", "t": "t10k"}, _pixels(20, 28, 28), np.arange(20, dtype=np.uint8) % 10)
    (raw / file).write_bytes((raw / file).read_bytes()[:size])
    with pytest.raises(DataError, match=file) as caught:
        open_dataset("mnist", tmp_path)
    assert "t10k" not in caught.value.message
    assert "delete" in caught.value.hint


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (_pixels(5, 27, 28), np.zeros(5, np.uint8), "27, 28"),
        (_pixels(5, 28, 28), np.zeros(4, np.uint8), r"labels \(4,\)"),
        (_pixels(5, 28, 28), np.full(5, 10, np.uint8), "labels from 10 to 10; it has 10 classes"),
        (_pixels(0, 28, 28), np.zeros(0, np.uint8), "mnist"),
    ],
    ids=["other px", "fewer labels", "label out of range", "empty"],
)
def test_files_of_another_set_are_refused(images: Images, labels: Any, words: str, tmp_path: Path) -> None:
    _idx_set(tmp_path / "MNIST" / "raw", {"": "train", "t": "t10k"}, images, labels)
    with pytest.raises(DataError, match=words) as caught:
        open_dataset("mnist", tmp_path)
    assert str(tmp_path) in caught.value.message


def test_usps_is_read_from_its_text_files(tmp_path: Path) -> None:
    values = np.linspace(-1, 1, 256)
    line = " ".join(f"{i + 1}:{v:.4f}" for i, v in enumerate(values))
    for file, n in (("usps.bz2", 20), ("usps.t.bz2", 10)):
        (tmp_path / file).write_bytes(bz2.compress("".join(f"{i % 10 + 1} {line}\n" for i in range(n)).encode()))
    found, test = open_dataset("usps", tmp_path), open_dataset("usps", tmp_path, "test")
    assert (found.images.shape, test.images.shape) == ((20, 16, 16, 1), (10, 16, 16, 1))
    assert found.labels.tolist() == [i % 10 for i in range(20)]
    assert np.asarray(found.images)[0].ravel()[[0, -1]].tolist() == [0, 255]


def test_eurosat_is_read_from_its_folders_and_a_fifth_held_out(tmp_path: Path) -> None:
    for c in range(10):
        _save_images(tmp_path / "eurosat" / "2750" / f"class{c}", [_pixels(64, 64, 3)] * 2, "png")
    found, test = open_dataset("eurosat", tmp_path), open_dataset("eurosat", tmp_path, "test")
    assert (found.images.shape, test.images.shape) == ((16, 64, 64, 3), (4, 64, 64, 3))
    assert "eurosat" in WITHOUT_TEST_SPLIT


def test_a_damaged_image_of_a_set_is_named(tmp_path: Path) -> None:
    for c in range(10):
        _save_images(tmp_path / "eurosat" / "2750" / f"class{c}", [_pixels(64, 64, 3)], "png")
    bad = next((tmp_path / "eurosat" / "2750" / "class3").iterdir())
    bad.write_bytes(bad.read_bytes()[:60])
    with pytest.raises(DataError, match=str(bad)):
        open_dataset("eurosat", tmp_path)


def _md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()


@pytest.fixture
def small_cifar(tmp_path: Path) -> Callable[[type], tuple[type, Images, list[int]]]:
    """A set in CIFAR's format with its own checksums, as CIFAR-100 is one: twelve images that torchvision reads."""

    def make(base: type) -> tuple[type, Images, list[int]]:
        images, labels, key = _pixels(12, 32, 32, 3), [i % 10 for i in range(12)], getattr(base, "meta")["key"]  # noqa: B009
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
    kind, images, labels = small_cifar(base)
    found, its = to_arrays(obtain(name, kind, tmp_path, "development", NO_DEBIAN), 3)
    assert np.array_equal(found, images)
    assert its.tolist() == labels


def test_a_damaged_cifar_file_is_named(
    small_cifar: Callable[[type], tuple[type, Images, list[int]]], tmp_path: Path
) -> None:
    kind, _, _ = small_cifar(CIFAR10)
    file = tmp_path / "cifar-10-batches-py" / "small_test"
    raw = bytearray(file.read_bytes())
    raw[1_000] ^= 1
    file.write_bytes(raw)
    with pytest.raises(DataError, match=f"damaged: {file}\n"):
        obtain("cifar10", kind, tmp_path, "development", NO_DEBIAN)


def test_svhn_files_become_images_with_channels_last(tmp_path: Path) -> None:
    images = _pixels(6, 32, 32, 3)
    savemat(tmp_path / "small.mat", {"X": images.transpose(1, 2, 3, 0), "y": np.array([[10, 1, 2, 3, 9, 10]]).T})
    split = {"train": ["", "small.mat", _md5(tmp_path / "small.mat")]}
    kind = type("SmallSvhn", (SVHN,), {"split_list": split})
    found, labels = to_arrays(obtain("svhn", kind, tmp_path, "development", NO_DEBIAN), 3)
    assert np.array_equal(found, images)
    assert labels.tolist() == [0, 1, 2, 3, 9, 0]
    (tmp_path / "small.mat").write_bytes(b"MATLAB")
    assert damaged_files(kind, tmp_path) == [tmp_path / "small.mat"]


def test_stl10_files_become_images_with_channels_last(tmp_path: Path) -> None:
    images, folder = _pixels(4, 96, 96, 3), tmp_path / "stl10_binary"
    folder.mkdir()
    (folder / "train_X.bin").write_bytes(images.transpose(0, 3, 2, 1).tobytes())
    (folder / "train_y.bin").write_bytes(bytes([1, 2, 10, 1]))
    for file in ("class_names.txt", "fold_indices.txt"):
        (folder / file).write_text("")
    sums = [[f.name, _md5(f)] for f in (folder / "train_X.bin", folder / "train_y.bin", folder / "class_names.txt")]
    kind = type("SmallStl", (STL10,), {"train_list": sums, "test_list": []})
    found, labels = to_arrays(obtain("stl10", kind, tmp_path, "development", NO_DEBIAN), 3)
    assert np.array_equal(found, images)
    assert labels.tolist() == [0, 1, 9, 0]


def test_sets_of_pillow_images_become_arrays() -> None:
    data = FakeData(size=5, image_size=(3, 6, 7), num_classes=4)
    images, labels = to_arrays(data, 3)
    assert images.shape == (5, 6, 7, 3)
    assert np.array_equal(images[2], np.asarray(data[2][0]))
    assert labels.tolist() == [data[i][1] for i in range(5)]


# folders of images


def _save_images(folder: Path, images: list[Images], suffix: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{i:03d}.{suffix}")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Thirty pictures of three classes, of many sizes, as PNG and JPEG."""
    root = tmp_path / "pictures"
    for c in range(3):
        sizes = [(int(h), int(w), 3) for h, w in RANDOM.integers(10, 30, (10, 2))]
        _save_images(root / f"class{c}", [_pixels(*size) // 2 + 60 * c for size in sizes[:7]], "png")
        _save_images(root / f"class{c}" / "more", [_pixels(*size) for size in sizes[7:]], "jpg")
    return root


def _folder(root: Path, **changes: Any) -> ProxySpec:
    """A study's proxy over it: 24 images are outside the test split."""
    values = {"train_size": 16, "validation_size": 8, "batch_size": 4, "classes": 3, "stored_px": 12, **changes}
    return ProxySpec(dataset="image_folder", root=str(root), **values)


def test_a_folder_is_listed_by_class_and_a_fifth_held_out(pictures: Path) -> None:
    found, test = (open_dataset("image_folder", pictures, split, 12) for split in ("development", "test"))
    assert found.images.shape == (30, 12, 12, 3)
    assert found.labels.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert found.rows is not None
    assert test.rows is not None
    assert sorted([*found.rows, *test.rows]) == list(range(30))
    assert len(test.rows) == 6
    train, validation = found.splits(16, 8, 0)
    assert not {*train, *validation} & set(test.rows)
    assert [a.tolist() for a in found.splits(16, 8, 0)] == [train.tolist(), validation.tolist()]
    with pytest.raises(DataError, match="has 24 images outside its test split"):
        found.splits(17, 8, 0)


@pytest.mark.parametrize("name", ["test", "val"])
def test_a_test_folder_is_the_test_split(pictures: Path, name: str) -> None:
    for part in ("train", name):
        (pictures.parent / "whole" / part).parent.mkdir(exist_ok=True)
        (pictures.parent / "whole" / part).symlink_to(pictures)
    whole = pictures.parent / "whole"
    found, test = open_dataset("image_folder", whole), open_dataset("image_folder", whole, "test")
    assert (len(found.splits(20, 10, 0)[0]), found.rows, test.rows) == (20, None, None)
    (whole / name).unlink()
    _save_images(whole / name / "class9", [_pixels(9, 9, 3)], "png")
    with pytest.raises(DataError, match="other classes"):
        open_dataset("image_folder", whole, "test")


def test_classes_named_like_splits_are_classes(tmp_path: Path) -> None:
    for name in ("train", "test", "bus"):
        _save_images(tmp_path / name, [_pixels(9, 9, 3)], "png")
    assert open_dataset("image_folder", tmp_path).labels.tolist() == [0, 1, 2]


def test_an_image_is_resized_on_its_short_side_and_cropped(tmp_path: Path) -> None:
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200  # the middle third
    Image.fromarray(wide).save(tmp_path / "wide.png")
    Image.fromarray(wide.transpose(1, 0, 2)).save(tmp_path / "high.png")
    for name in ("wide.png", "high.png"):
        for px in (10, 20, 50):
            image = decode(str(tmp_path / name), px, 3)
            assert image.shape == (px, px, 3)
            assert abs(image.astype(int)[px // 10 : -px // 10, px // 10 : -px // 10] - 200).max() <= 1
    assert np.array_equal(decode(str(tmp_path / "wide.png"), 20, 3), wide[:, 20:40])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_images_of_any_mode_have_the_channels_asked_for(mode: str, tmp_path: Path) -> None:
    suffix = "jpg" if mode == "CMYK" else "png"
    image = Image.fromarray(np.full((8, 9, 3), 255, np.uint8)).convert(mode)
    image.save(tmp_path / f"x.{suffix}")
    for channels in (1, 3):
        found = decode(str(tmp_path / f"x.{suffix}"), 6, channels)
        assert found.shape == (6, 6, channels)
        assert found.min() >= 254


def test_images_of_sixteen_bits_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 40_000, np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(DataError, match=r"deep\.png.* 8 bits"):
        decode(str(tmp_path / "deep.png"), 8, 1)


def _epoch(data: Batches, seed: int = 0) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """One epoch's batches as a run takes them."""
    random, n = np.random.default_rng(seed), len(data)
    order, shifts = torch.from_numpy(random.permutation(n)), torch.from_numpy(random.integers(0, 5, (n, 2)))
    return list(data.training(order, shifts, torch.from_numpy(random.random(n) < 0.5), 2, 4))


def _equal(a: list[tuple[torch.Tensor, torch.Tensor]], b: list[tuple[torch.Tensor, torch.Tensor]]) -> bool:
    return all(torch.equal(x, u) and torch.equal(y, v) for (x, y), (u, v) in zip(a, b, strict=True))


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_streamed_and_kept_images_give_the_same_bits(pictures: Path, home: Path, workers: int) -> None:
    kept = load_splits(_folder(pictures).data_request(), 9, CPU)
    streamed = load_splits(_folder(pictures, cache_gb=0, workers=workers).data_request(), 9, CPU)
    assert isinstance(kept[0].images, torch.Tensor)
    assert isinstance(streamed[0].images, stream.FolderImages)
    for a, b in zip(kept, streamed, strict=True):
        assert _equal(_epoch(a), _epoch(b))
        assert _equal(list(a.in_order(5)), list(b.in_order(5)))
    assert len(list((home / "cache").glob("image_folder-*.npy"))) == 1


def test_batches_ahead_are_those_taken_one_by_one(pictures: Path) -> None:
    data, _ = load_splits(_folder(pictures, cache_gb=0).data_request(), 9, CPU)
    order = torch.arange(len(data)).flip(0)
    shifts, flips = torch.arange(2 * len(data)).view(-1, 2) % 5, order % 2 == 0
    for i, (x, y) in enumerate(data.training(order, shifts, flips, 2, 5)):
        picks = order[5 * i : 5 * i + 5]
        u, v = data.augmented(picks, shifts[picks], flips[picks], 2)
        assert torch.equal(x, u)
        assert torch.equal(y, v)
    assert i == len(data) // 5 - 1
    whole = torch.cat([x for x, _ in data.in_order(7)])
    assert torch.equal(whole, data.plain(slice(None))[0])


def test_a_run_on_a_folder_is_the_same_streamed_kept_and_resumed(pictures: Path, tmp_path: Path) -> None:
    net = scale(replace(B0, stages=B0.stages[:2], head=16, classes=3), width=0.25, resolution=9)

    def bits(run: Iterator[EpochResult]) -> list[tuple[float, float, float]]:
        return [(e.train_loss, e.validation_loss, e.accuracy) for e in run]

    recipe = {"epochs": 3, "dropout": 0.2, "stochastic_depth": 0.2}  # which draw from torch's own generator
    kept, streamed = _folder(pictures, **recipe), _folder(pictures, **recipe, cache_gb=0, workers=2)
    whole = bits(train(net, 0, kept))
    stopped = train(net, 0, streamed, tmp_path / "run.pt")
    assert next(stopped).train_loss == whole[0][0]
    stopped.close()  # type: ignore[attr-defined]
    assert bits(train(net, 0, streamed, tmp_path / "run.pt")) == whole


def test_images_are_decoded_once_until_the_folder_changes(pictures: Path, home: Path) -> None:
    load_splits(_folder(pictures).data_request(), 9, CPU)
    (file,) = (home / "cache").glob("*.npy")
    written = file.stat().st_mtime_ns
    load_splits(_folder(pictures, batch_size=8).data_request(), 12, CPU)
    assert [f.stat().st_mtime_ns for f in (home / "cache").glob("*.npy")] == [written]
    _save_images(pictures / "class0", [_pixels(11, 11, 3)], "png")
    load_splits(_folder(pictures).data_request(), 9, CPU)
    load_splits(_folder(pictures, stored_px=10).data_request(), 9, CPU)
    assert len(list((home / "cache").glob("*.npy"))) == 3
    assert not list((home / "cache").glob("*.tmp"))


def test_many_images_are_decoded_by_worker_processes(
    pictures: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "CHUNK", 2)
    monkeypatch.setattr(stream, "cores", lambda: 2)
    found = open_dataset("image_folder", pictures, "development", 12)
    assert isinstance(found.images, stream.FolderImages)
    kept = stream.kept(found.images, 1)
    assert kept is not None
    one_by_one = np.stack([decode(file, 12, 3) for file in found.images.files])
    assert np.array_equal(kept, one_by_one)


@pytest.mark.parametrize("cache_gb", [0, 8])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_picture_is_named_by_the_run(pictures: Path, home: Path, cache_gb: float, workers: int) -> None:
    for bad in (pictures / "class1").glob("*.png"):
        bad.write_bytes(bad.read_bytes()[:50])
    with pytest.raises(DataError, match=r"cannot read the image .*class1/00\d\.png") as caught:
        load_splits(_folder(pictures, cache_gb=cache_gb, workers=workers).data_request(), 9, CPU)
    assert "worker process" not in str(caught.value)
    assert not list(home.rglob("*.npy"))


def test_a_damaged_file_of_decoded_images_is_named(pictures: Path, home: Path) -> None:
    load_splits(_folder(pictures).data_request(), 9, CPU)
    (file,) = (home / "cache").glob("*.npy")
    for content in (file.read_bytes()[:-1], b"no array", b""):
        file.write_bytes(content)
        with pytest.raises(DataError, match=str(file)) as caught:
            load_splits(_folder(pictures).data_request(), 9, CPU)
        assert "delete that file" in caught.value.hint


def test_a_cache_that_cannot_be_written_names_the_way_without(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="cannot keep the decoded images") as caught:
        load_splits(_folder(pictures).data_request(), 9, CPU)
    assert "proxy.cache_gb: 0" in caught.value.hint
    load_splits(_folder(pictures, cache_gb=0).data_request(), 9, CPU)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: None, "No such file"),
        (lambda root: root.mkdir(), "any class folder"),
        (lambda root: (root / "empty").mkdir(parents=True), "no valid file for the classes empty"),
        (lambda root: root.touch(), "Not a directory"),
    ],
    ids=["nothing", "empty", "no images", "a file"],
)
def test_a_folder_without_images_says_where_it_looked(make: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root)
    with pytest.raises(DataError, match=words) as caught:
        open_dataset("image_folder", root)
    assert str(root) in caught.value.message
    assert "subfolder" in caught.value.hint


def test_datasets_of_the_users_files_need_a_root() -> None:
    for name in ("image_folder", "numpy"):
        with pytest.raises(DataError, match=r"proxy\.root is not given"):
            open_dataset(name)
        with pytest.raises(DataError, match=r"null|nothing at"):
            open_dataset(name, "a\0b")


# NumPy arrays


@pytest.fixture(params=["folder", "npz"])
def save(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    """Saves arrays either way, and says where."""

    def _save(**arrays: Any) -> Path:
        if request.param == "npz":
            np.savez(tmp_path / "data.npz", **arrays)
            return tmp_path / "data.npz"
        (tmp_path / "arrays").mkdir(exist_ok=True)
        for name, array in arrays.items():
            np.save(tmp_path / "arrays" / f"{name}.npy", array)
        return tmp_path / "arrays"

    return _save


@pytest.mark.parametrize("shape", [(20, 7, 9), (20, 7, 9, 1), (20, 8, 8, 5)])
def test_arrays_are_read_as_they_are(save: Callable[..., Path], shape: tuple[int, ...]) -> None:
    images, labels = _pixels(*shape), np.arange(20, dtype=np.int32) % 4
    root = save(images=images, labels=labels)
    found, test = open_dataset("numpy", root), open_dataset("numpy", root, "test")
    assert isinstance(found.images, np.memmap)
    assert np.array_equal(found.images, images if len(shape) == 4 else images[..., None])
    assert found.labels.tolist() == labels.tolist()
    assert found.rows is not None
    assert test.rows is not None
    assert sorted([*found.rows, *test.rows]) == list(range(20))
    found.agree(4, found.images.shape[3])
    size = {"train_size": 10, "validation_size": 6, "batch_size": 5, "classes": 4, "channels": found.images.shape[3]}
    data, _ = load_splits(ProxySpec(dataset="numpy", root=str(root), **size).data_request(), 6, CPU)
    assert _epoch(data)[0][0].shape == (4, found.images.shape[3], 6, 6)


def test_test_arrays_are_the_test_split(save: Callable[..., Path]) -> None:
    images, others = _pixels(6, 4, 4), _pixels(3, 4, 4)
    root = save(images=images, labels=np.arange(6) % 2, test_images=others, test_labels=np.array([1, 0, 1]))
    found, test = open_dataset("numpy", root), open_dataset("numpy", root, "test")
    assert (found.rows, test.rows) == (None, None)
    assert np.array_equal(np.asarray(test.images)[..., 0], others)
    assert np.array_equal(np.asarray(found.images)[..., 0], images)
    assert (len(found.splits(4, 2, 0)[0]), test.labels.tolist()) == (4, [1, 0, 1])


def test_changed_arrays_are_read_anew(save: Callable[..., Path]) -> None:
    for value in (1, 2):
        root = save(images=np.full((5, 4, 4), value, np.uint8), labels=np.arange(5) + value)
        found = open_dataset("numpy", root)
        assert int(found.images[0].max()) == value
        assert found.labels[0] == value


BAD_ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "fractions": ({"images": np.zeros((4, 3, 3)), "labels": np.arange(4)}, "float64; uint8 is needed"),
    "wide integers": ({"images": np.zeros((4, 3, 3), np.int64), "labels": np.arange(4)}, "int64; uint8 is needed"),
    "flat": ({"images": np.zeros((4, 9), np.uint8), "labels": np.arange(4)}, r"shape is \(4, 9\)"),
    "empty": ({"images": np.zeros((0, 3, 3), np.uint8), "labels": np.arange(0)}, r"shape is \(0, 3, 3, 1\)"),
    "channels first": ({"images": np.zeros((4, 3, 32, 32), np.uint8), "labels": np.arange(4)}, "has 32 channels"),
    "fewer labels": ({"images": np.zeros((4, 3, 3), np.uint8), "labels": np.arange(3)}, r"integers \(4,\) are needed"),
    "one-hot": ({"images": np.zeros((4, 3, 3), np.uint8), "labels": np.eye(4, dtype=int)}, r"integers \(4,\)"),
    "words": ({"images": np.zeros((4, 3, 3), np.uint8), "labels": np.array(["a"] * 4)}, r"integers \(4,\)"),
    "objects": ({"images": np.zeros((4, 3, 3), np.uint8), "labels": np.array([None] * 4)}, "Object arrays"),
    "no labels": ({"images": np.zeros((4, 3, 3), np.uint8)}, "labels"),
    "no test labels": (
        {"images": np.zeros((4, 3, 3), np.uint8), "labels": np.arange(4), "test_images": np.zeros((4, 3, 3), np.uint8)},
        "test_labels",
    ),
}


@pytest.mark.parametrize(("arrays", "words"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_arrays_of_another_form_are_refused(save: Callable[..., Path], arrays: dict[str, Any], words: str) -> None:
    root = save(**arrays)
    with pytest.raises(DataError, match=words) as caught:
        open_dataset("numpy", root, "test" if "test_images" in arrays else "development")
    assert str(root) in caught.value.message
    assert caught.value.hint
    if arrays["images"].ndim == 4:
        assert "transpose" in caught.value.hint


@pytest.mark.parametrize("cut", [0, 20, -1], ids=["empty", "header", "tail"])
@pytest.mark.parametrize("name", ["images.npy", "labels.npy"])
def test_a_damaged_array_file_is_named(name: str, cut: int, tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", _pixels(5, 4, 4))
    np.save(tmp_path / "labels.npy", np.arange(5))
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut])
    with pytest.raises(DataError, match=name):
        open_dataset("numpy", tmp_path)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "a lone array"])
def test_a_damaged_npz_is_named(damage: str, tmp_path: Path, home: Path) -> None:
    file = tmp_path / "data.npz"
    np.savez(file, images=_pixels(5, 4, 4), labels=np.arange(5))
    raw = bytearray(file.read_bytes())
    raw[raw.index(b"NUMPY") + 130] ^= 255
    changed = {"empty": b"", "cut": bytes(raw[: len(raw) // 2]), "flipped": bytes(raw), "text": b"hello"}
    if damage == "a lone array":
        np.save(tmp_path / "lone.npy", np.arange(5))
        (tmp_path / "lone.npy").rename(file)
    else:
        file.write_bytes(changed[damage])
    with pytest.raises(DataError, match=str(file)):
        open_dataset("numpy", file)
    assert not list(home.rglob("*.npy"))


def test_arrays_that_are_not_there_say_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing at .*none\.npz") as caught:
        open_dataset("numpy", tmp_path / "none.npz")
    assert "images.npy" in caught.value.hint
    with pytest.raises(DataError, match=f"there is no {tmp_path / 'images.npy'}"):
        open_dataset("numpy", tmp_path)


# the data against the study


@pytest.mark.parametrize(
    ("labels", "classes", "channels", "words", "hint"),
    [
        ([0, 1, 2], 3, 3, ["1 channels", "says 3"], "proxy.channels: 1"),
        ([0, 1, 2], 5, 1, ["3 classes", "says 5"], "proxy.classes: 3"),
        ([0, 1, 2], 2, 1, ["0 to 2", "2 classes"], "proxy.classes: 3"),
        ([1, 2, 3], 3, 1, ["1 to 3", "3 classes"], "from 0"),
        ([-1, 0, 1], 3, 1, ["-1 to 1", "3 classes"], "from 0"),
        ([0, 2, 2], 3, 1, ["2 classes", "says 3"], "from 0 on"),
    ],
)
def test_data_that_is_not_as_the_study_says_is_refused(
    labels: list[int], classes: int, channels: int, words: list[str], hint: str
) -> None:
    dataset = Dataset("numpy", _pixels(3, 4, 4, 1), np.array(labels))
    dataset.agree(max(labels) + 1, 1) if sorted(set(labels)) == list(range(len(labels))) else None
    with pytest.raises(DataError) as caught:
        dataset.agree(classes, channels)
    assert all(word in caught.value.message for word in words)
    assert hint in caught.value.hint


def test_a_run_opens_only_data_that_is_as_its_study_says(pictures: Path, digits_root: Path) -> None:
    with pytest.raises(DataError, match="images of 3 classes; the study says 4"):
        load_splits(_folder(pictures, classes=4).data_request(), 9, CPU)
    sizes = {"train_size": 100, "validation_size": 100}
    with pytest.raises(DataError, match="images of 10 classes; the study says 12"):
        load_splits(ProxySpec(dataset="digits", root=str(digits_root), classes=12, **sizes).data_request(), 8, CPU)


def test_moments_are_exact_however_they_are_taken(pictures: Path) -> None:
    found = open_dataset("image_folder", pictures, "development", 12)
    rows = np.arange(30)
    assert isinstance(found.images, stream.FolderImages)
    (whole,) = found.images.batches([rows], 0)
    scale = moments(found.images, rows, workers=1)
    assert scale == moments(whole.numpy(), rows[::-1])
    assert scale.mean == pytest.approx(whole.double().mean((0, 1, 2)) / 255)
    assert scale.deviation == pytest.approx(whole.double().std((0, 1, 2), correction=0) / 255)
    assert moments(np.full((3, 2, 2, 1), 77, np.uint8), rows[:3]) == Moments((77 / 255,), (1e-8,))


# data check


@pytest.fixture
def said() -> Callable[..., tuple[int, str]]:
    """Runs `data check` and gives its exit code and output; a DataError counts as the 1 that `main` makes of it."""

    def run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["data", "check", *map(str, arguments)])
        if isinstance(done.exception, DataError | InputError):
            return done.exception.exit_code, done.stdout + str(done.exception)
        assert done.exception is None
        return done.exit_code, done.stdout

    return run


def test_check_finds_what_is_in_a_set(digits_root: Path, said: Callable[..., tuple[int, str]]) -> None:
    code, text = said("digits", "--root", digits_root, "--json")
    found = json.loads(text)
    assert code == 0
    assert (found["images"], found["px"], found["channels"], found["classes"]) == (1_437, [8, 8], 1, 10)
    assert found["smallest_class"] <= 143 <= found["largest_class"]
    assert found["mean"] == pytest.approx([0.305], abs=0.005)
    code, text = said("digits", "--root", digits_root)
    assert (code, "images: 1437" in text, "channels: 1" in text) == (0, True, True)


def test_check_finds_what_is_in_a_folder(pictures: Path, said: Callable[..., tuple[int, str]]) -> None:
    found = json.loads(said("image_folder", "--root", pictures, "--json")[1])
    assert (found["images"], found["classes"], found["channels"], found["corrupt"]) == (24, 3, 3, [])
    assert found["class_names"] == ["class0", "class1", "class2"]
    assert 10 <= found["shortest_side"][0] <= found["shortest_side"][1] < 30
    assert len(found["mean"]) == 3
    for file in pictures.rglob("*.*g"):
        Image.open(file).convert("L").save(file)
    grey = check("image_folder", pictures)
    assert (grey["channels"], grey["grey"], len(grey["mean"])) == (1, 24, 1)


def test_check_names_every_damaged_file(
    pictures: Path, said: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = sorted((pictures / "class1").glob("*.png")) + sorted((pictures / "class2" / "more").glob("*.jpg"))
    for file in bad:
        file.write_bytes(file.read_bytes()[:100])
    monkeypatch.setattr("scaling_search.data.check.FEW", 3)  # in worker processes, too
    code, text = said("image_folder", "--root", pictures, "--json")
    found = json.loads(text[: text.rindex("}") + 1])
    named = {entry["file"] for entry in found["corrupt"]}
    assert code == 1
    assert named <= set(map(str, bad))
    assert f"{len(named)} of 24 images cannot be read" in text
    test = open_dataset("image_folder", pictures, "test")
    assert isinstance(test.images, stream.FolderImages)
    assert test.rows is not None
    assert set(map(str, bad)) - named == set(map(str, bad)) & {test.images.files[i] for i in test.rows}
    code, text = said("image_folder", "--root", pictures)
    assert code == 1
    assert all(file in text for file in named)


def test_check_judges_a_study(pictures: Path, tmp_path: Path, said: Callable[..., tuple[int, str]]) -> None:
    study = tmp_path / "study.yaml"
    text = "name: x\nproxy: {{dataset: image_folder, root: {}, classes: {}, train_size: 16, validation_size: {}, batch_size: 4}}\n"
    study.write_text(text.format(pictures, 3, 8))
    found = json.loads(said(study, "--json")[1])
    assert (found["px"], found["kept"]) == ([320, 320], True)
    assert found["decoded_gb"] == pytest.approx(24 * 320 * 320 * 3 / 1e9)
    study.write_text(text.format(pictures, 5, 8))
    assert "images of 3 classes; the study says 5" in said(study)[1]
    study.write_text(text.format(pictures, 3, 9))
    assert "has 24 images outside its test split" in said(study)[1]


def test_check_refuses_names_it_does_not_know(said: Callable[..., tuple[int, str]]) -> None:
    code, text = said("torchvision:Kitti")
    assert (code, "no classification set" in text) == (2, True)
    code, text = said("nonsense")
    assert (code, "no dataset 'nonsense'" in text) == (2, True)
