"""The registry of base networks; at scale 1 each is its reference's, scaled it costs what the closed form says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.errors import InputError, NotFound
from scaling_search.networks.architecture import Architecture, Rounding, scale
from scaling_search.networks.bases import FACTS, base_network
from scaling_search.networks.coefficients import PAPER, Triple
from scaling_search.networks.cost import cost
from scaling_search.networks.family import family
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.networks.phi_solver import solve
from scaling_search.spec.study_file import load, parse
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


@pytest.mark.parametrize("name", NAMES)
def test_every_base_has_iso_cost_networks_and_a_family(name: str) -> None:
    base = replace(base_network(name, 10, 1), resolution=32)
    small = scale(base, 1.0, 0.25)
    found = iso_cost_set(small, divisor=2)
    assert all(abs(c.macs_ratio / 2 - 1) <= 0.02 for c in found)
    assert len(found) > 20
    _, _, bigger = solve(base_network(name), PAPER, 1.0, FACTS[name].divisor)
    assert cost(bigger).macs / cost(base_network(name)).macs == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("rounding", ["nearest", "official"])
def test_a_family_stays_under_its_bases_largest_px(rounding: Rounding) -> None:
    made = family(PAPER, base_network("efficientnet_v2_s"), (1, 2, 3), rounding)
    assert [m.resolution for m in made.models][1:] == [pytest.approx(440, abs=10), 480, 480]
    if rounding == "nearest":
        assert [m.macs_ratio for m in made.models] == pytest.approx([1, 2, 4, 8], rel=0.01)
    with pytest.raises(InputError, match="480 px"):
        family(Triple(1, 1, 1.41), base_network("efficientnet_v2_s"), (2,))


def test_base_commands_say_what_scaling_means() -> None:
    run = CliRunner().invoke
    listed = json.loads(run(app, ["base", "list", "--json"]).stdout)
    assert {b["name"] for b in listed} == set(FACTS)
    assert next(b for b in listed if b["name"] == "resnet18")["params"] == 11_689_512
    shown = run(app, ["base", "show", "efficientnet_v2_s"]).stdout
    assert "480" in shown
    assert "fused" in shown
    stays = json.loads(run(app, ["base", "show", "mobilenet_v2", "--json"]).stdout)["stays"]
    assert "never narrowed" in stays
    assert all(name in run(app, ["base", "list"]).stdout for name in FACTS)
    made = json.loads(run(app, ["family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15", "--base", "resnet18", "--phi", "1", "--json"]).stdout)  # fmt: skip
    assert made["models"][1]["macs_ratio"] == pytest.approx(2, rel=0.01)


def test_stored_keys_and_hashes_stay() -> None:
    b0 = base_network("efficientnet_b0")
    assert b0.key == "d16-w2096-r224-5dffe1"
    assert scale(b0, 1.4, 1.2, 300).key == "d22-w2520-r300-f75450"
    assert scale(b0, 1.1, 1.0, 18, divisor=4).key == "d18-w2096-r18-45f04c"
    assert parse("name: x").hash() == "a2038faa53ec219a4df28f7f9ffa0768d06421c328dd3fd009afad63ab623e49"
    assert load("studies/quickstart.yaml").hash() == "0c01e62748babc6347cc1c45c7b8826d661acd15cefbf055faf0cc7cf36bca0c"


@pytest.mark.parametrize("name", NAMES)
def test_an_architecture_survives_json(name: str) -> None:
    arch = scale(base_network(name), 1.2, 1.1, 100)
    assert Architecture.from_dict(arch.to_dict()) == arch
    assert len({scale(base_network(n), 1, 1, 64).key for n in NAMES}) == len(NAMES)


def test_a_base_is_registered_under_its_own_name_with_its_facts() -> None:
    for name, facts in FACTS.items():
        assert facts.network.base == name
        assert facts.source
        assert facts.reference
        assert facts.cap is None or facts.cap >= facts.network.resolution


def test_base_takes_classes_and_image_channels() -> None:
    assert base_network("efficientnet_b0") == base_network("efficientnet_b0")
    small = base_network("efficientnet_b0", classes=10, image_channels=1)
    assert small == replace(base_network("efficientnet_b0"), classes=10, image_channels=1)


def test_unknown_base_names_the_choices() -> None:
    with pytest.raises(NotFound) as caught:
        base_network("resnet_51")
    assert "'resnet_51'" in caught.value.message
    assert all(name in caught.value.hint for name in FACTS)
