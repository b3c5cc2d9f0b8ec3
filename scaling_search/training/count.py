"""The cost of a built network, counted in two ways.

Networks from stage tables are counted by fvcore, which traces the network and counts its convolutions and linear layers; their
closed form must equal this count. Users' networks are counted by torch during one forward pass, which also works on the meta
device and includes every operator that torch counts, such as attention.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from scaling_search.errors import CostMismatch
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost import Cost, cost
from scaling_search.networks.user_network_cost import Counts


def _count_parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def counted_cost(net: nn.Module, arch: Architecture) -> Cost:
    """MACs and activations of convolutions and linear layers, as fvcore counts them, and parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis

    image = torch.zeros(1, arch.image_channels, arch.resolution, arch.resolution)
    device = next(net.parameters()).device
    training = net.training
    net.eval()
    counts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns about constants in the graph
        for analysis in (FlopCountAnalysis, ActivationCountAnalysis):
            counter = analysis(net, image.to(device)).uncalled_modules_warnings(False).unsupported_ops_warnings(False)
            counter.tracer_warnings("none")
            by_operator = counter.by_operator()
            counts.append(int(by_operator["conv"] + by_operator["linear"]))
    net.train(training)
    return Cost(counts[0], _count_parameters(net), counts[1])


def forward_counts(net: nn.Module, image_channels: int, px: int) -> Counts:
    """MACs of one image's forward pass as torch counts them, parameters, and outputs of convolutions and linear layers."""
    activations: list[int] = []

    def add_outputs(_: nn.Module, __: tuple[Tensor, ...], out: Tensor) -> None:
        activations.append(out.numel())

    layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    hooks = [m.register_forward_hook(add_outputs) for m in layers]
    training, device = net.training, next(net.parameters()).device
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net.eval()(torch.zeros(1, image_channels, px, px, device=device))
    for hook in hooks:
        hook.remove()
    net.train(training)
    return int(counter.get_total_flops()) // 2, _count_parameters(net), sum(activations)


def verify_cost(net: nn.Module, arch: Architecture) -> Cost:
    """The counted cost of the built network.

    Raises:
        CostMismatch: MACs, parameters or activations differ from the closed form, or from what was measured.
    """
    expected = cost(arch)
    if arch.factory is not None:
        counted = Cost(*forward_counts(net, arch.image_channels, arch.resolution))
        if counted != expected:
            raise CostMismatch(
                f"the factory's network {arch.key} counts {counted} now, and {expected} when it was measured",
                "run `scaling-search base check`: the factory may be random, or code that it imports has changed",
            )
    else:
        counted = counted_cost(net, arch)
        if counted != expected:
            raise CostMismatch(
                f"network {arch.key}: fvcore counts {counted}, the closed form says {expected}",
                "this is a defect of scaling_search: please report the study file",
            )
    return counted
