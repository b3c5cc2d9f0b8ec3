"""What a study will run and cost, computed before anything trains."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from scaling_search.analysis.response_surface import detectable_difference
from scaling_search.networks.candidates import Candidate, nearest, share_matrix
from scaling_search.networks.coefficients import AXES
from scaling_search.networks.cost import cost
from scaling_search.networks.family import SHRINKING_NOTE
from scaling_search.networks.iso_latency import LATENCY_TOLERANCE
from scaling_search.networks.nominal_grid import nominal_triples
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.spec.search_space import typical_macs
from scaling_search.spec.study import StudySpec, usual_replicates
from scaling_search.spec.workload import whole_work

CPU_MACS_PER_SECOND = 6e9
"""Multiply-accumulates a second of one CPU core while training small EfficientNets.

Measured on two kinds of two-core AMD EPYC machines, one run a core: 4e9 to 13e9, by machine and network. So estimates there
are within a factor of about two; they do not hold for GPUs.
"""


def training_macs(spec: StudySpec) -> tuple[int, int]:
    """(runs, MACs of all their training and evaluation), a backward pass counted as two forward ones."""
    runs, work = whole_work(spec, typical_macs(spec))
    return runs, round(spec.proxy.passes() * cost(spec.base_architecture()).macs * work)


def design(spec: StudySpec, candidates: tuple[Candidate, ...]) -> tuple[list[Candidate], Counter[str]]:
    """The networks of a space-filling search of this size, and how often each would run.

    A search in stages chooses its replicates as it goes; here it gets the default number of them.
    """
    search = spec.search
    n_points = search.trials - (search.replicates if search.stages is None else usual_replicates(search.trials))
    by_key: dict[str, Candidate] = {}
    for point in simplex_lattice(n_points)[:n_points]:
        if len(by_key) < len(candidates):
            network = nearest(candidates, point, skip=by_key)
            by_key[network.key] = network
    networks = list(by_key.values())
    runs = Counter(networks[i % len(networks)].key for i in range(search.trials))
    return networks, runs


def warnings(spec: StudySpec, candidates: tuple[Candidate, ...]) -> list[str]:
    """What to know before launching the study."""
    messages = []
    native = spec.proxy.native_px
    largest = max(c.architecture.resolution for c in candidates)
    if native is not None and largest > native:
        messages.append(
            f"the largest γ asks for {largest} px, but {spec.proxy.dataset} has {native}: beyond that, pixels are only interpolated; lower base.resolution"
        )
    for i, axis in enumerate(AXES):
        share = max(c.shares[i] for c in candidates)
        if share < 0.8:
            messages.append(
                f"no network spends more than {share:.0%} on {axis}; lower budget.divisor or change base.resolution"
            )
    if spec.budget.target > 1 and min(spec.family.phi) < 0:
        messages.append(f"family.phi has {min(spec.family.phi):g}. {SHRINKING_NOTE}")
    return messages


def nominal_facts(spec: StudySpec, candidates: tuple[Candidate, ...]) -> dict[str, Any]:
    """How many distinct networks a nominal grid has, and their real cost over the base."""
    budget = spec.budget
    ratios = np.array([c.macs_ratio for c in candidates])
    return {
        "triples": len(nominal_triples(budget.target, budget.step, budget.slack)),
        "networks": len(candidates),
        "ratio_min": float(ratios.min()),
        "ratio_mean": float(ratios.mean()),
        "ratio_max": float(ratios.max()),
        "within_tolerance": int((abs(ratios / budget.target - 1) <= budget.tolerance).sum()),
    }


def plan(spec: StudySpec, candidates: tuple[Candidate, ...], slots: int) -> dict[str, Any]:
    """The plan in the JSON form that `plan --json` prints. ``estimated_seconds`` is rough, and for CPU slots."""
    base = cost(spec.base_architecture())
    runs, macs = training_macs(spec)
    networks, counts = design(spec, candidates)
    difference = detectable_difference(share_matrix(networks), np.array([counts[c.key] for c in networks], float))
    extra: dict[str, Any] = {"nominal": nominal_facts(spec, candidates)} if spec.budget.mode == "nominal" else {}
    extra |= {"cost": spec.budget.cost} if spec.budget.cost != "macs" else {}
    return {
        "study": spec.name,
        "base": {"macs": base.macs, "params": base.params},
        "target": spec.budget.target,
        "tolerance": LATENCY_TOLERANCE if spec.budget.cost == "latency" else spec.budget.tolerance,
        "iso_cost_networks": len(candidates),
        "candidates": [describe(c) for c in candidates],
        "runs": runs,
        "training_macs": macs,
        "slots": slots,
        "estimated_seconds": macs / CPU_MACS_PER_SECOND / slots,
        "detectable_difference": difference,
        "warnings": warnings(spec, candidates),
        **extra,
    }


def describe(c: Candidate) -> dict[str, Any]:
    """A candidate in JSON form; α, β, γ are those of its real shares at its real ratio."""
    architecture, held = c.architecture, {} if c.held_ratio is None else {"held_ratio": c.held_ratio}
    return {
        "key": c.key,
        **c.triple._asdict(),
        "shares": list(c.shares),
        "repeats": list(architecture.blocks),
        "channels": list(architecture.channels),
        "resolution": architecture.resolution,
        "macs": c.cost.macs,
        "macs_ratio": c.macs_ratio,
        "params": c.cost.params,
        "activations": c.cost.activations,
        **held,
    }
