"""Class activation maps: the score rewards a map that shows what the network uses, on networks whose use is known."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import base_network
from scaling_search.report.gradcam_image import CELL, GAP, HEAD, overlay, png
from scaling_search.training.build import build_model
from scaling_search.training.gradcam import ArmMaps, activation_maps, areas, last_map, scores


class Corner(nn.Module):
    """Says class 1 the more surely, the brighter the upper left corner is."""

    def __init__(self) -> None:
        super().__init__()
        self.pick = nn.Conv2d(1, 2, 1, bias=False)
        nn.init.constant_(self.pick.weight, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        corner: Tensor = self.pick(x)[:, :, :4, :4].mean((2, 3))
        return corner * torch.tensor([-4.0, 4.0])


def _images(n: int = 3) -> tuple[Tensor, Tensor]:
    images = torch.full((n, 1, 12, 12), -1.0)
    images[:, :, :4, :4] = 2.0
    return images, torch.ones(n, dtype=torch.long)


def test_the_right_order_beats_a_wrong_one() -> None:
    images, labels = _images()
    inside = torch.zeros(3, 12, 12)
    inside[:, :4, :4] = 1
    best = inside.flatten(1).sort(dim=1, descending=True, stable=True).indices
    right, wrong = areas(Corner(), images, labels, best), areas(Corner(), images, labels, best.flip(1))
    assert (right[0] > wrong[0]).all()
    assert (right[1] < wrong[1]).all()
    assert right[0].shape == right[1].shape == (3,)
    assert all((values >= 0).all() and (values <= 1).all() for values in (*right, *wrong))


SLOW = [pytest.param(n, marks=pytest.mark.slow) for n in ("mobilenet_v2", "mobilenet_v3_large")]


@pytest.mark.parametrize("name", ["efficientnet_b0", "resnet18", *SLOW])
def test_every_kind_of_network_has_a_last_map_and_maps(name: str) -> None:
    arch: Architecture = scale(base_network(name, 5, 3).resized(64), 0.1, 0.25)
    torch.manual_seed(0)
    net, images = build_model(arch).eval(), torch.randn(2, 3, 64, 64)
    assert not list(last_map(net, images).children())
    made = activation_maps(net, images, torch.tensor([0, 3]))
    assert made.shape == (2, 64, 64)
    assert (made >= 0).all()
    assert (made <= 1).all()


def test_a_network_without_a_map_says_so() -> None:
    with pytest.raises(InputError, match="no feature map"):
        last_map(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), torch.zeros(1, 1, 2, 2))


def test_without_the_library_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytorch_grad_cam", None)
    with pytest.raises(InputError, match="need grad-cam") as caught:
        activation_maps(Corner(), *_images())
    assert caught.value.hint == "pip install 'scaling-search[cam]'"


def _maps(arm: str, insertion: float, n: int = 4) -> ArmMaps:
    spread = np.linspace(-0.01, 0.01, n, dtype=np.float32)
    images = np.linspace(0, 1, n * 36, dtype=np.float32).reshape(n, 6, 6, 1)
    flat = np.full(n, 0.2, np.float32)
    return ArmMaps(arm, images, images[..., 0], [0] * n, insertion + spread, flat, 0 * flat, np.arange(n) > 0)


def test_figures_have_intervals_over_images_and_the_lead_is_paired() -> None:
    found = [_maps("base", 0.5), _maps("chosen", 0.6)]
    base, chosen = scores(found)
    assert base["score"]["mean"] == pytest.approx(0.3)
    low, high = base["score"]["interval"]
    assert low < 0.3 < high
    assert base["accuracy"] == 0.75
    assert base["lead"]["mean"] == pytest.approx(0.1)
    assert (base["lead"]["interval"] or [0.1, 0.1]) == pytest.approx([0.1, 0.1], abs=1e-5)  # the same on every image
    assert chosen["lead"] is None


def test_the_picture_has_a_column_a_network() -> None:
    found = [_maps("base", 0.5), _maps("chosen", 0.6)]
    made = Image.open(io.BytesIO(png(found, scores(found), 3)))
    assert made.size == (GAP + 3 * (CELL + GAP), HEAD + 3 * (CELL + GAP))
    assert overlay(found[0].images[3], found[0].maps[3]).shape == (6, 6, 3)
