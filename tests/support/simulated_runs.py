"""Runs on surfaces whose truth is known, for tests of the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scaling_search.networks.candidates import Candidate, share_matrix
from scaling_search.networks.coefficients import Shares
from scaling_search.records import TrialRow
from tests.support.factories import trial_row

Array = npt.NDArray[np.float64]
Networks = tuple[Candidate, ...]
Design = list[Candidate]

SPEC = "name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}\n"
"""A study of small networks, of which 408 cost twice the base."""


def run_of(network: Candidate, points: float | None, number: int = 0, **fields: Any) -> TrialRow:
    """A complete run of ``network``, its accuracy in percentage points; ``fields`` replace any field of the row."""
    accuracy = None if points is None else points / 100
    return trial_row(network, **({"number": number, "accuracy": accuracy} | fields))


def runs_of(
    design: Sequence[Candidate],
    truth: Array,
    sigma: float,
    tau: float = 0.0,
    repeats: int = 1,
    seed: int = 0,
) -> list[TrialRow]:
    """``repeats`` runs of each network; ``truth`` is each network's smooth accuracy in points."""
    random = np.random.default_rng(seed)
    effects = random.normal(0, tau, len(design)) if tau else np.zeros(len(design))
    values = (truth + effects) + random.normal(0, sigma, (repeats, len(design)))
    return [run_of(design[n % len(design)], float(y), n) for n, y in enumerate(values.ravel())]


def hill(candidates: Sequence[Candidate], peak: Shares, steep: float = 6.0) -> Array:
    """80 points at ``peak``, falling by ``steep`` times the squared distance."""
    values: Array = 80 - steep * ((share_matrix(candidates) - np.array(peak)) ** 2).sum(axis=1)
    return values


def flat(candidates: Sequence[Candidate]) -> Array:
    """80 points everywhere."""
    return np.full(len(candidates), 80.0)


def longer(rows: Sequence[TrialRow], bonus: Any, first: int = 500) -> list[TrialRow]:
    """The same networks in runs five times as long, which gain 2 points and ``bonus`` of their shares."""
    return [
        replace(r, number=first + i, planned=15, accuracy=(r.accuracy or 0) + (2 + bonus(r.shares)) / 100)
        for i, r in enumerate(rows)
    ]
