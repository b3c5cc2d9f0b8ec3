"""NumPy arrays as a dataset: an .npz file or a folder of .npy files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scaling_search.data.batches import load_splits
from scaling_search.data.dataset import open_dataset
from scaling_search.errors import DataError
from scaling_search.spec.proxy import ProxySpec
from tests.support.images import epoch_batches, random_images

pytestmark = pytest.mark.usefixtures("user_cache")

CPU = torch.device("cpu")


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
    images, labels = random_images(*shape), np.arange(20, dtype=np.int32) % 4
    root = save(images=images, labels=labels)
    development, test = open_dataset("numpy", root), open_dataset("numpy", root, "test")
    assert isinstance(development.images, np.memmap)
    assert np.array_equal(development.images, images if len(shape) == 4 else images[..., None])
    assert development.labels.tolist() == labels.tolist()
    assert development.rows is not None
    assert test.rows is not None
    assert sorted([*development.rows, *test.rows]) == list(range(20))
    development.check_matches(4, development.images.shape[3])
    size = {
        "train_size": 10,
        "validation_size": 6,
        "batch_size": 5,
        "classes": 4,
        "channels": development.images.shape[3],
    }
    data, _ = load_splits(ProxySpec(dataset="numpy", root=str(root), **size).data_request(), 6, CPU)
    assert epoch_batches(data)[0][0].shape == (4, development.images.shape[3], 6, 6)


def test_test_arrays_are_the_test_split(save: Callable[..., Path]) -> None:
    images, others = random_images(6, 4, 4), random_images(3, 4, 4)
    root = save(images=images, labels=np.arange(6) % 2, test_images=others, test_labels=np.array([1, 0, 1]))
    development, test = open_dataset("numpy", root), open_dataset("numpy", root, "test")
    assert (development.rows, test.rows) == (None, None)
    assert np.array_equal(np.asarray(test.images)[..., 0], others)
    assert np.array_equal(np.asarray(development.images)[..., 0], images)
    assert (len(development.splits(4, 2, 0)[0]), test.labels.tolist()) == (4, [1, 0, 1])


def test_changed_arrays_are_read_anew(save: Callable[..., Path]) -> None:
    for value in (1, 2):
        root = save(images=np.full((5, 4, 4), value, np.uint8), labels=np.arange(5) + value)
        development = open_dataset("numpy", root)
        assert int(development.images[0].max()) == value
        assert development.labels[0] == value


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
    np.save(tmp_path / "images.npy", random_images(5, 4, 4))
    np.save(tmp_path / "labels.npy", np.arange(5))
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut])
    with pytest.raises(DataError, match=name):
        open_dataset("numpy", tmp_path)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "a lone array"])
def test_a_damaged_npz_is_named(damage: str, tmp_path: Path, user_cache: Path) -> None:
    file = tmp_path / "data.npz"
    np.savez(file, images=random_images(5, 4, 4), labels=np.arange(5))
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
    assert not list(user_cache.rglob("*.npy"))


def test_arrays_that_are_not_there_say_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.npz does not exist") as caught:
        open_dataset("numpy", tmp_path / "none.npz")
    assert "images.npy" in caught.value.hint
    with pytest.raises(DataError, match=f"{tmp_path / 'images.npy'} does not exist"):
        open_dataset("numpy", tmp_path)
