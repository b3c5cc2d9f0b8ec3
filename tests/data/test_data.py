"""Datasets: where they come from, their cache, their splits, and what a batch is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torchvision.datasets import FashionMNIST

from scaling_search.data.array_cache import Images
from scaling_search.data.batches import Batches, Moments, moments
from scaling_search.data.catalog import DATASETS
from scaling_search.data.dataset import DEBIAN_FASHION_MNIST, Dataset, open_dataset
from scaling_search.errors import DataError
from scaling_search.paths import cache_folder

CPU = torch.device("cpu")
CROP = 2
UNIT = Moments((0.0,), (1 / 255,))
"""Leaves pixel values as they are stored."""


@pytest.fixture(scope="module")
def digits(digits_root: Path) -> Dataset:
    return open_dataset("digits", digits_root)


def _counted(images: Images) -> Counter[bytes]:
    return Counter(image.tobytes() for image in images)


# splits


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


def test_labels_stay_with_their_images(digits: Dataset) -> None:
    whole = load_digits()
    images = (whole.images * 255 / 16).round().astype(np.uint8)
    label = {image.tobytes(): int(n) for image, n in zip(images, whole.target, strict=True)}
    assert [label[i.tobytes()] for i in digits.images] == digits.labels.tolist()


# the cache


def test_cache_is_written_once_and_mapped(tmp_path: Path) -> None:
    first = open_dataset("digits", tmp_path)
    files = sorted((tmp_path / "cache").iterdir())
    assert [f.name for f in files] == ["digits-development-labels.npy", "digits-development.npy"]
    written = [f.stat().st_ino for f in files]
    again = open_dataset("digits", tmp_path)
    assert [f.stat().st_ino for f in files] == written
    assert isinstance(first.images, np.memmap)
    assert str(first.images.filename) == str(files[1])
    assert np.array_equal(first.images, again.images)


def test_writing_to_a_mapped_image_leaves_the_cache_alone(tmp_path: Path) -> None:
    open_dataset("digits", tmp_path).images[:] = 7
    assert open_dataset("digits", tmp_path).images.max() == 255


@pytest.mark.parametrize(
    "content",
    [b"", b"no array", b"PK\x03\x04 no zip", "half", "header", "other"],
    ids=["empty", "other bytes", "zip-like", "truncated", "damaged header", "another length"],
)
@pytest.mark.parametrize("which", ["digits-development.npy", "digits-development-labels.npy"])
def test_a_damaged_cache_is_named(tmp_path: Path, which: str, content: bytes | str) -> None:
    open_dataset("digits", tmp_path)
    file = tmp_path / "cache" / which
    raw = file.read_bytes()
    if content == "other":
        np.save(file, np.load(file)[:100])
    else:
        texts = {"half": raw[: len(raw) // 2], "header": raw[:11] + b"(((((" + raw[16:]}
        file.write_bytes(content if isinstance(content, bytes) else texts[content])
    with pytest.raises(DataError, match=r"cached copy of digits is damaged") as caught:
        open_dataset("digits", tmp_path)
    assert str(tmp_path / "cache") in caught.value.message
    assert "delete" in caught.value.hint


def test_half_a_cache_is_never_taken_for_a_whole_one(tmp_path: Path) -> None:
    open_dataset("digits", tmp_path)
    (tmp_path / "cache" / "digits-development-labels.npy").unlink()
    assert len(open_dataset("digits", tmp_path).labels) == 1_437
    (tmp_path / "cache" / "digits-development.npy").unlink()
    with pytest.raises(DataError, match="damaged"):
        open_dataset("digits", tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DataError, match="cannot prepare digits") as caught:
        open_dataset("digits", file)
    assert "proxy.root" in caught.value.hint


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


# Fashion-MNIST


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


# batches


def _random_images(height: int = 9, width: int = 9, channels: int = 1) -> Dataset:
    random = np.random.default_rng(0)
    images = random.integers(1, 256, (6, height, width, channels), dtype=np.uint8)
    return Dataset("random", images, np.arange(6) % 3)


def _batches(dataset: Dataset, px: int, scale: Moments = UNIT) -> Batches:
    return Batches(dataset, np.arange(len(dataset.labels))[::-1].copy(), px, scale, CPU)


def _augmented(data: Batches, rows: int, columns: int, flip: bool) -> torch.Tensor:
    """All images moved alike: up by ``rows`` and left by ``columns`` px."""
    n = len(data)
    shifts = torch.tensor([[CROP + rows, CROP + columns]]).expand(n, 2)
    return data.augmented(torch.arange(n), shifts, torch.full((n,), flip), CROP)[0]


def test_plain_batches_hold_the_picked_images_and_labels() -> None:
    dataset = _random_images()
    data = _batches(dataset, 9)
    x, y = data.plain(torch.tensor([0, 4]))
    assert torch.equal(x[:, 0], torch.from_numpy(dataset.images[[5, 1], :, :, 0]).float())
    assert y.tolist() == dataset.labels[[5, 1]].tolist()
    assert torch.equal(data.plain(slice(2, 4))[0], data.plain(torch.tensor([2, 3]))[0])
    assert len(data) == 6


def test_batches_are_channels_last_floats_at_the_asked_px() -> None:
    data = _batches(_random_images(channels=3), 14, Moments((0.5,) * 3, (0.25,) * 3))
    for x in (data.plain(slice(0, 4))[0], _augmented(data, 1, 0, True)):
        assert x.shape[1:] == (3, 14, 14)
        assert x.dtype == torch.float32
        assert x.is_contiguous(memory_format=torch.channels_last)


def test_training_images_are_normalised_by_their_own_moments(digits: Dataset) -> None:
    train, validation = digits.splits(500, 400, seed=0)
    scale = moments(digits.images, train)
    assert scale.mean == pytest.approx((digits.images[train].mean() / 255,))
    assert scale.deviation == pytest.approx((digits.images[train].std() / 255,), rel=1e-6)
    x, _ = Batches(digits, train, 8, scale, CPU).plain(slice(None))
    assert x.mean().item() == pytest.approx(0, abs=1e-5)
    assert x.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    other, _ = Batches(digits, validation, 8, scale, CPU).plain(slice(None))
    assert abs(other.mean().item()) > 1e-4


def test_moments_are_of_each_channel() -> None:
    images = np.stack([np.full((2, 4, 4), v, np.uint8) for v in (0, 51, 255)], axis=-1)
    scale = moments(images, np.arange(2))
    assert scale.mean == pytest.approx((0, 0.2, 1))
    assert scale.deviation == pytest.approx((0, 0, 0), abs=1e-6)
    assert min(scale.deviation) > 0


def test_no_shift_and_no_flip_is_plain() -> None:
    data = _batches(_random_images(channels=3), 14, Moments((0.5,) * 3, (0.25,) * 3))
    assert torch.equal(_augmented(data, 0, 0, False), data.plain(slice(None))[0])


def test_a_flip_mirrors() -> None:
    data = _batches(_random_images(), 9)
    assert torch.equal(_augmented(data, 0, 0, True), data.plain(slice(None))[0].flip(-1))


def test_oblong_images_shift_and_flip_before_they_are_resized() -> None:
    data = _batches(_random_images(height=5, width=8), 12)
    assert torch.equal(_augmented(data, 0, 0, False), data.plain(slice(None))[0])
    torch.testing.assert_close(_augmented(data, 0, 0, True), data.plain(slice(None))[0].flip(-1), rtol=0, atol=1e-3)


@pytest.mark.parametrize(("rows", "columns"), [(1, 0), (-2, 0), (0, 1), (0, -2), (2, -1)])
@pytest.mark.parametrize("flip", [False, True])
def test_a_shift_moves_by_whole_px_and_leaves_zeros(rows: int, columns: int, flip: bool) -> None:
    data = _batches(_random_images(), 9)
    plain = data.plain(slice(None))[0]
    expected = torch.zeros_like(plain)
    for i in range(9):
        for j in range(9):
            k = 8 - j if flip else j  # where the mirrored image's column comes from
            if 0 <= i + rows < 9 and 0 <= k + columns < 9:
                expected[..., i, j] = plain[..., i + rows, k + columns]
    assert torch.equal(_augmented(data, rows, columns, flip), expected)


def test_each_image_has_its_own_shift_and_flip() -> None:
    data = _batches(_random_images(), 9)
    shifts = torch.tensor([[CROP, CROP], [CROP + 1, CROP], [CROP, CROP]])
    x, y = data.augmented(torch.tensor([3, 3, 1]), shifts, torch.tensor([False, False, True]), CROP)
    plain = data.plain(torch.tensor([3, 3, 1]))
    assert torch.equal(x[0], plain[0][0])
    assert torch.equal(x[1, :, :-1], plain[0][1, :, 1:])
    assert torch.equal(x[2], plain[0][2].flip(-1))
    assert torch.equal(y, plain[1])
