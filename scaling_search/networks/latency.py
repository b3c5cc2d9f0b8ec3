"""Latency and peak memory of networks on this device, measured in a subprocess and cached.

The cache file is named by the base, the batch, the device and the version of torch. It makes a set of networks that was
chosen by measurements the same set in every later run on this device. :mod:`scaling_search.training.latency_process` measures.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from scaling_search.errors import InputError
from scaling_search.hardware import device_name, gpus
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.measurement_process import JsonProcess
from scaling_search.networks.user_network_cost import source_path
from scaling_search.paths import cache_folder


@dataclass(frozen=True, slots=True)
class Latency:
    """Latency of inference: ``ms`` is the median over ``passes``, ``low`` and ``high`` are the quartiles, in ms per image.

    ``ratio`` is the median divided by the base's. The passes of both alternate, so that load on the machine slows both.
    ``memory`` is the peak during one image's pass in bytes: weights and live feature maps.
    """

    ms: float
    low: float
    high: float
    passes: int
    ratio: float
    memory: int


@lru_cache(maxsize=1)
def conditions() -> dict[str, str]:
    """Conditions of all measurements in this process: the device and the version of torch."""
    return {"device": device_name(), "torch": metadata.version("torch")}


def _cache_key(arch: Architecture) -> str:
    """The architecture's key; for a factory also a hash of its source."""
    if arch.factory is None:
        return arch.key
    return f"{arch.key}-{hashlib.sha256(source_path(arch.factory.name).read_bytes()).hexdigest()[:8]}"


class LatencyCache:
    """Latencies of networks relative to one base, at one batch size. ``repeat`` numbers independent measurements of a network."""

    def __init__(self, base: Architecture, batch: int = 1) -> None:
        self.base, self.batch = base, batch
        identity = f"{sorted(conditions().items())} {_cache_key(base)} {batch}"
        self.path = cache_folder() / "latency" / f"{hashlib.sha256(identity.encode()).hexdigest()[:16]}.jsonl"
        self.latencies: dict[tuple[str, int], Latency] = {}
        self.process = JsonProcess("scaling_search.training.latency_process", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
        self.load()

    def load(self) -> None:
        """Read the cache file. Of several measurements with one key and repeat, the first counts."""
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            try:
                key, repeat, values = json.loads(line)
            except ValueError:
                continue  # the process was killed while it wrote this line
            self.latencies.setdefault((key, repeat), Latency(**values))

    def get(self, arch: Architecture, repeat: int = 0) -> Latency | None:
        """The cached latency, or None; measures nothing."""
        return self.latencies.get((_cache_key(arch), repeat))

    def measure(self, arch: Architecture, repeat: int = 0) -> Latency:
        """The cached latency, or else a new measurement, which is added to the cache.

        Raises:
            InputError: the network cannot be built or run on this device.
        """
        cached = self.get(arch, repeat)
        if cached is not None:
            return cached
        devices = gpus()
        request = {"base": self.base.to_dict(), "network": arch.to_dict(), "batch": self.batch}
        reply = self.process.request({**request, "device": devices[0] if devices else "cpu"})
        if "error" in reply:
            raise InputError(
                f"cannot measure the latency of {arch.key}: {reply['error']}",
                "lower budget.latency_batch, or set budget.cost to macs or activations",
            )
        latency = self.latencies[_cache_key(arch), repeat] = Latency(**reply)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps([_cache_key(arch), repeat, asdict(latency)]) + "\n")
        return latency

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from measuring, so that two do not choose different sets. Ends the subprocess at exit."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with Path(f"{self.path}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.load()
            try:
                yield
            finally:
                self.process.close()
