"""Times forward passes. ``python -m scaling_search.training.latency_process`` answers latency.py: one line of JSON, one network."""

from __future__ import annotations

import json
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from scaling_search.networks.architecture import Architecture
from scaling_search.training.build import build_model

WARM_UP, FEWEST, MOST, SECONDS = 2, 9, 101, 0.1
"""Passes before any is timed; timed passes of each network, at least and at most; seconds they should take in all."""


class _Live(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts bytes of the tensors that are alive, and their peak; storages in ``seen`` are counted elsewhere."""

    def __init__(self, seen: set[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.peak = 0
        self.seen = seen

    def _gone(self, at: int, size: int) -> None:
        self.seen.discard(at)
        self.now -= size

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for made in out if isinstance(out, tuple | list) else (out,):
            if not isinstance(made, Tensor) or made.untyped_storage().data_ptr() in self.seen:
                continue
            storage = made.untyped_storage()
            at, size = storage.data_ptr(), storage.nbytes()
            self.seen.add(at)
            self.now += size
            self.peak = max(self.peak, self.now)
            weakref.finalize(storage, self._gone, at, size)
        return out


def peak_memory(net: nn.Module, image: Tensor) -> int:
    """Bytes at the peak of a forward pass without gradients: weights and buffers, the image, and live feature maps.

    Counted by the tensors that PyTorch makes, not by what a kernel takes for itself.
    """
    given = [*net.parameters(), *net.buffers(), image]
    held = sum(t.numel() * t.element_size() for t in given)
    with torch.no_grad(), _Live({t.untyped_storage().data_ptr() for t in given}) as live:
        net(image)
    return int(held + live.peak)


def timed(nets: list[nn.Module], images: list[Tensor]) -> list[list[float]]:
    """Seconds of each network's passes, which alternate.

    On a CPU they are those of the one thread that computes: on a quiet machine the time that passes, and on a busy one not
    counting others' turns.
    """
    seconds: list[list[float]] = [[] for _ in nets]
    clock = time.perf_counter if images[0].is_cuda else time.thread_time
    wait: Callable[[], None] = torch.cuda.synchronize if images[0].is_cuda else (lambda: None)
    with torch.inference_mode():
        for net, x in zip(nets, images, strict=True):
            for _ in range(WARM_UP):
                net(x)
        wait()
        began = clock()
        while len(seconds[0]) < FEWEST or (clock() - began < SECONDS and len(seconds[0]) < MOST):
            for net, x, found in zip(nets, images, seconds, strict=True):
                start = clock()
                net(x)
                wait()
                found.append(clock() - start)
    return seconds


@lru_cache(maxsize=2)
def prepared(network: str, batch: int, device: torch.device) -> tuple[nn.Module, Tensor]:
    """A network from its JSON, with random weights, and images (batch, c, h, w) for it."""
    arch = Architecture.from_dict(json.loads(network))
    torch.manual_seed(0)
    net = build_model(arch).eval().to(device).to(memory_format=torch.channels_last)
    images = torch.randn((batch, arch.image_channels, arch.resolution, arch.resolution), device=device)
    return net, images.contiguous(memory_format=torch.channels_last)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """The fields of a :class:`scaling_search.networks.latency.Latency`."""
    batch, device = int(asked["batch"]), torch.device(asked["device"])
    base, net = (prepared(json.dumps(asked[name]), batch, device) for name in ("base", "network"))
    of_base, of_net = (1000 * np.array(found) / batch for found in timed([base[0], net[0]], [base[1], net[1]]))
    low, middle, high = np.quantile(of_net, [0.25, 0.5, 0.75]).tolist()
    ratio, memory = middle / float(np.median(of_base)), peak_memory(net[0], net[1][:1])
    return {"ms": middle, "low": low, "high": high, "passes": len(of_net), "ratio": ratio, "memory": memory}


def _answer() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    for line in sys.stdin:
        try:
            with redirect_stdout(sys.stderr):
                found = answer(json.loads(line))
        except Exception as e:  # whatever a network raises is told, not shown
            found = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _answer()
