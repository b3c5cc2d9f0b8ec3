"""Counting a network's multiply-accumulates: the closed form against the counters people use, and who is right."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import EFFICIENTNET_B0
from scaling_search.networks.cost import cost
from scaling_search.networks.family import released
from scaling_search.training.build import build_model
from scaling_search.training.count import counted_cost
from tests.benchmarks.measure import Section, interleaved, say

KEPT = ("B0", "B4", "B7")
Counter = Callable[[nn.Module, torch.Tensor], int]


def _flop_counter(net: nn.Module, image: torch.Tensor) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(image)
    return int(counter.get_total_flops()) // 2


def _ptflops(net: nn.Module, image: torch.Tensor) -> int:
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(net, tuple(image.shape[1:]), as_strings=False, print_per_layer_stat=False)
    return int(macs)


def _thop(net: nn.Module, image: torch.Tensor) -> int:
    from thop import profile

    macs, _ = profile(net, (image,), verbose=False)
    return int(macs)


PEERS: dict[str, Counter] = {"FlopCounterMode": _flop_counter, "ptflops": _ptflops, "thop": _thop}


def networks() -> dict[str, Architecture]:
    """B0, B4 and B7 as they were released."""
    models = {m.name.upper(): m for m in released().models}
    return {
        n: scale(EFFICIENTNET_B0, m.depth, m.width, m.resolution, "official") for n, m in models.items() if n in KEPT
    }


NEW = itertools.count(1)


def _closed(arch: Architecture, times: int = 200) -> float:
    """Seconds of one call, for networks that have not been counted before."""
    fresh = [replace(arch, head=arch.head + next(NEW)) for _ in range(times)]
    began = time.perf_counter()
    for a in fresh:
        cost(a)
    return (time.perf_counter() - began) / times


def _timed(count: Callable[[], Any]) -> float:
    began = time.perf_counter()
    count()
    return time.perf_counter() - began


def run(quick: bool, rounds: int) -> Section:
    """{network: MACs, seconds and error of each counter}."""
    found: Section = {}
    for name, arch in list(networks().items())[: 1 if quick else None]:
        net = build_model(arch).eval()
        image = torch.zeros(1, arch.image_channels, arch.resolution, arch.resolution)
        truth = cost(arch).macs
        counts = {"closed form": truth, "fvcore": counted_cost(net, arch).macs}
        sides: dict[str, Callable[[], float]] = {"closed form": lambda a=arch: _closed(a)}  # type: ignore[misc]
        sides["fvcore"] = lambda n=net, a=arch: _timed(lambda: counted_cost(n, a))  # type: ignore[misc]
        for peer, count in PEERS.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    counts[peer] = count(build_model(arch).eval(), image)
                except ImportError:
                    say(f"{peer} is not installed")
                    continue
            sides[peer] = lambda c=count, a=arch, x=image: _timed(lambda: c(build_model(a).eval(), x))  # type: ignore[misc]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds = interleaved(f"cost of {name}, s", sides, rounds)
        found[name] = {
            "macs": counts,
            "error": {peer: n / truth - 1 for peer, n in counts.items()},
            "seconds": seconds,
            "fvcore / closed form": seconds["fvcore"] / seconds["closed form"],
        }
    return found
