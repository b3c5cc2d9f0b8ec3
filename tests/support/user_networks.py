"""Users' factories for tests: the folder of ``own_nets``, modules written on the fly, and studies of a factory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scaling_search.spec.study import StudySpec
from tests.support.factories import tiny_spec

OWN_NETS_DIR = Path(__file__).parent
"""The folder whose module ``own_nets`` has one sound factory, and one for each fault."""

NO_MODULE = "def f(depth, width, classes): return {}"
"""Code of a factory ``f`` that returns no network."""

HEADLESS = """
name: headless
base:
  resolution: 18
  table:
    stem: 16
    stages:
      - {block: mbconv, expand: 1, kernel: 3, stride: 1, channels: 16, blocks: 1}
      - {block: mbconv, expand: 4, kernel: 3, stride: 2, channels: 24, blocks: 2}
      - {block: mbconv, expand: 4, kernel: 5, stride: 2, channels: 40, blocks: 2}
budget: {divisor: 2}
proxy: {dataset: digits, train_size: 128, validation_size: 128, batch_size: 64}
"""
"""A study of a stage table. Without ``head`` there is no head."""


def write_factory(folder: Path, name: str, code: str) -> str:
    """Write the module ``own_<name>`` whose code defines a factory ``f``, and return the factory's name."""
    (folder / f"own_{name}.py").write_text(f"from torch import nn\nprint('imported')\n{code}\n")
    return f"own_{name}:f"


def own_base_spec(base: dict[str, Any], **budget: Any) -> StudySpec:
    """The tiny study of a base of its own, at 8 px."""
    cleared = {"width": None, "strides": None, "resolution": 8}
    return tiny_spec(base={**cleared, **base}, budget=budget, family={"base": "own", "resolution": 16, "phi": [1]})


def factory_spec(factory: str = "own_nets:sound") -> StudySpec:
    """The tiny study of a user's factory."""
    return own_base_spec({"factory": factory}, tolerance=0.05)
