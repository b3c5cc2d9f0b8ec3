"""What figures draw, computed from a study's rows: the networks that ran, and the fitted surface over the triangle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.observations import observations_of, usable
from scaling_search.analysis.response_surface import Surface, fit
from scaling_search.analysis.selection import MODEL_NEEDS, references
from scaling_search.networks.candidates import Candidate
from scaling_search.networks.coefficients import Shares
from scaling_search.records import Epochs, StudyRow, TrialRow
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec

Array = npt.NDArray[np.float64]

STEPS = 36
"""Cells along a side of the map."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network with the accuracies (fractions) of its complete runs, and the numbers of failed and of running ones."""

    key: str
    shares: Shares
    macs_ratio: float
    accuracies: tuple[float, ...]
    failed: int
    running: int = 0

    @property
    def mean(self) -> float | None:
        """Mean accuracy, a fraction."""
        return sum(self.accuracies) / len(self.accuracies) if self.accuracies else None


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceGrid:
    """The fitted surface on a grid over the triangle.

    ``shares`` (v, 3) are the vertices, ``cells`` (n, 3) the vertices of each small triangle, ``mean`` (v,) the posterior mean
    (fractions) and ``worse`` (v,) the probability of being worse than the choice by more than the indifference.
    """

    shares: Array
    cells: npt.NDArray[np.int64]
    mean: Array
    worse: Array


def span(values: Sequence[float]) -> tuple[float, float]:
    """(low, high) of accuracies (fractions), widened to at least half a point."""
    low, high = min(values), max(values)
    margin = max(0.0, 0.005 - (high - low)) / 2
    return low - margin, high + margin


def grid(steps: int) -> tuple[Array, npt.NDArray[np.int64]]:
    """Vertices (v, 3) and cells (steps², 3) that tile the triangle, ``steps`` cells to a side."""
    points = [(i, j) for i in range(steps + 1) for j in range(steps + 1 - i)]
    index = {p: n for n, p in enumerate(points)}
    cells = [(index[i, j], index[i + 1, j], index[i, j + 1]) for i, j in points if i + j < steps]
    cells += [(index[i + 1, j], index[i, j + 1], index[i + 1, j + 1]) for i, j in points if i + j < steps - 1]
    shares = np.array([(i, j, steps - i - j) for i, j in points], float) / steps
    return shares, np.array(cells, np.int64)


def networks(rows: Sequence[TrialRow]) -> list[Network]:
    """The candidate networks with a complete or failed run, in the order of their first runs."""
    runs: dict[str, list[TrialRow]] = {}
    for row in rows:
        if row.role == "candidate" and row.state in ("complete", "failed") and row.shares:
            runs.setdefault(row.key, []).append(row)
    return [_network(rows_of_one) for rows_of_one in runs.values()]


def _network(rows: Sequence[TrialRow]) -> Network:
    first = rows[0]
    accuracies = tuple(r.accuracy for r in usable(rows) if r.accuracy is not None and not r.is_long_run)
    assert first.shares is not None  # networks() takes only rows with shares
    failed = sum(r.state == "failed" for r in rows)
    return Network(first.key, first.shares, first.macs_ratio, accuracies, failed)


def surface_of(rows: Sequence[TrialRow], seed: int = 0) -> Surface | None:
    """The surface that the choice is read from; None if fewer than MODEL_NEEDS networks have run."""
    complete = usable(rows)
    if len({row.key for row in complete}) < MODEL_NEEDS:
        return None
    return fit(observations_of(complete)[0], seed)


def surface_grid(
    surface: Surface, choice: Shares, indifference: float = 0.2, steps: int = STEPS, long: bool = False
) -> SurfaceGrid:
    """The surface on a grid, ``steps`` cells to a side, compared with the choice's shares.

    The mean is always that of short runs. With ``long``, ``worse`` is that of longer runs, as the choice is.
    ``indifference`` is in points.
    """
    shares, cells = grid(steps)
    values = surface.draws(np.vstack([shares, choice]), long)
    gap = values[:, -1:] - values[:, :-1]  # (draws, v) points
    return SurfaceGrid(shares, cells, surface.expected(shares) / 100, (gap > indifference).mean(axis=0))


@dataclass(frozen=True, slots=True)
class StudyData:
    """A study with everything that its report needs; ``choice`` is in JSON form, ``references`` are by name."""

    study: StudyRow
    spec: StudySpec
    rows: Sequence[TrialRow]
    epochs: Epochs
    choice: dict[str, Any] | None
    networks: list[Network]
    candidates: Sequence[Candidate]
    references: dict[str, Candidate]
    surface: Surface | None

    def fitted(self, shares: Shares) -> float | None:
        """Mean of the surface at these shares, a fraction; None without a surface."""
        return float(self.surface.expected(np.array([shares]))[0]) / 100 if self.surface else None

    @property
    def long(self) -> bool:
        """Whether a longer run is complete; then the choice is that of longer runs."""
        return any(row.is_long_run for row in usable(self.rows))

    @property
    def base_mean(self) -> float | None:
        """Mean accuracy of the unscaled base's complete runs, a fraction; None if there are none."""
        runs = [r.accuracy for r in self.rows if r.role == "base" and r.state == "complete" and r.accuracy is not None]
        return sum(runs) / len(runs) if runs else None


def collect_study_data(
    study: StudyRow, rows: Sequence[TrialRow], epochs: Epochs, choice: dict[str, Any] | None
) -> StudyData:
    """A study's data for its report. Only a search at equal real cost has a surface."""
    spec = StudySpec.model_validate(study.spec)
    candidates = search_space(spec)
    # A choice stored as a best mean stays one here, even if enough networks have run since for a surface.
    fitted = choice is not None and choice["expected_regret"] is not None
    surface = surface_of(rows, spec.search.seed) if spec.budget.mode == "real" and fitted else None
    return StudyData(study, spec, rows, epochs, choice, networks(rows), candidates, references(candidates), surface)
