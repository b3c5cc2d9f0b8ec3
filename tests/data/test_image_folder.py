"""Folders of images: which files are listed, and how one is decoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scaling_search.data.dataset import open_dataset
from scaling_search.data.image_folder import decode
from scaling_search.errors import DataError
from tests.support.images import random_images, save_images

pytestmark = pytest.mark.usefixtures("user_cache")


def test_a_folder_is_listed_by_class_and_a_fifth_held_out(pictures: Path) -> None:
    development, test = (open_dataset("image_folder", pictures, split, 12) for split in ("development", "test"))
    assert development.images.shape == (30, 12, 12, 3)
    assert development.labels.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert development.rows is not None
    assert test.rows is not None
    assert sorted([*development.rows, *test.rows]) == list(range(30))
    assert len(test.rows) == 6
    train, validation = development.splits(16, 8, 0)
    assert not {*train, *validation} & set(test.rows)
    assert [a.tolist() for a in development.splits(16, 8, 0)] == [train.tolist(), validation.tolist()]
    with pytest.raises(DataError, match="has 24 images outside its test split"):
        development.splits(17, 8, 0)


@pytest.mark.parametrize("name", ["test", "val"])
def test_a_test_folder_is_the_test_split(pictures: Path, name: str) -> None:
    for part in ("train", name):
        (pictures.parent / "root" / part).parent.mkdir(exist_ok=True)
        (pictures.parent / "root" / part).symlink_to(pictures)
    root = pictures.parent / "root"
    development, test = open_dataset("image_folder", root), open_dataset("image_folder", root, "test")
    assert (len(development.splits(20, 10, 0)[0]), development.rows, test.rows) == (20, None, None)
    (root / name).unlink()
    save_images(root / name / "class9", [random_images(9, 9, 3)], "png")
    with pytest.raises(DataError, match="different classes"):
        open_dataset("image_folder", root, "test")


def test_classes_named_like_splits_are_classes(tmp_path: Path) -> None:
    for name in ("train", "test", "bus"):
        save_images(tmp_path / name, [random_images(9, 9, 3)], "png")
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
        decoded = decode(str(tmp_path / f"x.{suffix}"), 6, channels)
        assert decoded.shape == (6, 6, channels)
        assert decoded.min() >= 254


def test_images_of_sixteen_bits_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 40_000, np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(DataError, match=r"deep\.png.* 8 bits"):
        decode(str(tmp_path / "deep.png"), 8, 1)


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
