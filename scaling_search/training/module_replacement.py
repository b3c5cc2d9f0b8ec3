"""Replace modules of a network by subclasses with another forward pass and the same parameters."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn


def _as_class(module: nn.Module, cls: type[nn.Module]) -> nn.Module:
    """A module of another class that shares parameters, buffers, submodules, hooks and settings."""
    new = cls.__new__(cls)  # without __init__, which would draw random weights
    vars(new).update(vars(module))
    return new


def replace_modules(net: nn.Module, choose: Callable[[nn.Module], type[nn.Module] | None]) -> nn.Module:
    """The network with every module replaced for which ``choose`` returns a class, in all places where it is used.

    The network is changed in place. The result is ``net`` itself unless the root is replaced.
    """
    chosen = {module: choose(module) for module in net.modules()}
    replacements = {module: _as_class(module, cls) for module, cls in chosen.items() if cls is not None}
    for path, module in list(net.named_modules(remove_duplicate=False)):
        if path and module in replacements:
            net.set_submodule(path, replacements[module])
    return replacements.get(net, net)
