"""A family as code: a standalone PyTorch file, and input for torchvision, timm, Keras, pycls and the original TensorFlow code.

A format that cannot express a network exactly raises an error with the reason; nothing is rounded silently.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib.resources import files
from pprint import pformat
from typing import Any

import yaml

from scaling_search.errors import InputError, NotFound
from scaling_search.networks.architecture import Architecture, build, round_channels, scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.family import Family


def network(family: Family, name: str) -> Architecture:
    """The architecture of a member of the family.

    Raises:
        NotFound: the family has no network of that name.
        InputError: the family's networks come from a user's factory.
    """
    members = {m.name: m for m in family.models}
    if name not in members:
        raise NotFound(f"the family has no network {name!r}", f"choose one of: {', '.join(members)}")
    base, member = family.base_architecture, members[name]
    if base.factory is not None:
        raise InputError(
            f"{base.factory.name} makes this family's networks, so they cannot be exported as code",
            "call the factory with the depth, width and px of `--format json`",
        )
    return build(base, member.repeats, member.channels, member.resolution)


def _networks(family: Family) -> dict[str, Architecture]:
    return {m.name: network(family, m.name) for m in family.models}


def _dropouts(family: Family) -> dict[str, float]:
    return {m.name: m.dropout for m in family.models}


def network_spec(arch: Architecture) -> dict[str, Any]:
    """The dictionary from which training/modules.py builds a network."""
    values = arch.to_dict()
    del values["fixed"]
    return values


PYTORCH_HEADER = '''"""Convolutional networks in plain PyTorch. This file needs torch alone.

``build(name)`` makes a network of NETWORKS: images (n, c, h, w) -> logits (n, classes). A network is first described as operations,
which need no torch, and then built from them.
"""
'''


def _standalone_code() -> str:
    """networks/blocks.py and training/modules.py as one file that imports torch and the standard library only.

    It has no ``from __future__ import annotations``: with it, a dataclass fails in a module that is not in sys.modules.
    """
    imports, bodies = dict[str, None](), []
    for path in ("networks/blocks.py", "training/modules.py"):
        text = (files("scaling_search") / path).read_text(encoding="utf-8")
        header = [n for n in ast.parse(text).body if isinstance(n, ast.Import | ast.ImportFrom)]
        own = ("from __future__", "from scaling_search")
        imports |= {line: None for line in map(ast.unparse, header) if not line.startswith(own)}
        bodies.append("\n".join(text.splitlines()[header[-1].end_lineno :]).strip())
    return "\n".join([PYTORCH_HEADER, *imports]) + "\n\n" + "\n\n\n".join(bodies)


def to_pytorch(family: Family) -> str:
    """One Python file that needs torch alone: the code of the blocks and modules, the networks' tables, and ``build(name)``."""
    tables = {name: network_spec(arch) for name, arch in _networks(family).items()}
    return f"""{_standalone_code()}

DROPOUT = {pformat(_dropouts(family), sort_dicts=False)}
NETWORKS: dict[str, dict[str, Any]] = {pformat(tables, sort_dicts=False, width=110)}


def build(name: str, classes: int = 1000, image_channels: int = 3, drop_path: float = 0.2) -> Network:
    \"\"\"The family's network of that name; its images have NETWORKS[name]["resolution"] px.\"\"\"
    spec = NETWORKS[name] | {{"classes": classes, "image_channels": image_channels}}
    return Network(spec, DROPOUT[name], drop_path)
"""


def _efficientnets(family: Family, form: str, reason: str, divisor: int = 1) -> dict[str, Architecture]:
    """The family's networks.

    Raises:
        InputError: a network is no EfficientNet, or has parts or channels that the format cannot express.
    """
    networks = _networks(family)
    for name, arch in networks.items():
        if arch.style != "efficientnet" or any(s.block != "mbconv" for s in arch.stages):
            raise InputError(f"{form} cannot express {family.base}: {reason}", "use pytorch or onnx")
        if arch.stem_stride != 2:
            raise InputError(f"{form} cannot express a stem of stride {arch.stem_stride}", "use pytorch or onnx")
        if arch.head == 0:
            raise InputError(f"{form} cannot express a network without a head", "use pytorch or onnx")
        if fractions := [s.expand for s in arch.stages if s.expand != int(s.expand)]:
            raise InputError(f"{form} cannot express an expansion of {fractions[0]:g}", "use pytorch or onnx")
        indivisible = [c for c in arch.channels if c % divisor]
        if indivisible:
            raise InputError(
                f"{form} rounds channels to multiples of {divisor}, and {name} has {indivisible[0]}",
                f"make the family with divisor {divisor}, or use pytorch or onnx",
            )
    return networks


def to_torchvision(family: Family) -> str:
    """A module that builds the networks from torchvision's EfficientNet with explicit stages."""
    networks = _efficientnets(family, "torchvision", "its other models take no stage table with channels", 8)
    tables = {}
    for name, arch in networks.items():
        rows = [
            (int(s.expand), s.kernel, s.stride, c, s.channels, s.blocks)
            for s, c in zip(arch.stages, arch.inputs, strict=True)
        ]
        tables[name] = {"stages": rows, "head": arch.head, "resolution": arch.resolution}
    return f'''"""EfficientNets for torchvision. A stage: expand, kernel, stride, input channels, output channels, blocks."""

from torchvision.models.efficientnet import EfficientNet, MBConvConfig

DROPOUT = {pformat(_dropouts(family), sort_dicts=False)}
NETWORKS = {pformat(tables, sort_dicts=False, width=110)}


def build(name, classes=1000, stochastic_depth=0.2):
    """The family's network of that name, for images of NETWORKS[name]["resolution"] px."""
    spec = NETWORKS[name]
    stages = [MBConvConfig(*row) for row in spec["stages"]]
    return EfficientNet(stages, DROPOUT[name], stochastic_depth, num_classes=classes, last_channel=spec["head"])
'''


def to_timm(family: Family) -> str:
    """A module that builds the networks from timm's EfficientNet and its architecture strings."""
    networks = _efficientnets(family, "timm", "its architecture strings are tested for EfficientNets only", 4)
    tables = {}
    for name, arch in networks.items():
        strings = [
            [
                f"{'ds' if s.expand == 1 else 'ir'}_r{s.blocks}_k{s.kernel}_s{s.stride}_e{s.expand:g}_c{s.channels}_se0.25"
            ]
            for s in arch.stages
        ]
        tables[name] = {"arch_def": strings, "stem": arch.stem, "head": arch.head, "resolution": arch.resolution}
    return f'''"""EfficientNets for timm (pytorch-image-models)."""

from timm.models._efficientnet_builder import decode_arch_def
from timm.models.efficientnet import EfficientNet
from torch import nn

DROPOUT = {pformat(_dropouts(family), sort_dicts=False)}
NETWORKS = {pformat(tables, sort_dicts=False, width=110)}


def build(name, classes=1000, drop_path_rate=0.2):
    """The family's network of that name, for images of NETWORKS[name]["resolution"] px."""
    spec = NETWORKS[name]
    return EfficientNet(
        decode_arch_def(spec["arch_def"]),
        num_classes=classes,
        num_features=spec["head"],
        stem_size=spec["stem"],
        round_chs_fn=lambda channels, *_, **__: channels,
        act_layer=nn.SiLU,
        drop_rate=DROPOUT[name],
        drop_path_rate=drop_path_rate,
    )
'''


def _keras_width(name: str, arch: Architecture) -> float:
    """A width from which Keras derives the network's stem and head.

    Raises:
        InputError: there is none.
    """
    base = base_network("efficientnet_b0")
    for c in range(-64, 65):
        width = (arch.head + c / 8) / base.head
        derived = [round_channels(n, width, "official") if width != 1 else n for n in (base.stem, base.head)]
        if derived == [arch.stem, arch.head]:
            return width
    raise InputError(
        f"Keras derives stem and head from one width by its own rounding, and none gives {name}'s {arch.stem} and {arch.head}",
        "make the family with --rounding official, or use pytorch, timm or torchvision",
    )


def to_keras(family: Family) -> str:
    """A module that builds the networks from Keras 3's EfficientNet with explicit blocks."""
    networks = _efficientnets(family, "Keras", "its other models take no stage table", 8)
    tables = {}
    for name, arch in networks.items():
        rows = [
            (s.kernel, s.blocks, c, s.channels, int(s.expand), s.stride)
            for s, c in zip(arch.stages, arch.inputs, strict=True)
        ]
        tables[name] = {"width": _keras_width(name, arch), "stages": rows, "resolution": arch.resolution}
    return f'''"""EfficientNets for Keras 3. A stage: kernel, repeats, input channels, output channels, expand, stride."""

from keras.applications import efficientnet

try:  # the function that Keras's B0-B7 are made with is public in none of its namespaces
    from keras.src.applications.efficientnet import EfficientNet
except ImportError:
    EfficientNet = efficientnet.EfficientNet

DROPOUT = {pformat(_dropouts(family), sort_dicts=False)}
NETWORKS = {pformat(tables, sort_dicts=False, width=110)}
FIELDS = ("kernel_size", "repeats", "filters_in", "filters_out", "expand_ratio", "strides")


def build(name, classes=1000, drop_connect_rate=0.2):
    """The family's network of that name; it takes images of 0-255 and NETWORKS[name]["resolution"] px."""
    spec = NETWORKS[name]
    width, px = spec["width"], spec["resolution"]
    blocks = [dict(zip(FIELDS, row)) | {{"id_skip": True, "se_ratio": 0.25}} for row in spec["stages"]]
    for block in blocks:  # Keras multiplies by the width and rounds to 8: these come out as they are written above
        block["filters_in"] /= width
        block["filters_out"] /= width
    return EfficientNet(
        width, 1.0, px, DROPOUT[name], drop_connect_rate, blocks_args=blocks, name=name, weights=None,
        input_shape=(px, px, 3), classes=classes, classifier_activation=None,
    )
'''


def to_pycls(family: Family) -> str:
    """YAML for pycls: one document for each network, with the name in a comment before it."""
    networks = _efficientnets(family, "pycls", "its other models have other blocks")
    dropout, documents = _dropouts(family), []
    for name, arch in networks.items():
        if min(arch.channels) < 4:
            raise InputError(f"pycls squeezes {min(arch.channels)} channels of {name} to 0", "use pytorch or onnx")
        stages = arch.stages
        table = {
            "STEM_W": arch.stem,
            "DEPTHS": [s.blocks for s in stages],
            "WIDTHS": [s.channels for s in stages],
            "EXP_RATIOS": [int(s.expand) for s in stages],
            "SE_R": 0.25,
            "STRIDES": [s.stride for s in stages],
            "KERNELS": [s.kernel for s in stages],
            "HEAD_W": arch.head,
            "DROPOUT_RATIO": dropout[name],
        }
        px = {"TRAIN": {"IM_SIZE": arch.resolution}, "TEST": {"IM_SIZE": round(arch.resolution * 256 / 224)}}
        values = {"MODEL": {"TYPE": "effnet", "NUM_CLASSES": arch.classes}, "EN": table, **px}
        documents.append(f"# {name}\n{yaml.safe_dump(values, sort_keys=False, default_flow_style=None)}")
    return "---\n".join(documents)


def to_tensorflow(family: Family) -> str:
    """The original code's parameter tuples: name → (width, depth, px, dropout)."""
    networks = _efficientnets(family, "The TensorFlow tuple", "only the EfficientNet code reads it")
    base, lines = base_network("efficientnet_b0"), []
    for m in family.models:
        if scale(base, m.depth, m.width, m.resolution, "official") != networks[m.name]:
            raise InputError(
                f"the TensorFlow tuple implies the released code's rounding, which does not give {m.name}",
                "make the family with --rounding official",
            )
        lines.append(f"    {m.name!r}: ({m.width!r}, {m.depth!r}, {m.resolution}, {m.dropout}),")
    head = '"""For efficientnet_builder.py of tensorflow/tpu: name → (width, depth, resolution, dropout)."""'
    return "\n".join([head, "", "PARAMS = {", *lines, "}"]) + "\n"


CODE_FORMATS: dict[str, Callable[[Family], str]] = {
    "pytorch": to_pytorch,
    "torchvision": to_torchvision,
    "timm": to_timm,
    "keras": to_keras,
    "pycls": to_pycls,
    "tensorflow": to_tensorflow,
}
