"""Latency and peak memory of networks on this device, measured in another process and kept.

What is kept is named by the network, the batch, the device and the version of torch, so a set of networks that was chosen by
measurements is the same set whenever it is asked for again here. The stopwatch is :mod:`scaling_search.training.latency_process`.
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
from scaling_search.networks.user_network_cost import source_of
from scaling_search.paths import cache_folder


@dataclass(frozen=True, slots=True)
class Latency:
    """Of an inference pass: ``ms``, ``low`` and ``high`` are median and quartiles, milliseconds an image, over ``passes``.

    ``ratio`` is the median over that of the base, whose passes alternate with these, so that a busy machine slows both.
    ``memory`` is the peak of one image's pass, bytes: weights and live feature maps.
    """

    ms: float
    low: float
    high: float
    passes: int
    ratio: float
    memory: int


@lru_cache(maxsize=1)
def conditions() -> dict[str, str]:
    """Where and by what latencies are measured here: device and version of torch."""
    return {"device": device_name(), "torch": metadata.version("torch")}


def _name(arch: Architecture) -> str:
    if arch.factory is None:
        return arch.key
    return f"{arch.key}-{hashlib.sha256(source_of(arch.factory.name).read_bytes()).hexdigest()[:8]}"


class LatencyCache:
    """Measures networks beside one base at one batch; ``turn`` counts independent measurements of a network."""

    def __init__(self, base: Architecture, batch: int = 1) -> None:
        self.base, self.batch = base, batch
        facts = f"{sorted(conditions().items())} {_name(base)} {batch}"
        self.file = cache_folder() / "latency" / f"{hashlib.sha256(facts.encode()).hexdigest()[:16]}.jsonl"
        self.known: dict[tuple[str, int], Latency] = {}
        self.child = JsonProcess("scaling_search.training.latency_process", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
        self.load()

    def load(self) -> None:
        """Take up what is kept; the first measurement of each turn counts."""
        for line in self.file.read_text().splitlines() if self.file.exists() else ():
            try:
                key, turn, values = json.loads(line)
            except ValueError:
                continue  # a line that a kill cut short
            self.known.setdefault((key, turn), Latency(**values))

    def get(self, arch: Architecture, turn: int = 0) -> Latency | None:
        """What was measured before; nothing is measured now."""
        return self.known.get((_name(arch), turn))

    def measure(self, arch: Architecture, turn: int = 0) -> Latency:
        """A network's latency on this device.

        Raises:
            InputError: it cannot be built or run here.
        """
        found = self.get(arch, turn)
        if found is not None:
            return found
        devices = gpus()
        request = {"base": self.base.to_dict(), "network": arch.to_dict(), "batch": self.batch}
        reply = self.child.request({**request, "device": devices[0] if devices else "cpu"})
        if "error" in reply:
            said = f"the latency of {arch.key} cannot be measured: {reply['error']}"
            raise InputError(said, "lower budget.latency_batch, or hold macs or activations (budget.cost)")
        found = self.known[_name(arch), turn] = Latency(**reply)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as out:
            out.write(json.dumps([_name(arch), turn, asdict(found)]) + "\n")
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold what is kept against other processes, so that two do not choose two sets; ends the child at the end."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with Path(f"{self.file}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.load()
            try:
                yield
            finally:
                self.child.close()
