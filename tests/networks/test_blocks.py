"""Block kinds are described once: costs, modules and layer tables follow from the description."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from scaling_search.networks.architecture import Architecture, Factory, Layer
from scaling_search.networks.bases import FACTS, base_network
from scaling_search.networks.blocks import BLOCKS, BlockOps, BlockShape, ConvOp, Stage
from scaling_search.networks.cost import cost
from scaling_search.training.build import build_model
from scaling_search.training.count import verify_cost
from scaling_search.training.modules import Network

STEM_KERNELS = {"resnet": 7}
POOLED = {"resnet18", "resnet50", "se_resnet50", "resnext50"}
HEADLESS = POOLED | {"mobilenet_v1"}


def _output_sizes(net: nn.Module, arch: Architecture) -> list[tuple[int, int]]:
    """(channels, px) of the outputs of the stem, the pool and each block of a network of plain modules, and of its head."""
    sizes: list[tuple[int, int]] = []

    def add(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> None:
        sizes.append((out.shape[1], out.shape[-1]))

    assert isinstance(net, Network)
    for module in (net.stem, *net.blocks, net.head):
        module.register_forward_hook(add)
    with torch.no_grad():
        net.eval()(torch.zeros(1, arch.image_channels, arch.resolution, arch.resolution))
    return sizes


@pytest.mark.parametrize("px", [64, 33])
@pytest.mark.parametrize("name", sorted(FACTS))
def test_layers_are_those_of_the_built_network(name: str, px: int) -> None:
    arch = base_network(name).resized(px)
    layers = {layer.name: layer for layer in arch.layers()}
    net = Network(arch.to_dict())
    sizes = _output_sizes(net, arch)
    rows = [layer for layer in arch.layers() if layer.name != "hidden layer"]
    expected = [(row.channels, row.px) for row in rows for _ in range(row.blocks)]
    if "head" not in layers:
        expected.append(expected[-1])  # the head is then the identity
    assert sizes == expected
    stem = next(m for m in net.modules() if isinstance(m, nn.Conv2d))
    assert layers["stem"].kernel == stem.kernel_size[0] == STEM_KERNELS.get(arch.style, 3)
    assert ("max pool" in layers) is any(isinstance(m, nn.MaxPool2d) for m in net.modules()) is (name in POOLED)
    assert ("head" not in layers) is (name in HEADLESS)
    assert [layers[f"stage {i}"].kind for i in range(1, len(arch.stages) + 1)] == [s.block for s in arch.stages]


def test_the_layers_of_resnet18_at_224_px() -> None:
    rows = [(layer.name, layer.kernel, layer.channels, layer.px) for layer in base_network("resnet18").layers()]
    stages = [(f"stage {i}", 3, 32 * 2**i, 112 // 2**i) for i in range(1, 5)]
    assert rows == [("stem", 7, 64, 112), ("max pool", 3, 64, 56), *stages]


def test_mobilenet_v3_has_a_wide_head_and_a_hidden_layer() -> None:
    *_, head, hidden = base_network("mobilenet_v3_large").layers()
    assert head == Layer("head", "conv", 1, 960, 1, None, 7)
    assert hidden == Layer("hidden layer", "linear", 1, 1280, 1, None, 1)


def test_a_resnet_without_a_stride_in_its_first_stage_has_no_pool() -> None:
    arch = replace(base_network("resnet18").with_strides((1, 1, 2, 1, 2)), resolution=8)
    assert [layer.name for layer in arch.layers()] == ["stem", *(f"stage {i}" for i in range(1, 5))]


def test_a_users_network_has_no_layers_here() -> None:
    assert Architecture("own", 0, 1, (), 0, 8, style="factory", factory=Factory("nets:build")).layers() == []


def _plain(shape: BlockShape) -> BlockOps:
    first = ConvOp(shape.inputs, shape.outputs, shape.kernel, shape.stride, activation=shape.activation)
    return BlockOps((first, ConvOp(shape.outputs, shape.outputs, shape.kernel)), shape.residual, "relu")


@pytest.mark.parametrize("style", ["efficientnet", "mobilenet_v3", "resnet"])
def test_a_new_block_kind_is_one_function(monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    monkeypatch.setitem(BLOCKS, "plain", _plain)
    stages = (Stage("plain", 1, 3, 2, 6, 2), Stage("mbconv", 2, 5, 1, 7, 2), Stage("plain", 1, 5, 2, 7, 1))
    arch = Architecture("new", 5, 2, stages, 9, 17, classes=3, image_channels=1, style=style)
    assert verify_cost(build_model(arch), arch) == cost(arch)
    assert [layer.kind for layer in arch.layers() if layer.name.startswith("stage")] == ["plain", "mbconv", "plain"]


@pytest.mark.parametrize("kind", sorted(BLOCKS))
@pytest.mark.parametrize("style", ["efficientnet_v2", "mobilenet_v1", "mobilenet_v3", "resnet"])
def test_every_block_kind_counts_alike_in_every_style(kind: str, style: str) -> None:
    stages = (Stage(kind, 2, 3, 2, 8, 2), Stage(kind, 1, 5, 1, 8, 1), Stage(kind, 2.5, 3, 1, 12, 2))
    arch = Architecture("mixed", 8, 1, stages, 16, 15, classes=3, image_channels=2, style=style)
    assert verify_cost(build_model(arch), arch) == cost(arch)
