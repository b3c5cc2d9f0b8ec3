"""The faster depthwise gradient equals the plain one."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from scaling_search.networks.architecture import Architecture
from scaling_search.networks.blocks import Stage
from scaling_search.training.build import build_model
from scaling_search.training.cpu_depthwise import MAX_PAIRS, DepthwiseConv2d, speed_up_depthwise

FAST = "_SmallMapDepthwiseBackward"


def _pair(channels: int, kernel: int, stride: int) -> tuple[nn.Conv2d, DepthwiseConv2d]:
    plain = nn.Conv2d(channels, channels, kernel, stride, kernel // 2, groups=channels, bias=False)
    fast = DepthwiseConv2d(channels, channels, kernel, stride, kernel // 2, groups=channels, bias=False)
    fast.load_state_dict(plain.state_dict())
    return plain, fast


def _gradients(net: nn.Module, images: Tensor, weight: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Output, and gradients of the images and of every parameter, of a weighted sum of the output."""
    images = images.clone().requires_grad_()
    out = net(images)
    loss = (out * weight).sum()
    return out, list(torch.autograd.grad(loss, [images, *net.parameters()]))


@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("side", [1, 2, 3, 5, 6, 7])
def test_gradients_are_those_of_a_plain_convolution(side: int, stride: int, kernel: int) -> None:
    torch.manual_seed(0)
    outputs = -(-side // stride)
    plain, fast = _pair(6, kernel, stride)
    images, weight = torch.randn(4, 6, side, side), torch.randn(4, 6, outputs, outputs)
    expected_out, expected = _gradients(plain, images, weight)
    out, got = _gradients(fast, images, weight)
    assert out.grad_fn is not None
    tiny = kernel >= 5 or side < kernel
    assert (out.grad_fn.name() == FAST) is (tiny and (side * outputs) ** 2 <= MAX_PAIRS)
    torch.testing.assert_close(out, expected_out)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


def test_channels_last_images_give_the_same_gradients() -> None:
    torch.manual_seed(0)
    plain, fast = _pair(8, 5, 1)
    images, weight = torch.randn(4, 8, 4, 4), torch.randn(4, 8, 4, 4)
    _, expected = _gradients(plain, images, weight)
    fast.to(memory_format=torch.channels_last)
    out, got = _gradients(fast, images.to(memory_format=torch.channels_last), weight)
    assert out.grad_fn is not None
    assert out.grad_fn.name() == FAST
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(9, 9), (3, 4), (40, 40)])
def test_large_and_oblong_maps_use_the_plain_gradient(shape: tuple[int, int]) -> None:
    plain, fast = _pair(4, 5, 1)
    images = torch.randn(2, 4, *shape)
    out = fast(images)
    assert out.grad_fn.name() != FAST
    torch.testing.assert_close(out, plain(images))


def test_evaluation_uses_the_plain_forward() -> None:
    plain, fast = _pair(4, 5, 1)
    images = torch.randn(2, 4, 3, 3)
    assert fast.eval()(images).grad_fn.name() != FAST
    fast.train()
    with torch.no_grad():
        assert torch.equal(fast(images), plain(images))


def _network() -> nn.Module:
    stages = (Stage("mbconv", 1, 3, 1, 8, 2), Stage("mbconv", 2, 5, 2, 8, 2))
    torch.manual_seed(0)
    return build_model(Architecture("tiny", 8, 2, stages, 16, 12, 4, 1), dropout=0.0, stochastic_depth=0.0)


def test_a_networks_parameters_and_gradients_are_left_as_they_were() -> None:
    net = _network()
    plain = deepcopy(net)
    parameters = dict(net.named_parameters())
    speed_up_depthwise(net)
    assert [(name, id(p)) for name, p in net.named_parameters()] == [(name, id(p)) for name, p in parameters.items()]
    assert net.state_dict().keys() == plain.state_dict().keys()
    images, weight = torch.randn(8, 1, 12, 12), torch.randn(8, 4)
    _, expected = _gradients(plain, images, weight)
    _, got = _gradients(net, images, weight)
    torch.testing.assert_close(got, expected, rtol=1e-3, atol=1e-5)


def test_only_depthwise_convolutions_are_replaced() -> None:
    net = _network()
    speed_up_depthwise(net)
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    replaced = [m.kernel_size for m in convolutions if isinstance(m, DepthwiseConv2d)]
    assert replaced == [(3, 3)] * 2 + [(5, 5)] * 2
    assert len(replaced) < len(convolutions)
