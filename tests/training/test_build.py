"""Built networks: torchvision's in all but rounding, with the asked stem, dropout and drop rates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models.efficientnet import MBConv
from torchvision.ops import StochasticDepth

from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.blocks import Stage
from scaling_search.networks.cost import cost
from scaling_search.training.build import build_model, zero_init_residual
from scaling_search.training.count import verify_cost

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


def _blocks(net: nn.Module) -> list[nn.Module]:
    return [m for m in net.modules() if isinstance(m, MBConv)]


def _residual(block: nn.Module) -> bool:
    return bool(block.use_res_connect)


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
