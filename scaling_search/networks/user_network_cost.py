"""The cost of a user's network, measured in another process and cached.

A factory is the user's code and needs torch; this process may have neither. A child builds each network on torch's meta
device and counts one forward pass; what it found is kept by the factory's source, so a change is measured anew.
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
from typing import Any

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Factory
from scaling_search.networks.measurement_process import JsonProcess
from scaling_search.paths import cache_folder

FACTORY_PATTERN = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
"""What names a factory: package.module:function."""
Counts = tuple[int, int, int]
"""MACs, params, activations of one image's forward pass."""


def see_working_directory() -> None:
    """Let modules of the working directory be imported, as ``python -m`` does."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())


def one_line(error: BaseException) -> str:
    """What a user's code raised, in one line that a sentence can hold."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words if len(words) <= 200 else f'{words[:200]} …'}"


@lru_cache(maxsize=8)
def source_of(name: str) -> Path:
    """The file of a factory's module.

    Raises:
        InputError: there is no such module, it has no file, or a package around it cannot be imported.
    """
    see_working_directory()
    module = name.partition(":")[0]
    try:
        found = find_spec(module)
    except ImportError:
        found = None
    except (Exception, SystemExit) as e:  # whatever the packages around it raise
        raise InputError(f"base.factory: {module!r} cannot be imported: {one_line(e)}", "mend it first") from None
    if found is None or found.origin is None:
        raise InputError(f"base.factory: there is no module {module!r}", "run where it can be imported")
    if not Path(found.origin).is_file():
        raise InputError(f"base.factory: module {module!r} has no file", "put the function in a module of your own")
    return Path(found.origin)


class _Measurer:
    """The child process, started when a cost is not cached, and what is known so far."""

    def __init__(self, name: str) -> None:
        digest = hashlib.sha256(name.encode() + source_of(name).read_bytes()).hexdigest()[:16]
        self.file = cache_folder() / "measured" / f"{digest}.jsonl"
        self.known: dict[tuple[int, ...], Counts] = {}
        self.child = JsonProcess("scaling_search.training.user_network")
        if self.file.exists():
            for line in self.file.read_text().splitlines():
                self._learn(line)

    def _learn(self, line: str) -> None:
        try:
            key, counts = json.loads(line)
        except ValueError:
            return  # a line that a kill cut short
        self.known[tuple(key)] = tuple(counts)

    def request(self, request: dict[str, Any]) -> list[Counts]:
        """The counts of one network at several px, from the child."""
        reply = self.child.request(request)
        if "error" in reply:
            name = request["name"]
            words = f"base.factory {name}: {reply['error'].removeprefix(f'{name} ')}"
            raise InputError(words, f"see: scaling-search base check {name}")
        return [(c[0], c[1], c[2]) for c in reply["counts"]]


@lru_cache(maxsize=8)
def _measurer(name: str) -> _Measurer:
    return _Measurer(name)


def measure(factory: Factory, classes: int, image_channels: int, px: Sequence[int]) -> list[Counts]:
    """MACs, params and activations of a factory's network at each px.

    Raises:
        InputError: its module cannot be found, or it fails to build or run.
    """
    m = _measurer(factory.name)
    keys = [(factory.depth, factory.width, classes, image_channels, p) for p in px]
    missing = [k[-1] for k in keys if k not in m.known]
    if missing:
        request = {"name": factory.name, "depth": factory.depth, "width": factory.width, "classes": classes}
        counts = m.request({**request, "image_channels": image_channels, "px": missing})
        m.file.parent.mkdir(parents=True, exist_ok=True)
        with m.file.open("a") as out:
            for p, c in zip(missing, counts, strict=True):
                m.known[(*keys[0][:-1], p)] = c
                out.write(json.dumps([[*keys[0][:-1], p], c]) + "\n")
    return [m.known[k] for k in keys]
