"""Import, build and count a user's network. ``python -m scaling_search.training.user_network`` serves networks/user_network_cost.py."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Factory
from scaling_search.networks.user_network_cost import FACTORY_PATTERN, add_working_directory_to_path, one_line
from scaling_search.training.count import forward_counts

FactoryFunction = Callable[[float, float, int], nn.Module]
"""(depth, width, classes) → a network for images (n, c, h, w)."""


def import_factory(name: str) -> FactoryFunction:
    """The factory named package.module:function.

    Raises:
        InputError: the name is malformed, the module cannot be imported (even if it calls sys.exit), or it is no function.
    """
    if not re.fullmatch(FACTORY_PATTERN, name):
        raise InputError(
            f"invalid factory {name!r}: expected package.module:function", "give a module, not a file's path"
        )
    add_working_directory_to_path()
    module, _, function = name.partition(":")
    try:
        factory = getattr(importlib.import_module(module), function)
    except (Exception, SystemExit) as e:
        hint = "fix the import error, or run from a directory where the module can be imported"
        raise InputError(f"cannot import {name}: {one_line(e)}", hint) from None
    if not callable(factory):
        raise InputError(
            f"{name} is not a function but {type(factory).__name__}", "define it as f(depth, width, classes)"
        )
    return factory  # type: ignore[no-any-return]


def require_trainable(net: object, factory_name: str) -> nn.Module:
    """What a factory returned, checked to be a network that can be trained.

    Raises:
        InputError: it is not a module, has no parameters, or has lazy layers.
    """
    if not isinstance(net, nn.Module):
        raise InputError(
            f"{factory_name} returns {type(net).__name__}, not a torch.nn.Module", "return the network itself"
        )
    parameters = list(net.parameters())
    if not parameters:
        raise InputError(f"{factory_name} returns a network without parameters", "there is nothing to train in it")
    if any(map(is_lazy, parameters)):
        raise InputError(f"{factory_name} returns a network with lazy layers", "give every layer its input's size")
    return net


def build(factory: Factory, classes: int) -> nn.Module:
    """The user's network of that depth and width. Errors of the user's code are not caught.

    Raises:
        InputError: the factory cannot be imported, or it does not return a trainable network.
    """
    net = import_factory(factory.name)(factory.depth / 1000, factory.width / 1000, classes)
    return require_trainable(net, factory.name)


def _skip_batch_norms(net: nn.Module) -> None:
    """Make batch norms do nothing: they have no MACs and take most of the time on the meta device."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.forward = lambda x: x  # type: ignore[assignment]


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """The counts of one network at several px, or ``{"error": message}``."""
    try:
        with redirect_stdout(sys.stderr), torch.device("meta"):
            net = build(Factory(request["name"], request["depth"], request["width"]), request["classes"])
            _skip_batch_norms(net)
            return {"counts": [forward_counts(net, request["image_channels"], px) for px in request["px"]]}
    except InputError as e:
        return {"error": e.message}
    except (Exception, SystemExit) as e:  # any error of the user's code
        return {"error": one_line(e)}


def _serve() -> None:
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    _serve()
