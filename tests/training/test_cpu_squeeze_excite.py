"""The faster squeeze-and-excitation has the outputs and gradients of the plain one."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn
from torchvision.ops import SqueezeExcitation

from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.study_file import parse
from scaling_search.training.cpu_squeeze_excite import FASTER_CLASSES, speed_up_squeeze_excite
from scaling_search.training.modules import SqueezeExcite
from scaling_search.training.proxy_run import make_network

FAST = "_GatedBackward"
BLOCKS: dict[str, Callable[[], nn.Module]] = {
    "torchvision's": lambda: SqueezeExcitation(12, 3, activation=nn.SiLU),
    "ours": lambda: SqueezeExcite(12, 3, nn.SiLU(), nn.Sigmoid()),
}


def _pair(kind: str) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    plain = BLOCKS[kind]()
    return plain, speed_up_squeeze_excite(deepcopy(plain))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["nchw", "channels_last"])
@pytest.mark.parametrize("shape", [(4, 12, 7, 7), (3, 12, 1, 1), (2, 12, 5, 3)])
@pytest.mark.parametrize("kind", BLOCKS)
def test_outputs_and_gradients_are_those_of_a_plain_block(
    kind: str, shape: tuple[int, ...], layout: torch.memory_format
) -> None:
    plain, fast = _pair(kind)
    images, weight = torch.randn(shape).to(memory_format=layout), torch.randn(shape)

    def output_and_gradients(block: nn.Module) -> tuple[Tensor, list[Tensor]]:
        x = images.clone().requires_grad_()
        out = block(x)
        return out, list(torch.autograd.grad((out * weight).sum(), [x, *block.parameters()]))

    expected, got = output_and_gradients(plain), output_and_gradients(fast)
    assert got[0].grad_fn is not None
    assert got[0].grad_fn.name() == FAST
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", BLOCKS)
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    _, fast = _pair(kind)
    assert torch.autograd.gradcheck(fast.double(), torch.randn(2, 12, 3, 2, dtype=torch.double, requires_grad=True))


@pytest.mark.parametrize("kind", BLOCKS)
def test_evaluation_uses_the_plain_forward(kind: str) -> None:
    plain, fast = _pair(kind)
    x = torch.randn(4, 12, 5, 5)
    assert fast.eval()(x).grad_fn.name() != FAST
    fast.train()
    with torch.no_grad():
        assert torch.equal(fast(x), plain(x))


@pytest.mark.parametrize(("activation", "gate"), [(nn.ReLU, nn.Sigmoid), (nn.SiLU, nn.Hardsigmoid)])
def test_other_activations_stay_as_they_are(activation: type[nn.Module], gate: type[nn.Module]) -> None:
    blocks = nn.Sequential(SqueezeExcitation(12, 3, activation, gate), SqueezeExcite(12, 3, activation(), gate()))
    speed_up_squeeze_excite(blocks)
    assert [type(block) for block in blocks] == [SqueezeExcitation, SqueezeExcite]


@pytest.mark.parametrize("network", ["efficientnet_b0", "efficientnet_v2_b0"])
def test_runs_on_a_cpu_use_it_and_keep_their_parameters(network: str) -> None:
    spec = parse(f"name: s\nbase: {{network: {network}, width: 0.25, resolution: 32}}\nbudget: {{divisor: 2}}")
    net = make_network(spec.base_architecture(), 0, ProxySpec(), torch.device("cpu"))
    blocks = [m for m in net.modules() if isinstance(m, SqueezeExcitation | SqueezeExcite)]
    assert blocks
    assert {type(block) for block in blocks} <= set(FASTER_CLASSES.values())
    assert all(
        list(dict(block.named_parameters())) == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"] for block in blocks
    )
