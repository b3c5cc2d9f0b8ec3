"""One proxy run: its schedule, its reproducibility to the bit, its checkpoints and its failures."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from scaling_search.data.batches import Batches, Moments
from scaling_search.data.dataset import Dataset
from scaling_search.errors import Diverged
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.records import EpochResult
from scaling_search.spec.proxy import ProxySpec
from scaling_search.training.build import build_model
from scaling_search.training.proxy_run import EVALUATION_BATCH, evaluate, learning_rate, make_optimizer, train

TINY = scale(
    replace(B0, stages=B0.stages[:3], head=64, classes=10, image_channels=1), width=0.25, resolution=8
).with_strides((1, 1, 1, 2))
"""Three stages of a quarter-width B0, five blocks; the last has kernels of 5 px on a map of 4 px."""

Bits = list[tuple[int, float, float, float, float]]


@pytest.fixture(scope="module")
def recipe(digits_root: Path) -> ProxySpec:
    """Three epochs of 256 digits, with every source of randomness switched on."""
    return ProxySpec(
        dataset="digits",
        root=str(digits_root),
        train_size=256,
        validation_size=128,
        epochs=3,
        batch_size=32,
        crop=1,
        dropout=0.1,
        stochastic_depth=0.2,
    )


@pytest.fixture(scope="module")
def whole(recipe: ProxySpec) -> Bits:
    """The curve of an uninterrupted run with seed 0."""
    return _bits(list(train(TINY, 0, recipe)))


def _bits(curve: list[EpochResult]) -> Bits:
    """All but the timings."""
    return [(e.epoch, e.train_loss, e.validation_loss, e.accuracy, e.learning_rate) for e in curve]


def _stopped(
    epochs: int, recipe: ProxySpec, checkpoint: Path, arch: Architecture = TINY, seed: int = 0
) -> list[EpochResult]:
    """What a run yields that is stopped after some epochs, leaving its checkpoint."""
    run = train(arch, seed, recipe, checkpoint)
    curve = [next(run) for _ in range(epochs)]
    run.close()  # type: ignore[attr-defined]
    return curve


# the schedule


@given(st.integers(3, 5_000), st.floats(0, 1, exclude_max=True), st.floats(1e-6, 10))
def test_the_rate_rises_to_its_peak_and_falls_to_zero(steps: int, warmup: float, peak: float) -> None:
    rates = [learning_rate(step, steps, peak, warmup) for step in range(steps)]
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(peak)
    assert min(rates) >= 0
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-9 * peak)


def test_the_rate_starts_low_and_peaks_where_warmup_ends() -> None:
    rates = [learning_rate(step, 1_000, 1.0, 0.3) for step in range(1_000)]
    assert 0 < rates[0] < 1e-4
    assert rates.index(max(rates)) == 300
    assert rates[150] == pytest.approx(0.5, abs=0.01)
    assert rates[650] == pytest.approx(0.5, abs=0.01)
    assert learning_rate(0, 1_000, 1.0, 0.0) == 1.0


def test_a_run_follows_the_schedule_over_all_its_epochs(recipe: ProxySpec, whole: Bits) -> None:
    steps = recipe.train_size // recipe.batch_size
    last = [learning_rate(steps * (e + 1) - 1, steps * 3, recipe.learning_rate, recipe.warmup) for e in range(3)]
    assert [rate for *_, rate in whole] == last
    assert last[-1] == 0


# what is trained


def test_only_weights_are_decayed(recipe: ProxySpec) -> None:
    net = build_model(TINY)
    groups = make_optimizer(net, recipe).param_groups
    decay = {id(p): group["weight_decay"] for group in groups for p in group["params"]}
    assert sum(len(group["params"]) for group in groups) == len(decay) == len(list(net.parameters()))
    seen = set()
    for module in net.modules():
        for name, parameter in module.named_parameters(recurse=False):
            decayed = isinstance(module, nn.Conv2d | nn.Linear) and name == "weight"
            assert decay[id(parameter)] == (recipe.weight_decay if decayed else 0), (module, name)
            seen.add((type(module).__name__, name))
    assert seen == {(m, n) for m in ("Conv2d", "BatchNorm2d", "Linear") for n in ("weight", "bias")}


class _Constant(nn.Module):
    """Says class 1 is e times as likely as any other."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.one_hot(torch.ones(len(x), dtype=torch.long), 4).float()


def test_evaluation_is_over_every_image_once() -> None:
    n = 2 * EVALUATION_BATCH + 17
    labels = np.arange(n) % 4
    dataset = Dataset("blank", np.zeros((n, 2, 2, 1), np.uint8), labels)
    net = _Constant()
    loss, accuracy = evaluate(net, Batches(dataset, np.arange(n), 2, Moments((0.0,), (1.0,)), torch.device("cpu")))
    assert accuracy == np.mean(labels == 1)
    assert loss == pytest.approx(math.log(math.e + 3) - accuracy)
    assert net.training


def test_a_run_learns(recipe: ProxySpec) -> None:
    longer = recipe.model_copy(update={"train_size": 1_000, "epochs": 6, "dropout": 0.0, "stochastic_depth": 0.0})
    curve = list(train(TINY, 0, longer))
    assert [e.epoch for e in curve] == list(range(6))
    assert curve[-1].train_loss < curve[0].train_loss
    assert curve[-1].accuracy > 0.6
    assert all(e.seconds > 0 and e.images_per_second > 0 for e in curve)


KNOBS: dict[str, Any] = {
    "split_seed": 1,
    "batch_size": 64,
    "learning_rate": 1e-3,
    "weight_decay": 0.5,
    "warmup": 0.1,
    "label_smoothing": 0.2,
    "dropout": 0.3,
    "stochastic_depth": 0.5,
    "flip": False,
    "crop": 2,
}


@pytest.mark.parametrize("knob", KNOBS)
def test_every_knob_of_the_recipe_reaches_the_training(recipe: ProxySpec, whole: Bits, knob: str) -> None:
    first = next(train(TINY, 0, recipe.model_copy(update={knob: KNOBS[knob]})))
    assert first.train_loss != whole[0][1]


def test_each_epoch_draws_anew(recipe: ProxySpec) -> None:
    """With a rate too small to change a weight, only order, shifts and flips tell one epoch from the next."""
    still = recipe.model_copy(update={"learning_rate": 1e-12, "dropout": 0.0, "stochastic_depth": 0.0})
    losses = [e.train_loss for e in train(TINY, 0, still)]
    assert len(set(losses)) == 3
    assert losses == pytest.approx([losses[0]] * 3, abs=0.1)


# reproducibility


def test_a_run_is_a_function_of_its_seed(recipe: ProxySpec, whole: Bits) -> None:
    torch.manual_seed(12345)  # what ran before in this process does not matter
    assert _bits(list(train(TINY, 0, recipe))) == whole
    assert _bits(list(train(TINY, 1, recipe))) != whole


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_resumed_run_gives_the_same_bits(recipe: ProxySpec, whole: Bits, tmp_path: Path, epochs: int) -> None:
    checkpoint = tmp_path / "run.pt"
    before = _stopped(epochs, recipe, checkpoint)
    torch.manual_seed(12345)
    resumed = list(train(TINY, 0, recipe, checkpoint))
    assert resumed[:epochs] == before  # timings too: they are told again, not trained again
    assert _bits(resumed) == whole


def test_a_finished_run_is_only_told_again(recipe: ProxySpec, tmp_path: Path) -> None:
    checkpoint = tmp_path / "run.pt"
    curve = _stopped(3, recipe, checkpoint)
    written = checkpoint.read_bytes()
    assert list(train(TINY, 0, recipe, checkpoint)) == curve
    assert checkpoint.read_bytes() == written
    assert list(tmp_path.iterdir()) == [checkpoint]


# checkpoints that are not to be believed


@pytest.mark.parametrize("damage", ["empty", "truncated", "first byte", "middle byte", "last byte", "appended"])
def test_a_damaged_checkpoint_is_ignored(recipe: ProxySpec, whole: Bits, tmp_path: Path, damage: str) -> None:
    checkpoint = tmp_path / "run.pt"
    before = _stopped(1, recipe, checkpoint)
    raw = bytearray(checkpoint.read_bytes())
    if damage.endswith("byte"):
        raw[{"first byte": 0, "middle byte": len(raw) // 2, "last byte": -1}[damage]] ^= 0x10
    elif damage == "appended":
        raw += b"\0"
    else:
        del raw[0 if damage == "empty" else len(raw) // 2 :]
    checkpoint.write_bytes(raw)
    again = list(train(TINY, 0, recipe, checkpoint))
    assert again[0] != before[0]  # trained again: its timings are new
    assert _bits(again) == whole
    assert list(train(TINY, 0, recipe, checkpoint)) == again  # and a good one was written over it


OTHERS: dict[str, dict[str, Any]] = {
    "seed": {"seed": 1},
    "network": {"arch": replace(TINY, head=72)},
    "rate": {"learning_rate": 1e-3},
    "epochs": {"epochs": 2},
    "split": {"split_seed": 1},
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_runs_checkpoint_is_ignored(recipe: ProxySpec, whole: Bits, tmp_path: Path, other: str) -> None:
    checkpoint = tmp_path / "run.pt"
    change = dict(OTHERS[other])
    arch, seed = change.pop("arch", TINY), change.pop("seed", 0)
    before = _stopped(1, recipe.model_copy(update=change), checkpoint, arch, seed)
    again = list(train(TINY, 0, recipe, checkpoint))
    assert again[0] != before[0]
    assert _bits(again) == whole


def test_moving_the_dataset_keeps_the_checkpoint(recipe: ProxySpec, tmp_path: Path) -> None:
    before = _stopped(1, recipe, tmp_path / "run.pt")
    moved = recipe.model_copy(update={"root": str(tmp_path / "elsewhere")})
    assert _stopped(1, moved, tmp_path / "run.pt") == before


def test_a_rate_that_diverges_is_named_with_its_epoch(recipe: ProxySpec, tmp_path: Path) -> None:
    checkpoint = tmp_path / "run.pt"
    with pytest.raises(Diverged) as caught:
        list(train(TINY, 0, recipe.model_copy(update={"learning_rate": 1e20}), checkpoint))
    assert "epoch 1 of 3" in caught.value.message
    assert "1e+20" in caught.value.hint
    assert "learning rate" in caught.value.message
    assert not checkpoint.exists()
