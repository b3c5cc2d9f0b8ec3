"""All costs of a network: MACs, activations, parameters, and latency and peak memory on this device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost import Cost, cost
from scaling_search.networks.latency import Latency, LatencyCache


@dataclass(frozen=True, slots=True)
class CostSummary:
    """All costs of one network; ``latency`` is None if it was not measured on this device."""

    name: str
    key: str
    cost: Cost
    latency: Latency | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; the latency is in milliseconds per image, the memory in bytes."""
        measured = None if self.latency is None else asdict(self.latency)
        return {"name": self.name, "key": self.key, **asdict(self.cost), "latency": measured}


def cost_summaries(
    base: Architecture, networks: Mapping[str, Architecture], batch: int = 1, measure: bool = False
) -> list[CostSummary]:
    """Costs of the base, then of the networks. Without ``measure``, latencies come from the cache only.

    Raises:
        InputError: a network cannot be measured on this device.
    """
    latencies, summaries = LatencyCache(base, batch), []
    for name, arch in {"base": base, **networks}.items():
        latency = latencies.measure(arch) if measure else latencies.get(arch)
        summaries.append(CostSummary(name, arch.key, cost(arch), latency))
    latencies.process.close()
    return summaries
