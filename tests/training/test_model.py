"""The built network: torchvision's in all but rounding, and counted to the digit by two independent counters."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models.efficientnet import MBConv
from torchvision.ops import StochasticDepth

from scaling_search.errors import CostMismatch
from scaling_search.networks.architecture import Architecture, Stage, scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.bases import base_network
from scaling_search.networks.cost import Cost, cost
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.training.build import build_model, zero_init_residual
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


def _torchvision(published: dict[str, Any]) -> nn.Module:
    net: nn.Module = getattr(torchvision.models, f"efficientnet_{published['name']}")(weights=None)
    return net


def _flop_counter_macs(net: nn.Module, arch: Architecture) -> int:
    """Half of torch's own count of a forward pass."""
    images = torch.zeros(1, arch.image_channels, arch.resolution, arch.resolution)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        net.eval()(images)
    flops: int = counter.get_total_flops()
    assert flops % 2 == 0
    return flops // 2


def _blocks(net: nn.Module) -> list[nn.Module]:
    return [m for m in net.modules() if isinstance(m, MBConv)]


def _residual(block: nn.Module) -> bool:
    return bool(block.use_res_connect)


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


def test_torchvisions_weights_load(published: dict[str, Any]) -> None:
    theirs = _torchvision(published)
    with torch.device("meta"):
        ours = build_model(_released(published))
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    assert sum(p.numel() for p in ours.parameters()) == published["params"]


@pytest.mark.parametrize("published", range(4), indirect=True)
def test_outputs_are_torchvisions(published: dict[str, Any]) -> None:
    torch.manual_seed(0)
    theirs = _torchvision(published)
    for name, value in theirs.state_dict().items():
        if name.endswith(("running_mean", "running_var")) or (value.ndim == 1 and value.is_floating_point()):
            value.copy_(torch.rand_like(value) * 0.5 + 0.75)
    ours = build_model(_released(published))
    ours.load_state_dict(theirs.state_dict())
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        expected, got = theirs.eval()(images), ours.eval()(images)
    assert expected.std() > 0.01
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-5)


def test_odd_channels_are_built_as_asked() -> None:
    net = build_model(TINY)
    assert verify_cost(net, TINY) == cost(TINY)
    outputs = [block.block[-1][0].out_channels for block in _blocks(net)]  # type: ignore[union-attr, index]
    assert outputs == [7, 7, 11, 11, 11]
    assert net(torch.zeros(2, 1, 10, 10)).shape == (2, 5)


@pytest.mark.parametrize(("image_channels", "stem_stride"), [(3, 2), (3, 1), (1, 2), (1, 1)])
def test_the_stem_takes_any_channels_and_stride(image_channels: int, stem_stride: int) -> None:
    arch = replace(TINY, stem=64, image_channels=image_channels, stem_stride=stem_stride, resolution=9)
    torch.manual_seed(0)
    net = build_model(arch)
    stem = next(m for m in net.modules() if isinstance(m, nn.Conv2d))
    assert stem(torch.zeros(1, image_channels, 9, 9)).shape[-1] == -(-9 // stem_stride)
    assert stem.weight.std().item() == pytest.approx((2 / (9 * arch.stem)) ** 0.5, rel=0.15)  # Kaiming, fan out
    assert verify_cost(net, arch) == cost(arch)


def test_stochastic_depth_rises_over_the_real_blocks() -> None:
    arch = scale(B0, depth=1.8, rounding="official")
    with torch.device("meta"):
        net = build_model(arch, stochastic_depth=0.3)
    rates = [m.p for m in net.modules() if isinstance(m, StochasticDepth)]
    total = sum(arch.blocks)
    assert total > sum(B0.blocks)
    assert rates == pytest.approx([0.3 * i / total for i in range(total)])


@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_dropout_acts_before_the_classifier(rate: float) -> None:
    net = build_model(TINY, dropout=rate)
    (dropout,) = (m for m in net.modules() if isinstance(m, nn.Dropout))
    assert dropout.p == rate


def test_residual_branches_start_at_zero_and_others_do_not() -> None:
    torch.manual_seed(0)
    net = build_model(TINY, stochastic_depth=0.0)
    images = torch.randn(4, 9, 10, 10)
    assert all(not torch.equal(b(images), images) for b in _blocks(net)[:1])
    zero_init_residual(net)
    blocks = _blocks(net)
    assert [_residual(b) for b in blocks] == [False, True, False, True, True]
    for block in blocks:
        before, images = images, block(images)
        assert torch.equal(images, before) is _residual(block)
    assert images.abs().sum() > 0


def test_zeroed_branches_still_learn() -> None:
    net = build_model(TINY, stochastic_depth=0.0)
    zero_init_residual(net)
    nn.functional.cross_entropy(net(torch.randn(4, 1, 10, 10)), torch.arange(4)).backward()  # type: ignore[no-untyped-call]
    for block in filter(_residual, _blocks(net)):
        gradient = block.block[-1][1].weight.grad  # type: ignore[union-attr, index]
        assert gradient.abs().sum() > 0


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
