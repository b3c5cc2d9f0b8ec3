"""A user's own networks: found by name, built, and measured. ``python -m scaling_search.factory`` answers measured.py."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from scaling_search.architecture import Factory
from scaling_search.errors import InputError
from scaling_search.measured import Counts, see_working_directory

Make = Callable[[float, float, int], nn.Module]
"""(depth, width, classes) → a network for images (n, c, h, w)."""


def find(name: str) -> Make:
    """The factory named package.module:function.

    Raises:
        InputError: it cannot be imported, or is no function.
    """
    see_working_directory()
    module, _, function = name.partition(":")
    try:
        made = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as e:
        raise InputError(f"base.factory {name!r} cannot be imported: {e}", "write package.module:function") from None
    if not callable(made):
        raise InputError(f"base.factory {name!r} is no function", "it takes (depth, width, classes)")
    return made  # type: ignore[no-any-return]


def build(factory: Factory, classes: int) -> nn.Module:
    """The user's network of that depth and width."""
    return find(factory.name)(factory.depth / 1000, factory.width / 1000, classes)


def forward_counts(net: nn.Module, image_channels: int, px: int) -> Counts:
    """MACs of one image's forward pass by torch's own counter, params, and outputs of convolutions and linear layers."""
    seen: list[int] = []

    def note(_: nn.Module, __: tuple[Tensor, ...], out: Tensor) -> None:
        seen.append(out.numel())

    layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    hooks = [m.register_forward_hook(note) for m in layers]
    training, device = net.training, next(net.parameters()).device
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net.eval()(torch.zeros(1, image_channels, px, px, device=device))
    for hook in hooks:
        hook.remove()
    net.train(training)
    return int(counter.get_total_flops()) // 2, sum(p.numel() for p in net.parameters()), sum(seen)


def _skip_batch_norms(net: nn.Module) -> None:
    """They have no MACs, and on the meta device they take most of the time; the network is thrown away after counting."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.forward = lambda x: x  # type: ignore[assignment]


def _answer() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            with redirect_stdout(sys.stderr), torch.device("meta"):
                net = build(Factory(asked["name"], asked["depth"], asked["width"]), asked["classes"])
                _skip_batch_norms(net)
                found = {"counts": [forward_counts(net, asked["image_channels"], px) for px in asked["px"]]}
        except Exception as e:  # whatever the user's code raises is told, not shown
            found = {"error": f"{type(e).__name__}: {e}"}  # type: ignore[dict-item]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _answer()
