"""The cost of a user's network, measured in a subprocess and cached.

A factory is the user's code and needs torch, which this process does not load. A subprocess builds each network on torch's
meta device and counts one forward pass. The cache file is named by a hash of the factory's source, so a changed factory is
measured again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Factory
from scaling_search.networks.measurement_process import JsonProcess
from scaling_search.paths import cache_folder

FACTORY_PATTERN = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
"""Pattern of a factory's name: package.module:function."""
Counts = tuple[int, int, int]
"""MACs, params and activations of one image's forward pass."""


def add_working_directory_to_path() -> None:
    """Make modules in the working directory importable, as ``python -m`` does."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())


def one_line(error: BaseException) -> str:
    """Type and message of an error as one line of at most about 200 characters."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message if len(message) <= 200 else f'{message[:200]} …'}"


@lru_cache(maxsize=8)
def source_path(name: str) -> Path:
    """The source file of a factory's module.

    Raises:
        InputError: there is no such module, it has no file, or a package that contains it cannot be imported.
    """
    add_working_directory_to_path()
    module = name.partition(":")[0]
    try:
        module_spec = find_spec(module)
    except ImportError:
        module_spec = None
    except (Exception, SystemExit) as e:  # find_spec imports the packages that contain the module
        raise InputError(
            f"base.factory: cannot import {module!r}: {one_line(e)}", "fix the import error, then run again"
        ) from None
    if module_spec is None or module_spec.origin is None:
        raise InputError(
            f"base.factory: there is no module {module!r}", "run from a directory where it can be imported"
        )
    if not Path(module_spec.origin).is_file():
        raise InputError(
            f"base.factory: module {module!r} has no file", "put the function in a Python file of your own"
        )
    return Path(module_spec.origin)


class MeasuredCosts:
    """Costs of one factory's networks: a cache file, and a subprocess that starts when a cost is not in it."""

    def __init__(self, name: str) -> None:
        digest = hashlib.sha256(name.encode() + source_path(name).read_bytes()).hexdigest()[:16]
        self.path = cache_folder() / "measured" / f"{digest}.jsonl"
        self.counts: dict[tuple[int, ...], Counts] = {}
        self.process = JsonProcess("scaling_search.training.user_network")
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            try:
                key, counts = json.loads(line)
            except ValueError:
                continue  # the process was killed while it wrote this line
            self.counts[tuple(key)] = tuple(counts)

    def add(self, factory: Factory, classes: int, image_channels: int, px: Sequence[int]) -> None:
        """Measure a network at each px, and append its counts to the cache file.

        Raises:
            InputError: the network fails to build or run.
        """
        request = {"name": factory.name, "depth": factory.depth, "width": factory.width, "classes": classes}
        reply = self.process.request({**request, "image_channels": image_channels, "px": px})
        if "error" in reply:
            message = f"base.factory {factory.name}: {reply['error'].removeprefix(f'{factory.name} ')}"
            raise InputError(message, f"see: scaling-search base check {factory.name}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            for side, (macs, params, activations) in zip(px, reply["counts"], strict=True):
                key = (factory.depth, factory.width, classes, image_channels, side)
                self.counts[key] = (macs, params, activations)
                file.write(json.dumps([key, self.counts[key]]) + "\n")


@lru_cache(maxsize=8)
def measured_costs(factory_name: str) -> MeasuredCosts:
    """The measured costs of a factory, shared by all callers in this process."""
    return MeasuredCosts(factory_name)


def measure(factory: Factory, classes: int, image_channels: int, px: Sequence[int]) -> list[Counts]:
    """MACs, params and activations of a factory's network at each px, measured if they are not cached.

    Raises:
        InputError: the module cannot be found, or the network fails to build or run.
    """
    costs = measured_costs(factory.name)
    keys = [(factory.depth, factory.width, classes, image_channels, side) for side in px]
    missing = [key[-1] for key in keys if key not in costs.counts]
    if missing:
        costs.add(factory, classes, image_channels, missing)
    return [costs.counts[key] for key in keys]
