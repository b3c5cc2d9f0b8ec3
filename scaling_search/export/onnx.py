"""A network as an ONNX file with initial weights (seed 0), for tools that measure, convert or compile it."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import Any

import torch

from scaling_search.errors import InputError
from scaling_search.export.frameworks import network_spec
from scaling_search.networks.architecture import Architecture
from scaling_search.training.modules import Network


def to_onnx(arch: Architecture) -> bytes:
    """ONNX of ``images`` (n, image channels, px, px) float32 → ``logits`` (n, classes), with any n and folded batch norms.

    Raises:
        InputError: the extra ``exports`` is not installed.
    """
    if find_spec("onnxscript") is None:
        raise InputError("ONNX needs the packages onnx and onnxscript", "pip install 'scaling-search[exports]'")
    torch.manual_seed(0)
    net = Network(network_spec(arch)).eval()
    images = torch.zeros(2, arch.image_channels, arch.resolution, arch.resolution)
    names: dict[str, Any] = {"input_names": ["images"], "output_names": ["logits"]}
    shapes = ({0: torch.export.Dim("n")},)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside the exporter
        program = torch.onnx.export(net, (images,), dynamo=True, verbose=False, dynamic_shapes=shapes, **names)  # fmt: skip
    assert program is not None
    return bytes(program.model_proto.SerializeToString())
