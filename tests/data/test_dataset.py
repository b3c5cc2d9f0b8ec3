"""Datasets: the reader of each name, the fixed splits, and data that is not what the study says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from scaling_search.data.array_cache import Images
from scaling_search.data.batches import load_splits
from scaling_search.data.catalog import DATASETS
from scaling_search.data.dataset import Dataset, open_dataset
from scaling_search.errors import DataError
from scaling_search.paths import cache_folder
from scaling_search.spec.proxy import ProxySpec
from tests.support.images import folder_proxy, random_images

pytestmark = pytest.mark.usefixtures("user_cache")

CPU = torch.device("cpu")


def test_splits_are_disjoint_and_of_the_sizes_asked(digits: Dataset) -> None:
    train, validation = digits.splits(1_000, 437, seed=0)
    assert (len(train), len(validation)) == (1_000, 437)
    assert sorted([*train, *validation]) == list(range(1_437))


def test_splits_are_fixed_by_the_seed(digits: Dataset) -> None:
    first, again, other = (digits.splits(600, 300, seed) for seed in (3, 3, 4))
    for a, b, c in zip(first, again, other, strict=True):
        assert a.tolist() == b.tolist()
        assert set(a.tolist()) != set(c.tolist())


def test_more_images_than_there_are_is_an_error(digits: Dataset) -> None:
    with pytest.raises(DataError, match=r"digits has 1437 images .* 1000 \+ 438") as caught:
        digits.splits(1_000, 438, seed=0)
    assert "proxy.train_size" in caught.value.hint


def test_digits_test_split_and_the_rest_are_all_of_it_once(digits_root: Path, digits: Dataset) -> None:
    test = open_dataset("digits", digits_root, "test")
    facts, whole = DATASETS["digits"], load_digits()
    assert (len(digits.labels), len(test.labels)) == (facts.train_size, 360)
    assert digits.images.shape[1:] == (facts.native_px, facts.native_px, facts.image_channels)
    everything = (whole.images * 255 / 16).round().astype(np.uint8)
    assert _counted(digits.images) + _counted(test.images) == _counted(everything)
    assert Counter([*digits.labels, *test.labels]) == Counter(whole.target.tolist())
    assert digits.images.max() == 255


def _counted(images: Images) -> Counter[bytes]:
    return Counter(image.tobytes() for image in images)


def test_labels_stay_with_their_images(digits: Dataset) -> None:
    whole = load_digits()
    images = (whole.images * 255 / 16).round().astype(np.uint8)
    label = {image.tobytes(): int(n) for image, n in zip(images, whole.target, strict=True)}
    assert [label[i.tobytes()] for i in digits.images] == digits.labels.tolist()


def test_a_dataset_without_a_reader_names_those_that_have_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="image_folder") as caught:
        open_dataset("image_folder", tmp_path)
    assert "digits" in caught.value.hint


def test_default_root_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "scaling_search"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "scaling_search"


def test_datasets_of_the_users_files_need_a_root() -> None:
    for name in ("image_folder", "numpy"):
        with pytest.raises(DataError, match=r"proxy\.root is not given"):
            open_dataset(name)
        with pytest.raises(DataError, match=r"null|does not exist"):
            open_dataset(name, "a\0b")


@pytest.mark.parametrize(
    ("labels", "classes", "channels", "words", "hint"),
    [
        ([0, 1, 2], 3, 3, ["1 channels", "says 3"], "proxy.channels: 1"),
        ([0, 1, 2], 5, 1, ["3 classes", "says 5"], "proxy.classes: 3"),
        ([0, 1, 2], 2, 1, ["0 to 2", "2 classes"], "proxy.classes: 3"),
        ([1, 2, 3], 3, 1, ["1 to 3", "3 classes"], "from 0"),
        ([-1, 0, 1], 3, 1, ["-1 to 1", "3 classes"], "from 0"),
        ([0, 2, 2], 3, 1, ["2 classes", "says 3"], "from 0 without gaps"),
    ],
)
def test_data_that_is_not_as_the_study_says_is_refused(
    labels: list[int], classes: int, channels: int, words: list[str], hint: str
) -> None:
    dataset = Dataset("numpy", random_images(3, 4, 4, 1), np.array(labels))
    with pytest.raises(DataError) as caught:
        dataset.check_matches(classes, channels)
    assert all(word in caught.value.message for word in words)
    assert hint in caught.value.hint


def test_data_as_the_study_says_is_accepted() -> None:
    Dataset("numpy", random_images(3, 4, 4, 1), np.array([0, 1, 2])).check_matches(3, 1)


def test_a_run_opens_only_data_that_is_as_its_study_says(pictures: Path, digits_root: Path) -> None:
    with pytest.raises(DataError, match="images of 3 classes; the study says 4"):
        load_splits(folder_proxy(pictures, classes=4).data_request(), 9, CPU)
    sizes = {"train_size": 100, "validation_size": 100}
    with pytest.raises(DataError, match="images of 10 classes; the study says 12"):
        load_splits(ProxySpec(dataset="digits", root=str(digits_root), classes=12, **sizes).data_request(), 8, CPU)
