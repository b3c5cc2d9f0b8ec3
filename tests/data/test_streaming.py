"""Images of a folder, decoded by worker processes or cached as one array: both give the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scaling_search.data import streaming
from scaling_search.data.batches import load_splits
from scaling_search.data.dataset import open_dataset
from scaling_search.data.image_folder import decode
from scaling_search.errors import DataError
from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.records import EpochResult
from scaling_search.training.proxy_run import train
from tests.support.images import epoch_batches, folder_proxy, random_images, save_images

pytestmark = pytest.mark.usefixtures("user_cache")

CPU = torch.device("cpu")


def _equal(a: list[tuple[torch.Tensor, torch.Tensor]], b: list[tuple[torch.Tensor, torch.Tensor]]) -> bool:
    return all(torch.equal(x, u) and torch.equal(y, v) for (x, y), (u, v) in zip(a, b, strict=True))


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_streamed_and_kept_images_give_the_same_bits(pictures: Path, user_cache: Path, workers: int) -> None:
    kept = load_splits(folder_proxy(pictures).data_request(), 9, CPU)
    streamed = load_splits(folder_proxy(pictures, cache_gb=0, workers=workers).data_request(), 9, CPU)
    assert isinstance(kept[0].images, torch.Tensor)
    assert isinstance(streamed[0].images, streaming.FolderImages)
    for a, b in zip(kept, streamed, strict=True):
        assert _equal(epoch_batches(a), epoch_batches(b))
        assert _equal(list(a.in_order(5)), list(b.in_order(5)))
    assert len(list((user_cache / "cache").glob("image_folder-*.npy"))) == 1


def test_batches_ahead_are_those_taken_one_by_one(pictures: Path) -> None:
    data, _ = load_splits(folder_proxy(pictures, cache_gb=0).data_request(), 9, CPU)
    order = torch.arange(len(data)).flip(0)
    shifts, flips = torch.arange(2 * len(data)).view(-1, 2) % 5, order % 2 == 0
    for i, (x, y) in enumerate(data.training(order, shifts, flips, 2, 5)):
        picks = order[5 * i : 5 * i + 5]
        u, v = next(data.training(picks, shifts, flips, 2, 5))
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
    kept, streamed = folder_proxy(pictures, **recipe), folder_proxy(pictures, **recipe, cache_gb=0, workers=2)
    whole = bits(train(net, 0, kept))
    stopped = train(net, 0, streamed, tmp_path / "run.pt")
    assert next(stopped).train_loss == whole[0][0]
    stopped.close()  # type: ignore[attr-defined]
    assert bits(train(net, 0, streamed, tmp_path / "run.pt")) == whole


def test_images_are_decoded_once_until_the_folder_changes(pictures: Path, user_cache: Path) -> None:
    load_splits(folder_proxy(pictures).data_request(), 9, CPU)
    (file,) = (user_cache / "cache").glob("*.npy")
    written = file.stat().st_mtime_ns
    load_splits(folder_proxy(pictures, batch_size=8).data_request(), 12, CPU)
    assert [f.stat().st_mtime_ns for f in (user_cache / "cache").glob("*.npy")] == [written]
    save_images(pictures / "class0", [random_images(11, 11, 3)], "png")
    load_splits(folder_proxy(pictures).data_request(), 9, CPU)
    load_splits(folder_proxy(pictures, stored_px=10).data_request(), 9, CPU)
    assert len(list((user_cache / "cache").glob("*.npy"))) == 3
    assert not list((user_cache / "cache").glob("*.tmp"))


def test_many_images_are_decoded_by_worker_processes(
    pictures: Path, user_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "CHUNK", 2)
    monkeypatch.setattr(streaming, "cores", lambda: 2)
    dataset = open_dataset("image_folder", pictures, "development", 12)
    assert isinstance(dataset.images, streaming.FolderImages)
    kept = streaming.decode_to_cache(dataset.images, 1)
    assert kept is not None
    one_by_one = np.stack([decode(file, 12, 3) for file in dataset.images.files])
    assert np.array_equal(kept, one_by_one)


@pytest.mark.parametrize("cache_gb", [0, 8])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_picture_is_named_by_the_run(pictures: Path, user_cache: Path, cache_gb: float, workers: int) -> None:
    for bad in (pictures / "class1").glob("*.png"):
        bad.write_bytes(bad.read_bytes()[:50])
    with pytest.raises(DataError, match=r"cannot read the image .*class1/00\d\.png") as caught:
        load_splits(folder_proxy(pictures, cache_gb=cache_gb, workers=workers).data_request(), 9, CPU)
    assert "worker process" not in str(caught.value)
    assert not list(user_cache.rglob("*.npy"))


def test_a_damaged_file_of_decoded_images_is_named(pictures: Path, user_cache: Path) -> None:
    load_splits(folder_proxy(pictures).data_request(), 9, CPU)
    (file,) = (user_cache / "cache").glob("*.npy")
    for content in (file.read_bytes()[:-1], b"no array", b""):
        file.write_bytes(content)
        with pytest.raises(DataError, match=str(file)) as caught:
            load_splits(folder_proxy(pictures).data_request(), 9, CPU)
        assert "delete that file" in caught.value.hint


def test_a_cache_that_cannot_be_written_names_the_way_without(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="cannot write the decoded images") as caught:
        load_splits(folder_proxy(pictures).data_request(), 9, CPU)
    assert "proxy.cache_gb: 0" in caught.value.hint
    load_splits(folder_proxy(pictures, cache_gb=0).data_request(), 9, CPU)
