"""What networks cost in every currency: MACs, activations, parameters, and latency and peak memory on this device."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.cost_summary import CostSummary, cost_summaries
from scaling_search.networks.latency import conditions
from scaling_search.spec.study import StudySpec

COLUMNS = ["network", "MACs", "activations", "parameters", "latency, ms an image", "quartiles", "peak memory"]
COST_LABELS = {"macs": "MACs", "activations": "activations", "latency": "latency"}
"""What a study holds fixed (``budget.cost``), in words."""


def chosen_prices(spec: StudySpec, choice: Mapping[str, Any]) -> list[CostSummary]:
    """Prices of a study's base and its chosen network.

    None for a choice that was stored before it kept its network, and where a factory's module cannot be found.
    """
    if "network" not in choice:
        return []
    chosen = Architecture.from_dict(choice["network"])
    with suppress(InputError):
        return cost_summaries(spec.base_architecture(), {"chosen": chosen}, spec.budget.latency_batch)
    return []


def size(value: float) -> str:
    """1234567 → 1.23 M."""
    for unit, one in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= one:
            return f"{value / one:.3g} {unit}"
    return f"{value:.3g}"


def table_rows(found: list[CostSummary]) -> list[list[str]]:
    """Observations of the columns COLUMNS; each figure with how many times the base's it is."""
    home, rows = found[0], []
    for p in found:
        counts = [(p.cost.macs, home.cost.macs), (p.cost.activations, home.cost.activations)]
        cells = [f"{size(n)} ({n / b:.2f}×)" for n, b in [*counts, (p.cost.params, home.cost.params)]]
        if p.latency is None:
            rows.append([p.name, *cells, "", "", ""])
            continue
        ms, once = p.latency, home.latency
        memory = f"{size(ms.memory)}B" + (f" ({ms.memory / once.memory:.2f}×)" if once else "")
        rows.append([p.name, *cells, f"{ms.ms:.3g} ({ms.ratio:.2f}×)", f"{ms.low:.3g} to {ms.high:.3g}", memory])
    return rows


def note(spec: StudySpec, found: list[CostSummary], study: str) -> str:
    """What the table's figures are, and what is missing."""
    words = f"The study holds {COST_LABELS[spec.budget.cost]}; in brackets, times the base’s. "
    if all(p.latency is None for p in found):
        return words + f"Latency and memory were not measured here: scaling-search cost {study}"
    where = conditions()
    return words + (
        f"Latency: median of passes of {spec.budget.latency_batch} images without gradients on one thread of {where['device']}, "
        f"torch {where['torch']}. Peak memory: weights and live feature maps of one image."
    )
