"""Batches of a split: normalised, resized, shifted and mirrored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from scaling_search.data import streaming
from scaling_search.data.batches import Batches, Moments, moments
from scaling_search.data.dataset import Dataset, open_dataset

CPU = torch.device("cpu")


CROP = 2


UNIT = Moments((0.0,), (1 / 255,))
"""Leaves pixel values as they are stored."""


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
    return next(data.training(torch.arange(n), shifts, torch.full((n,), flip), CROP, n))[0]


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


def test_moments_are_exact_however_they_are_taken(pictures: Path) -> None:
    dataset = open_dataset("image_folder", pictures, "development", 12)
    rows = np.arange(30)
    assert isinstance(dataset.images, streaming.FolderImages)
    (whole,) = dataset.images.batches([rows], 0)
    scale = moments(dataset.images, rows, workers=1)
    assert scale == moments(whole.numpy(), rows[::-1])
    assert scale.mean == pytest.approx(whole.double().mean((0, 1, 2)) / 255)
    assert scale.deviation == pytest.approx(whole.double().std((0, 1, 2), correction=0) / 255)
    assert moments(np.full((3, 2, 2, 1), 77, np.uint8), rows[:3]) == Moments((77 / 255,), (1e-8,))


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
    shifts, flips, picks = torch.full((6, 2), CROP), torch.arange(6) == 1, torch.tensor([3, 4, 1])
    shifts[4, 0] += 1
    x, y = next(data.training(picks, shifts, flips, CROP, 3))
    plain = data.plain(picks)
    assert torch.equal(x[0], plain[0][0])
    assert torch.equal(x[1, :, :-1], plain[0][1, :, 1:])
    assert torch.equal(x[2], plain[0][2].flip(-1))
    assert torch.equal(y, plain[1])
