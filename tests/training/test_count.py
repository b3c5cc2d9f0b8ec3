"""Counted cost: fvcore, torch's counter and the closed form agree to the digit."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from scaling_search.errors import CostMismatch
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.bases import base_network
from scaling_search.networks.blocks import Stage
from scaling_search.networks.cost import Cost, cost
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.training.build import build_model
from scaling_search.training.count import counted_cost, verify_cost

QUARTER = scale(
    replace(base_network("efficientnet_b0", 10, 1), stages=B0.stages[:3]), width=0.25, resolution=16, divisor=1
)
"""The first three stages at a quarter of the width: tracing takes time in proportion to blocks."""

TINY = Architecture(
    base="tiny",
    stem=9,
    stem_stride=1,
    stages=(Stage("mbconv", 1, 3, 1, 7, 2), Stage("mbconv", 4, 5, 2, 11, 3)),
    head=21,
    resolution=10,
    classes=5,
    image_channels=1,
)


def _released(published: dict[str, Any]) -> Architecture:
    return scale(B0, published["depth"], published["width"], published["resolution"], "official")


def _flop_counter_macs(net: nn.Module, arch: Architecture) -> int:
    """Half of torch's own count of a forward pass."""
    images = torch.zeros(1, arch.image_channels, arch.resolution, arch.resolution)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        net.eval()(images)
    flops: int = counter.get_total_flops()
    assert flops % 2 == 0
    return flops // 2


@pytest.mark.parametrize("published", range(4), indirect=True)
def test_released_networks_are_counted_alike(published: dict[str, Any]) -> None:
    arch = _released(published)
    net = build_model(arch)
    assert verify_cost(net, arch) == cost(arch)
    assert _flop_counter_macs(net, arch) == cost(arch).macs == published["macs"]


@pytest.mark.parametrize("n", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_candidates_are_counted_alike(n: int) -> None:
    drawn = random.Random(0).sample(iso_cost_set(QUARTER, tolerance=0.05, divisor=1), n)
    assert len({c.key for c in drawn}) == n
    assert sum(any(width % 2 for width in c.architecture.channels) for c in drawn) > n / 2
    for c in drawn:
        net = build_model(c.architecture)
        assert counted_cost(net, c.architecture) == c.cost
        assert _flop_counter_macs(net, c.architecture) == c.cost.macs


def test_networks_that_torchvision_cannot_make_are_counted_alike() -> None:
    """It has no EfficientNet without a head, and leaves out an expansion that rounds to as many channels as came in."""
    headless = replace(QUARTER, head=0)
    drawn = [c.architecture for c in random.Random(0).sample(iso_cost_set(headless, tolerance=0.05, divisor=2), 4)]
    expands = [replace(TINY, head=h, stages=(Stage("mbconv", 1.05, 3, 1, 9, 2), TINY.stages[1])) for h in (0, 21)]
    for arch in (headless, replace(TINY, head=0), *drawn, *expands):
        net = build_model(arch)
        assert verify_cost(net, arch) == cost(arch)
        assert _flop_counter_macs(net, arch) == cost(arch).macs
        images = torch.zeros(2, arch.image_channels, arch.resolution, arch.resolution)
        assert net(images).shape == (2, arch.classes)


@pytest.mark.parametrize(
    "claimed",
    [
        replace(TINY, head=TINY.head + 1),
        replace(TINY, stem=TINY.stem - 1),
        replace(TINY, stages=(TINY.stages[0], replace(TINY.stages[1], channels=12))),
        replace(TINY, stages=(TINY.stages[0], replace(TINY.stages[1], blocks=4))),
        replace(TINY, stages=(TINY.stages[0], replace(TINY.stages[1], kernel=3))),
        replace(TINY, classes=6),
    ],
    ids=["head", "stem", "channels", "blocks", "kernel", "classes"],
)
def test_a_network_that_is_not_the_claimed_one_is_an_error(claimed: Architecture) -> None:
    with pytest.raises(CostMismatch) as caught:
        verify_cost(build_model(TINY), claimed)
    assert claimed.key in caught.value.message
    assert f"{cost(TINY).macs}" in caught.value.message
    assert f"{cost(claimed).macs}" in caught.value.message


def test_a_channel_changed_by_hand_is_noticed() -> None:
    net = build_model(TINY)
    classifier = next(m for m in net.modules() if isinstance(m, nn.Linear))
    classifier.weight = nn.Parameter(torch.zeros(TINY.classes + 1, TINY.head))
    classifier.bias = nn.Parameter(torch.zeros(TINY.classes + 1))
    counted = counted_cost(net, TINY)
    assert counted == replace(
        cost(TINY),
        macs=cost(TINY).macs + TINY.head,
        params=cost(TINY).params + TINY.head + 1,
        activations=cost(TINY).activations + 1,
    )
    with pytest.raises(CostMismatch):
        verify_cost(net, TINY)


def test_parameters_must_agree_too() -> None:
    net = build_model(TINY)
    classifier = next(m for m in net.modules() if isinstance(m, nn.Linear))
    classifier.register_parameter("bias", None)
    assert counted_cost(net, TINY).macs == cost(TINY).macs
    with pytest.raises(CostMismatch, match=str(cost(TINY).params - TINY.classes)):
        verify_cost(net, TINY)


@pytest.mark.parametrize("training", [True, False])
def test_counting_leaves_the_network_as_it_was(training: bool) -> None:
    net = build_model(TINY).train(training)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert isinstance(counted_cost(net, TINY), Cost)
    assert net.training is training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
