"""ONNX files: the same operations, parameters and logits as the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from scaling_search.errors import InputError
from scaling_search.export import onnx as onnx_file
from scaling_search.export.frameworks import network_spec
from scaling_search.export.onnx import to_onnx
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import FACTS, base_network
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.cost import cost
from scaling_search.networks.phi_solver import solve
from scaling_search.training.modules import Network
from tests.support.logits import assert_same


def test_onnx_without_its_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="needs the packages onnx and onnxscript") as refused:
        to_onnx(base_network("resnet18"))
    assert refused.value.hint == "pip install 'scaling-search[exports]'"


def check_onnx(arch: Architecture) -> None:
    raw = to_onnx(arch)
    model = onnx.load_from_string(raw)
    onnx.checker.check_model(model)
    torch.manual_seed(0)
    net = Network(network_spec(arch)).eval()
    weights = {i.name: list(i.dims) for i in model.graph.initializer if i.data_type == onnx.TensorProto.FLOAT}
    layers = [node for node in model.graph.node if node.op_type in ("Conv", "Gemm")]
    used = [name for node in layers for name in node.input if name in weights]
    kernels = sum(p.numel() for p in net.parameters() if p.ndim > 1)  # biases and batch norms, all 0 and 1, are folded
    assert sum(int(np.prod(weights[n])) for n in used if len(weights[n]) > 1) == kernels
    assert kernels < cost(arch).params == sum(p.numel() for p in net.parameters())
    shapes = {
        v.name: [d.dim_value for d in v.type.tensor_type.shape.dim]
        for v in [*onnx.shape_inference.infer_shapes(model).graph.value_info, *model.graph.output]
    }
    macs = 0
    for node in model.graph.node:
        if node.op_type == "Conv":
            macs += int(np.prod(weights[node.input[1]])) * int(np.prod(shapes[node.output[0]][2:]))
        elif node.op_type == "Gemm":
            macs += int(np.prod(weights[node.input[1]]))
    assert macs == cost(arch).macs
    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    images = torch.randn(3, arch.image_channels, arch.resolution, arch.resolution)
    (logits,) = session.run(["logits"], {"images": images.numpy()})
    with torch.inference_mode():
        assert_same(torch.from_numpy(logits), net(images), 1e-4)


@pytest.mark.parametrize("name", ["mobilenet_v3_large", "resnet18"])
def test_onnxruntime_runs_a_small_network_to_the_same_logits(name: str) -> None:
    check_onnx(scale(replace(base_network(name, 10, 1), resolution=33), 0.1, 0.25))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("phi", [0, 1, 3])
@pytest.mark.parametrize("name", sorted(FACTS))
def test_onnxruntime_runs_every_base_at_1_2_and_8_times_its_cost(name: str, phi: int) -> None:
    check_onnx(solve(base_network(name), PAPER, phi, 8)[2] if phi else base_network(name))
