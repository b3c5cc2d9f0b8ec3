"""Small values that many tests need: studies, rows of trials, points of the triangle, observed runs."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from scaling_search.analysis.observations import Observations, group_by_network
from scaling_search.analysis.response_surface import terms
from scaling_search.networks.bases import EFFICIENTNET_B0
from scaling_search.networks.candidates import Candidate, candidate
from scaling_search.records import Proposal, TrialRow
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse

Array = npt.NDArray[np.float64]

TINY: dict[str, dict[str, Any]] = {
    "base": {"width": 0.125, "resolution": 5, "strides": [1, 1, 2, 1, 2, 1, 1, 1]},
    "budget": {"divisor": 2},
    "search": {"trials": 10, "replicates": 2, "base_runs": 1, "round": 3},
    "proxy": {
        "dataset": "digits",
        "train_size": 128,
        "validation_size": 128,
        "epochs": 2,
        "batch_size": 64,
        "crop": 1,
        "flip": False,
    },
}
"""A study that trains in seconds."""


@cache
def digits_dir() -> Path:
    """The folder in which this process's tests keep the digits; removed at exit."""
    folder = Path(tempfile.mkdtemp(prefix="digits-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def tiny_yaml(name: str = "tiny", **sections: Any) -> str:
    """The TINY study as YAML text, one line for each section.

    ``sections`` are added to it: a dictionary field by field, anything else as it is. A field or section that is None
    is left out.
    """
    merged: dict[str, Any] = {**TINY, "proxy": {"root": str(digits_dir()), **TINY["proxy"]}}
    for section, fields in sections.items():
        merged[section] = {**merged.get(section, {}), **fields} if isinstance(fields, dict) else fields
    lines = [f"name: {_flow(name)}"]
    for section, fields in merged.items():
        kept = {k: v for k, v in fields.items() if v is not None} if isinstance(fields, dict) else fields
        if kept is not None:
            lines.append(f"{section}: {_flow(kept)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")


def tiny_spec(name: str = "tiny", **sections: Any) -> StudySpec:
    """The TINY study with some fields changed; see :func:`tiny_yaml`.

    Raises:
        SpecError: a field is wrong.
    """
    return parse(tiny_yaml(name, **sections))


def lattice(m: int = 4) -> Array:
    return np.array([(i, j, m - i - j) for i in range(m + 1) for j in range(m + 1 - i)], float) / m


def observed(seed: int = 0, long: int = 0, sigma: float = 0.3) -> tuple[Observations, list[Array]]:
    """Runs of fifteen networks, some twice, some longer; and the runs themselves."""
    random = np.random.default_rng(seed)
    shares = lattice()
    truth = 80 + terms(shares) @ np.array([1.0, -0.5, 0.0, 2.0, 1.0, 3.0])
    runs = [y + random.normal(0, sigma, 1 + i % 3) for i, y in enumerate(truth)]
    long_runs = [truth[i] + 2 + 1.5 * shares[i, 0] + random.normal(0, sigma, 1) for i in range(long)]
    all_shares = np.vstack([shares, shares[:long]])
    keys = [f"n{i}" for i in [*range(15), *range(long)]]
    flags = [False] * 15 + [True] * long
    return group_by_network(all_shares, runs + long_runs, flags, keys), runs + long_runs


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
        "alpha": p.proposed.alpha, "beta": p.proposed.beta, "gamma": p.proposed.gamma,
        "shares": None if p.role == "base" else p.candidate.shares,
        "state": "waiting", "epochs": 0, "accuracy": None, "loss": None, "seconds": None,
    }  # fmt: skip
    return trial_row(p.candidate, **(proposed | fields))
