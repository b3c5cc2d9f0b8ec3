"""Replaced modules share everything with the old ones, wherever they are used."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scaling_search.training.module_replacement import replace_modules


class Doubled(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


def _choose(module: nn.Module) -> type[nn.Module] | None:
    return Doubled if type(module) is nn.Linear else None


def test_names_parameters_and_random_numbers_stay() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 2)))
    before = {name: id(p) for name, p in net.named_parameters()}
    state, x = torch.get_rng_state(), torch.randn(4, 3)
    torch.set_rng_state(state)
    expected = 2 * net[1][1](torch.relu(2 * net[0](x)))  # type: ignore[index]
    assert replace_modules(net, _choose) is net
    assert torch.equal(torch.get_rng_state(), state)
    assert {name: id(p) for name, p in net.named_parameters()} == before
    assert torch.equal(net(x), expected)


def test_a_module_that_is_used_twice_is_replaced_in_both_places() -> None:
    shared = nn.Linear(3, 3)
    net = nn.Sequential(shared, nn.ReLU(), shared)
    replace_modules(net, _choose)
    assert type(net[0]) is Doubled
    assert net[0] is net[2]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_the_root_is_replaced_by_the_result() -> None:
    root = nn.Linear(3, 2)
    new = replace_modules(root, _choose)
    assert type(new) is Doubled
    assert [id(p) for p in new.parameters()] == [id(p) for p in root.parameters()]


def test_hooks_and_the_mode_stay() -> None:
    calls: list[Tensor] = []
    net = nn.Sequential(nn.Linear(2, 2)).eval()
    net[0].register_forward_hook(lambda module, inputs, out: calls.append(out))
    replace_modules(net, _choose)
    assert not net[0].training
    net(torch.ones(1, 2))
    assert len(calls) == 1


def test_a_module_inside_a_replaced_one_is_replaced_too() -> None:
    class Outer(nn.Sequential):
        pass

    net = nn.Sequential(nn.Sequential(nn.Linear(2, 2)))

    def choose(module: nn.Module) -> type[nn.Module] | None:
        return Outer if module is net[0] else _choose(module)

    replace_modules(net, choose)
    assert type(net[0]) is Outer
    assert type(net[0][0]) is Doubled
