"""Hugging Face's library as a source: datasets built here, saved in each of its forms, and read back; nothing is downloaded."""

from __future__ import annotations

import sys
from pathlib import Path

import datasets as hf
import numpy as np
import pytest
from PIL import Image

from scaling_search.data.check import check
from scaling_search.data.dataset import open_dataset
from scaling_search.data.huggingface import parse_name
from scaling_search.errors import DataError, SpecError
from scaling_search.spec.study_file import parse

CLASSES = ["cat", "dog", "owl"]


def _pixels(n: int, px: int, seed: int = 0) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return list(np.random.default_rng(seed).integers(0, 256, (n, px, px, 3), np.uint8))


def _dataset(n: int, px: int, image: str = "img", seed: int = 0) -> hf.Dataset:
    features = hf.Features({image: hf.Image(), "other": hf.Value("int64"), "kind": hf.ClassLabel(names=CLASSES)})
    rows = {
        image: [Image.fromarray(x) for x in _pixels(n, px, seed)],
        "other": [7] * n,
        "kind": [i % 3 for i in range(n)],
    }
    return hf.Dataset.from_dict(rows, features=features)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hf.config, "HF_HUB_OFFLINE", True)


def test_a_saved_dataset_is_read_with_its_own_test_split(tmp_path: Path) -> None:
    hf.DatasetDict({"train": _dataset(30, 12), "test": _dataset(9, 12, seed=1)}).save_to_disk(str(tmp_path / "saved"))
    development = open_dataset(f"huggingface:{tmp_path / 'saved'}", tmp_path / "root")
    assert development.images.shape == (30, 12, 12, 3)
    assert np.array_equal(development.images, np.stack(_pixels(30, 12)))
    assert development.labels.tolist() == [i % 3 for i in range(30)]
    test = open_dataset(f"huggingface:{tmp_path / 'saved'}", tmp_path / "root", "test")
    assert np.array_equal(test.images, np.stack(_pixels(9, 12, 1)))


def test_parquet_without_a_test_split_keeps_a_fifth_of_it_apart(tmp_path: Path) -> None:
    _dataset(30, 8).to_parquet(str(tmp_path / "some.parquet"))
    name = f"huggingface:{tmp_path / 'some.parquet'}"
    parts = [open_dataset(name, tmp_path / "root", split) for split in ("development", "test")]
    assert [len(p.labels) for p in parts] == [24, 6]
    whole = {x.tobytes() for x in _pixels(30, 8)}
    assert {x.tobytes() for p in parts for x in p.images} == whole


def test_images_of_several_sizes_become_one_and_grey_where_the_study_says(tmp_path: Path) -> None:
    mixed = [Image.fromarray(np.full((h, w, 3), 90, np.uint8)) for h, w in ((20, 30), (16, 16), (40, 24))]
    hf.Dataset.from_dict({"image": mixed, "label": [0, 1, 2]}).save_to_disk(str(tmp_path / "mixed"))
    name = f"huggingface:{tmp_path / 'mixed'}"
    development = open_dataset(name, tmp_path / "root", stored_px=12, channels=1)
    assert development.images.shape[1:] == (12, 12, 1)
    assert open_dataset(name, tmp_path / "root").images.shape[1:] == (16, 16, 3)


def test_columns_are_named_where_they_cannot_be_told(tmp_path: Path) -> None:
    two = _dataset(12, 8).add_column("again", [0, 1] * 6).cast_column("again", hf.ClassLabel(names=["no", "yes"]))
    two.save_to_disk(str(tmp_path / "two"))
    name = f"huggingface:{tmp_path / 'two'}"
    with pytest.raises(DataError, match="cannot tell the label column among img, other, kind, again") as caught:
        open_dataset(name, tmp_path / "root")
    assert caught.value.hint == f"name it: {name}?label=COLUMN"
    assert set(open_dataset(f"{name}?label=again", tmp_path / "root").labels.tolist()) == {0, 1}
    for option, words in (
        ("label=none", "no column 'none'"),
        ("colour=1", "unknown option 'colour'"),
        ("image=other", "is not an image"),
    ):
        with pytest.raises(DataError, match=words):
            open_dataset(
                f"{name}?label=again&{option}" if "label" not in option else f"{name}?{option}", tmp_path / "root"
            )


@pytest.mark.parametrize("where", ["/no/such/folder", "./neither"])
def test_a_path_that_is_not_there_says_what_to_give(where: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such dataset") as caught:
        open_dataset(f"huggingface:{where}", tmp_path)
    assert "save_to_disk" in caught.value.hint


def test_a_name_is_asked_of_the_hub_and_its_failure_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="huggingface:nobody/nothing cannot be read") as caught:
        open_dataset("huggingface:nobody/nothing", tmp_path)
    assert "connection" in caught.value.hint


def test_without_the_library_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError, match="needs Hugging Face's library") as caught:
        open_dataset("huggingface:some", tmp_path)
    assert caught.value.hint == "pip install 'scaling-search[huggingface]'"


def test_a_study_names_one_and_its_data_are_checked(tmp_path: Path) -> None:
    _dataset(60, 10).save_to_disk(str(tmp_path / "saved"))
    text = "name: s\nbase: {resolution: 8}\nproxy: {dataset: 'huggingface:%s', root: %s, classes: 3, train_size: 32, validation_size: 16, batch_size: 8}\n"
    spec = parse(text % (tmp_path / "saved", tmp_path / "root"))
    assert (spec.proxy.class_count, spec.proxy.channel_count, spec.proxy.native_px) == (3, 3, None)
    assert check(spec.proxy.dataset, spec.proxy.root, spec.proxy.data_request())["px"] == [10, 10]
    with pytest.raises(SpecError, match="no dataset given"):
        parse("name: s\nproxy: {dataset: 'huggingface:'}\n")
    with pytest.raises(SpecError, match="image files have 1 channel"):
        parse("name: s\nproxy: {dataset: 'huggingface:mnist', channels: 2}\n")


def test_options_follow_the_name() -> None:
    assert parse_name("huggingface:a/b?image=x&label=y&config=z") == (
        "a/b",
        {"image": "x", "label": "y", "config": "z"},
    )
