"""Counts of a built network's cost: by fvcore for networks of the tables, by torch's forward counter for users' networks."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from scaling_search.errors import CostMismatch
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost import Cost, cost
from scaling_search.networks.user_network_cost import Counts


def _parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def counted_cost(net: nn.Module, arch: Architecture) -> Cost:
    """MACs and activations of convolutions and linear layers as fvcore counts them in the built network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis

    image = torch.zeros(1, arch.image_channels, arch.resolution, arch.resolution)
    device = next(net.parameters()).device
    training = net.training
    net.eval()
    counts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, about traced constants
        for analysis in (FlopCountAnalysis, ActivationCountAnalysis):
            counter = analysis(net, image.to(device)).uncalled_modules_warnings(False).unsupported_ops_warnings(False)
            counter.tracer_warnings("none")
            by_operator = counter.by_operator()
            counts.append(int(by_operator["conv"] + by_operator["linear"]))
    net.train(training)
    return Cost(counts[0], _parameters(net), counts[1])


def verify_cost(net: nn.Module, arch: Architecture) -> Cost:
    """fvcore's count of the built network.

    Raises:
        CostMismatch: it differs from the closed form, in MACs, parameters or activations.
    """
    own = arch.factory is not None
    by_forward = forward_counts(net, arch.image_channels, arch.resolution) if own else None
    counted = Cost(*by_forward) if by_forward else counted_cost(net, arch)
    expected = cost(arch)
    if own and counted != expected:
        raise CostMismatch(
            f"the factory's network {arch.key} counts {counted} now, and {expected} when it was measured",
            "see `scaling-search base check`: it may build another network each time, or code it imports was changed",
        )
    if counted != expected:
        raise CostMismatch(
            f"network {arch.key}: fvcore counts {counted}, the closed form says {expected}",
            "this is a defect of scaling_search: please report the study file",
        )
    return counted


def forward_counts(net: nn.Module, image_channels: int, px: int) -> Counts:
    """MACs of one image's forward pass by torch's own counter, params, and outputs of convolutions and linear layers."""
    seen: list[int] = []

    def note(_: nn.Module, __: tuple[Tensor, ...], out: Tensor) -> None:
        seen.append(out.numel())

    layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    hooks = [m.register_forward_hook(note) for m in layers]
    training, device = net.training, next(net.parameters()).device
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net.eval()(torch.zeros(1, image_channels, px, px, device=device))
    for hook in hooks:
        hook.remove()
    net.train(training)
    return int(counter.get_total_flops()) // 2, sum(p.numel() for p in net.parameters()), sum(seen)
