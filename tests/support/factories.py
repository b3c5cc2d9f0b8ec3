"""Small values that many tests need: rows of trials, points of the triangle, observed runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.observations import Observations, group_by_network
from scaling_search.analysis.response_surface import terms
from scaling_search.networks.bases import EFFICIENTNET_B0
from scaling_search.networks.candidates import Candidate, candidate
from scaling_search.records import Proposal, TrialRow

Array = npt.NDArray[np.float64]


def lattice(m: int = 4) -> Array:
    return np.array([(i, j, m - i - j) for i in range(m + 1) for j in range(m + 1 - i)], float) / m


def observed(seed: int = 0, long: int = 0, sigma: float = 0.3) -> tuple[Observations, list[Array]]:
    """Runs of fifteen networks, some twice, some longer; and the runs themselves."""
    random = np.random.default_rng(seed)
    shares = lattice()
    truth = 80 + terms(shares) @ np.array([1.0, -0.5, 0.0, 2.0, 1.0, 3.0])
    runs = [y + random.normal(0, sigma, 1 + i % 3) for i, y in enumerate(truth)]
    later = [truth[i] + 2 + 1.5 * shares[i, 0] + random.normal(0, sigma, 1) for i in range(long)]
    where = np.vstack([shares, shares[:long]])
    keys = [f"n{i}" for i in [*range(15), *range(long)]]
    flags = [False] * 15 + [True] * long
    return group_by_network(where, runs + later, flags, keys), runs + later


def trial_row(network: Candidate | None = None, /, **fields: Any) -> TrialRow:
    """A complete run of ``network``, EfficientNet-B0 unless given; ``fields`` replace any field of the row."""
    c = network or candidate(EFFICIENTNET_B0, EFFICIENTNET_B0)
    arch = c.architecture
    defaults: dict[str, Any] = {
        "number": 0, "round": 0, "role": "candidate", "state": "complete", "seed": fields.get("number", 0),
        "alpha": 1.2, "beta": 1.1, "gamma": 1.15, "key": c.key, "shares": c.shares,
        "depth": c.depth, "width": c.width, "resolution_ratio": c.resolution,
        "blocks": list(arch.blocks), "channels": list(arch.channels), "resolution": arch.resolution,
        "macs": c.cost.macs, "macs_ratio": c.macs_ratio, "params": c.cost.params, "activations": c.cost.activations,
        "counted_macs": None, "architecture": arch, "attempts": 1, "epochs": 1,
        "accuracy": 0.8, "loss": 0.5, "seconds": 30.0, "error": None, "started_at": None, "finished_at": None,
    }  # fmt: skip
    return TrialRow(**(defaults | fields))


def as_row(p: Proposal, **fields: Any) -> TrialRow:
    """A waiting trial of a proposal; ``fields`` replace any field of the row."""
    proposed: dict[str, Any] = {
        "number": p.number, "round": p.round, "role": p.role, "seed": p.seed, "planned": p.planned,
        "alpha": p.asked.alpha, "beta": p.asked.beta, "gamma": p.asked.gamma,
        "shares": None if p.role == "base" else p.candidate.shares,
        "state": "waiting", "epochs": 0, "accuracy": None, "loss": None, "seconds": None,
    }  # fmt: skip
    return trial_row(p.candidate, **(proposed | fields))
