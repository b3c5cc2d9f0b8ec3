"""Time forward passes. ``python -m scaling_search.training.latency_process`` serves networks/latency.py, one line of JSON per network."""

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

WARM_UP_PASSES, MIN_PASSES, MAX_PASSES, TIME_BUDGET_S = 2, 9, 101, 0.1
"""Passes that are not timed; minimum and maximum of timed passes of each network; seconds after which timing stops."""


class _LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Tracks the bytes of live tensors and their peak. Storages whose addresses are in ``ignored`` are not counted."""

    def __init__(self, ignored: set[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = 0
        self.known = ignored

    def _free(self, address: int, size: int) -> None:
        self.known.discard(address)
        self.live -= size

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for result in out if isinstance(out, tuple | list) else (out,):
            if not isinstance(result, Tensor) or result.untyped_storage().data_ptr() in self.known:
                continue
            storage = result.untyped_storage()
            address, size = storage.data_ptr(), storage.nbytes()
            self.known.add(address)
            self.live += size
            self.peak = max(self.peak, self.live)
            weakref.finalize(storage, self._free, address, size)
        return out


def peak_memory(net: nn.Module, image: Tensor) -> int:
    """Peak bytes during a forward pass without gradients: weights, buffers, the image, and live feature maps.

    Only tensors that PyTorch allocates are counted, not the workspace of kernels.
    """
    inputs = [*net.parameters(), *net.buffers(), image]
    input_bytes = sum(t.numel() * t.element_size() for t in inputs)
    with torch.no_grad(), _LiveBytes({t.untyped_storage().data_ptr() for t in inputs}) as tracker:
        net(image)
    return int(input_bytes + tracker.peak)


def time_passes(nets: list[nn.Module], images: list[Tensor]) -> list[list[float]]:
    """Seconds of each pass of each network; the networks take turns.

    On a CPU this is the CPU time of the one thread that computes, so other processes do not add to it.
    """
    seconds: list[list[float]] = [[] for _ in nets]
    clock = time.perf_counter if images[0].is_cuda else time.thread_time
    wait: Callable[[], None] = torch.cuda.synchronize if images[0].is_cuda else (lambda: None)
    with torch.inference_mode():
        for net, x in zip(nets, images, strict=True):
            for _ in range(WARM_UP_PASSES):
                net(x)
        wait()
        began = clock()
        while len(seconds[0]) < MIN_PASSES or (clock() - began < TIME_BUDGET_S and len(seconds[0]) < MAX_PASSES):
            for net, x, net_seconds in zip(nets, images, seconds, strict=True):
                start = clock()
                net(x)
                wait()
                net_seconds.append(clock() - start)
    return seconds


@lru_cache(maxsize=2)
def network_and_images(network: str, batch: int, device: torch.device) -> tuple[nn.Module, Tensor]:
    """A network from its JSON, with random weights, and random images (batch, c, h, w)."""
    arch = Architecture.from_dict(json.loads(network))
    torch.manual_seed(0)
    net = build_model(arch).eval().to(device).to(memory_format=torch.channels_last)
    images = torch.randn((batch, arch.image_channels, arch.resolution, arch.resolution), device=device)
    return net, images.contiguous(memory_format=torch.channels_last)


def measure(request: dict[str, Any]) -> dict[str, Any]:
    """The fields of a :class:`scaling_search.networks.latency.Latency`."""
    batch, device = int(request["batch"]), torch.device(request["device"])
    nets, images = zip(
        *(network_and_images(json.dumps(request[name]), batch, device) for name in ("base", "network")), strict=True
    )
    base_ms, net_ms = (1000 * np.array(seconds) / batch for seconds in time_passes(list(nets), list(images)))
    low, median, high = np.quantile(net_ms, [0.25, 0.5, 0.75]).tolist()
    ratio, memory = median / float(np.median(base_ms)), peak_memory(nets[1], images[1][:1])
    return {"ms": median, "low": low, "high": high, "passes": len(net_ms), "ratio": ratio, "memory": memory}


def _serve() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    for line in sys.stdin:
        try:
            with redirect_stdout(sys.stderr):
                reply = measure(json.loads(line))
        except Exception as e:  # a user's network may raise anything
            reply = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    _serve()
