"""What a study will do and cost, said before anything trains."""

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

Measured on two kinds of two-core AMD EPYC machines, one run a core: 4e9 to 13e9, by machine and network. So an estimate is
within a factor of two or so there, and says nothing of GPUs.
"""


def training_macs(spec: StudySpec) -> tuple[int, int]:
    """(runs, MACs of all their training and evaluation), a backward pass counted as two forward ones."""
    runs, work = whole_work(spec, typical_macs(spec))
    return runs, round(spec.proxy.passes() * cost(spec.base_architecture()).macs * work)


def design(spec: StudySpec, candidates: tuple[Candidate, ...]) -> tuple[list[Candidate], Counter[str]]:
    """The networks of a space-filling search of this size, and how often each would run.

    A search in stages repeats what it likes; here it is as if it repeated as many as others do by default.
    """
    search = spec.search
    points = search.trials - (search.replicates if search.stages is None else usual_replicates(search.trials))
    distinct: dict[str, Candidate] = {}
    for point in simplex_lattice(points)[:points]:
        if len(distinct) < len(candidates):
            found = nearest(candidates, point, skip=distinct)
            distinct[found.key] = found
    chosen = list(distinct.values())
    runs = Counter(chosen[i % len(chosen)].key for i in range(search.trials))
    return chosen, runs


def warnings(spec: StudySpec, candidates: tuple[Candidate, ...]) -> list[str]:
    """What a person should know before launching."""
    said = []
    native = spec.proxy.native_px
    largest = max(c.architecture.resolution for c in candidates)
    if native is not None and largest > native:
        said.append(
            f"the largest γ asks for {largest} px, but {spec.proxy.dataset} has {native}: beyond that, pixels are only interpolated; lower base.resolution"
        )
    for i, axis in enumerate(AXES):
        share = max(c.shares[i] for c in candidates)
        if share < 0.8:
            said.append(
                f"no network spends more than {share:.0%} on {axis}; lower budget.divisor or change base.resolution"
            )
    if spec.budget.target > 1 and min(spec.family.phi) < 0:
        said.append(f"family.phi has {min(spec.family.phi):g}. {SHRINKING_NOTE}")
    return said


def nominal_facts(spec: StudySpec, candidates: tuple[Candidate, ...]) -> dict[str, Any]:
    """How many networks a nominal grid really has, and what they really cost over the base."""
    b = spec.budget
    ratios = np.array([c.macs_ratio for c in candidates])
    return {
        "triples": len(nominal_triples(b.target, b.step, b.slack)),
        "networks": len(candidates),
        "ratio_min": float(ratios.min()),
        "ratio_mean": float(ratios.mean()),
        "ratio_max": float(ratios.max()),
        "within_tolerance": int((abs(ratios / b.target - 1) <= b.tolerance).sum()),
    }


def plan(spec: StudySpec, candidates: tuple[Candidate, ...], slots: int) -> dict[str, Any]:
    """The JSON form that `plan --json` prints. ``estimated_seconds`` is rough, for CPU slots."""
    base = cost(spec.base_architecture())
    runs, macs = training_macs(spec)
    chosen, counts = design(spec, candidates)
    difference = detectable_difference(share_matrix(chosen), np.array([counts[c.key] for c in chosen], float))
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
    arch, its = c.architecture, c.cost
    network = {"repeats": list(arch.blocks), "channels": list(arch.channels), "resolution": arch.resolution}
    price = {"macs": its.macs, "macs_ratio": c.macs_ratio, "params": its.params, "activations": its.activations}
    held = {} if c.held_ratio is None else {"held_ratio": c.held_ratio}
    return {"key": c.key, **c.triple._asdict(), "shares": list(c.shares), **network, **price, **held}
