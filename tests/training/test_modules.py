"""Networks of plain PyTorch modules: at scale 1 each base is its reference, and scaled it costs the closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import FACTS, base_network
from scaling_search.networks.cost import cost
from scaling_search.training.build import build_model, zero_init_residual
from scaling_search.training.count import verify_cost
from scaling_search.training.cpu_depthwise import DepthwiseConv2d, speed_up_depthwise
from scaling_search.training.modules import Block
from tests.support.logits import assert_same

NAMES = sorted(FACTS)

NEW = [name for name in NAMES if name != "efficientnet_b0"]


def _torchvision(name: str, **given: Any) -> nn.Module:
    net: nn.Module = getattr(torchvision.models, name)(weights=None, **given)
    return net


def _timm(name: str, **given: Any) -> nn.Module:
    net: nn.Module = timm.create_model(name, pretrained=False, **given)
    return net


REFERENCES: dict[str, Callable[[], nn.Module]] = {
    "efficientnet_b0": lambda: _torchvision("efficientnet_b0"),
    "efficientnet_v2_b0": lambda: _timm("tf_efficientnetv2_b0", pad_type=""),
    "efficientnet_v2_s": lambda: _torchvision("efficientnet_v2_s"),
    "mobilenet_v1": lambda: _timm("mobilenetv1_100"),
    "mobilenet_v2": lambda: _torchvision("mobilenet_v2"),
    "mobilenet_v3_large": lambda: _torchvision("mobilenet_v3_large"),
    "resnet18": lambda: _torchvision("resnet18"),
    "resnet50": lambda: _torchvision("resnet50"),
    "se_resnet50": lambda: _timm("seresnet50"),
    "resnext50": lambda: _torchvision("resnext50_32x4d"),
}


def _macs(net: nn.Module, px: int) -> int:
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        net.eval()(torch.zeros(1, 3, px, px, device=next(net.parameters()).device))
    return int(counter.get_total_flops()) // 2


@pytest.mark.parametrize("name", NAMES)
def test_at_scale_1_a_base_is_its_reference(name: str) -> None:
    base = base_network(name)
    torch.manual_seed(0)
    theirs, ours = REFERENCES[name](), build_model(base)
    given, mine = theirs.state_dict(), ours.state_dict()
    assert [v.shape for v in given.values()] == [v.shape for v in mine.values()]
    for key, value in given.items():  # moments and gains that are not all 0 and 1
        if key.endswith(("running_mean", "running_var")) or (value.ndim == 1 and value.is_floating_point()):
            value.copy_(torch.rand_like(value) * 0.5 + 0.75)
    ours.load_state_dict(dict(zip(mine, given.values(), strict=True)))
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        expected, got = theirs.eval()(images), ours.eval()(images)
    assert_same(got, expected, 1e-5)
    its = cost(base)
    assert its.params == sum(p.numel() for p in theirs.parameters())
    assert its.macs == _macs(theirs.to("meta"), base.resolution)


@pytest.mark.parametrize("name", NAMES)
def test_scaled_bases_cost_what_the_closed_form_says(name: str) -> None:
    base = replace(base_network(name, 10, 1), resolution=33)
    for depth, width, px, strides in ((1.3, 0.21, 40, None), (0.6, 0.4, 17, 1)):
        arch = scale(base, depth, width, px, divisor=1)
        arch = arch.with_strides([1, 1, *arch.strides[2:]]) if strides else arch
        net = build_model(arch)
        assert verify_cost(net, arch) == cost(arch)


@pytest.mark.parametrize("width", [1.4, 0.5, 0.75])
def test_a_head_is_widened_but_not_narrowed_as_published(width: float) -> None:
    arch = scale(base_network("mobilenet_v2"), width=width, rounding="official")
    theirs = _torchvision("mobilenet_v2", width_mult=width)
    assert cost(arch).params == sum(p.numel() for p in theirs.parameters())
    assert cost(arch).macs == _macs(theirs.to("meta"), 224)


@pytest.mark.parametrize("name", NEW)
def test_blocks_start_as_their_shortcut(name: str) -> None:
    arch = scale(replace(base_network(name, 10, 3), resolution=32), 1.0, 0.25)
    torch.manual_seed(0)
    net = build_model(arch, stochastic_depth=0.0)
    zero_init_residual(net)
    blocks = [m for m in net.modules() if isinstance(m, Block)]
    assert len(blocks) == sum(arch.blocks)
    joined = [b for b in blocks if b.shortcut is not None]
    assert bool(joined) is (name != "mobilenet_v1")
    for block in joined:
        images = torch.randn(2, next(m for m in block.modules() if isinstance(m, nn.Conv2d)).in_channels, 8, 8)
        assert block.shortcut is not None
        assert torch.equal(block(images), block.act(block.shortcut(images)))


@pytest.mark.parametrize("name", NEW)
def test_the_faster_depthwise_gradient_serves_them_too(name: str) -> None:
    arch = scale(replace(base_network(name, 10, 1), resolution=16), 1.0, 0.25)
    torch.manual_seed(0)
    net = build_model(arch, dropout=0.0, stochastic_depth=0.0)
    images = torch.randn(4, 1, 16, 16)

    def gradients() -> list[torch.Tensor]:
        net.zero_grad()
        net(images).square().sum().backward()
        return [p.grad.clone() for p in net.parameters() if p.grad is not None]

    expected = gradients()
    speed_up_depthwise(net)
    helped = {m.groups for m in net.modules() if isinstance(m, DepthwiseConv2d)}
    assert 1 not in helped
    for a, b in zip(gradients(), expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-2, atol=1e-3 * max(1.0, float(b.abs().max())))
