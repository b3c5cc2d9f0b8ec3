"""A user's own networks: found by name, built, and measured. ``python -m scaling_search.training.user_network`` answers measured.py."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Factory
from scaling_search.networks.user_network_cost import FACTORY_PATTERN, add_working_directory_to_path, one_line
from scaling_search.training.count import forward_counts

Make = Callable[[float, float, int], nn.Module]
"""(depth, width, classes) → a network for images (n, c, h, w)."""


def find(name: str) -> Make:
    """The factory named package.module:function.

    Raises:
        InputError: that is no such name, its module cannot be imported (whatever it raises, ending the program included),
            or it is no function.
    """
    if not re.fullmatch(FACTORY_PATTERN, name):
        raise InputError(f"{name!r} names no factory", "write package.module:function, without a path")
    add_working_directory_to_path()
    module, _, function = name.partition(":")
    try:
        made = getattr(importlib.import_module(module), function)
    except (Exception, SystemExit) as e:
        hint = "mend the module, or start where package.module:function can be imported"
        raise InputError(f"{name} cannot be imported: {one_line(e)}", hint) from None
    if not callable(made):
        raise InputError(f"{name} is no function, but {type(made).__name__}", "it takes (depth, width, classes)")
    return made  # type: ignore[no-any-return]


def checked(net: object, who: str) -> nn.Module:
    """What a factory, called ``who`` in words, returned, if it is a network that can be trained.

    Raises:
        InputError: it is none.
    """
    if not isinstance(net, nn.Module):
        raise InputError(f"{who} returns {type(net).__name__}, not a torch.nn.Module", "return the network itself")
    parameters = list(net.parameters())
    if not parameters:
        raise InputError(f"{who} returns a network without parameters", "there is nothing to train in it")
    if any(map(is_lazy, parameters)):
        raise InputError(f"{who} returns a network with lazy layers", "give every layer its input's size")
    return net


def build(factory: Factory, classes: int) -> nn.Module:
    """The user's network of that depth and width.

    Raises:
        InputError: it cannot be had, see :func:`find` and :func:`checked`. What the user's code raises goes through.
    """
    return checked(find(factory.name)(factory.depth / 1000, factory.width / 1000, classes), factory.name)


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
        except InputError as e:
            found = {"error": e.message}  # type: ignore[dict-item]
        except (Exception, SystemExit) as e:  # whatever the user's code raises is told, not shown
            found = {"error": one_line(e)}  # type: ignore[dict-item]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _answer()
