"""What networks cost in every unit: MACs, activations, parameters, and latency and peak memory on this device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost import Cost, cost
from scaling_search.networks.latency import Latency, LatencyCache


@dataclass(frozen=True, slots=True)
class CostSummary:
    """A network's price; ``latency`` is None where it was not measured on this device."""

    name: str
    key: str
    cost: Cost
    latency: Latency | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: counts, latency in milliseconds an image with its quartiles, memory in bytes."""
        measured = None if self.latency is None else asdict(self.latency)
        return {"name": self.name, "key": self.key, **asdict(self.cost), "latency": measured}


def cost_summaries(
    base: Architecture, networks: Mapping[str, Architecture], batch: int = 1, measure: bool = False
) -> list[CostSummary]:
    """The base's price, then the networks'; without ``measure``, latencies are those that are kept.

    Raises:
        InputError: a network cannot be measured here.
    """
    watch, found = LatencyCache(base, batch), []
    for name, arch in {"base": base, **networks}.items():
        latency = watch.measure(arch) if measure else watch.get(arch)
        found.append(CostSummary(name, arch.key, cost(arch), latency))
    watch.child.close()
    return found
