"""A table of networks' costs: MACs, activations, parameters, and latency and peak memory on this device."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost_summary import CostSummary, cost_summaries
from scaling_search.networks.latency import conditions
from scaling_search.report.format import si
from scaling_search.report.labels import COST_LABELS
from scaling_search.spec.study import StudySpec

COLUMNS = ["network", "MACs", "activations", "parameters", "latency, ms an image", "quartiles", "peak memory"]


def chosen_prices(spec: StudySpec, choice: Mapping[str, Any]) -> list[CostSummary]:
    """Costs of a study's base and of its chosen network.

    Empty for a choice stored by an older version, without its network, and if the module of a user's factory is missing.
    """
    if "network" not in choice:
        return []
    chosen = Architecture.from_dict(choice["network"])
    with suppress(InputError):
        return cost_summaries(spec.base_architecture(), {"chosen": chosen}, spec.budget.latency_batch)
    return []


def table_rows(costs: list[CostSummary]) -> list[list[str]]:
    """One row per network, in COLUMNS; each figure with its ratio to that of the first, the base."""
    base, rows = costs[0], []
    for p in costs:
        counts = [(p.cost.macs, base.cost.macs), (p.cost.activations, base.cost.activations)]
        cells = [f"{si(n)} ({n / b:.2f}×)" for n, b in [*counts, (p.cost.params, base.cost.params)]]
        if p.latency is None:
            rows.append([p.name, *cells, "", "", ""])
            continue
        latency, base_latency = p.latency, base.latency
        memory = f"{si(latency.memory)}B"
        memory += f" ({latency.memory / base_latency.memory:.2f}×)" if base_latency else ""
        median, quartiles = f"{latency.ms:.3g} ({latency.ratio:.2f}×)", f"{latency.low:.3g} to {latency.high:.3g}"
        rows.append([p.name, *cells, median, quartiles, memory])
    return rows


def note(spec: StudySpec, costs: list[CostSummary], study: str) -> str:
    """The table's caption."""
    text = f"The study holds {COST_LABELS[spec.budget.cost]}; in brackets, times the base’s. "
    if all(p.latency is None for p in costs):
        return text + f"Latency and memory were not measured here: scaling-search cost {study}"
    device = conditions()
    return text + (
        f"Latency: median of passes of {spec.budget.latency_batch} images without gradients on one thread of {device['device']}, "
        f"torch {device['torch']}. Peak memory: weights and live feature maps of one image."
    )
