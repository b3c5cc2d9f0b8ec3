"""Complete candidate runs, grouped by network and length: the data of a fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scaling_search.networks.coefficients import Shares
from scaling_search.records import TrialRow

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Observations:
    """Runs grouped by network and length, in (g,) arrays; ``shares`` is (g, 3) and ``mean`` in percentage points.

    ``network`` numbers the networks: a network's short and long runs are two groups. ``within_ss`` is the sum of squares
    of all runs about their group's mean.
    """

    shares: Array
    long: Array
    count: Array
    mean: Array
    network: npt.NDArray[np.int64]
    within_ss: float

    @property
    def runs(self) -> int:
        """Number of runs in all groups."""
        return int(self.count.sum())

    @property
    def networks(self) -> int:
        """Number of distinct networks."""
        return len(set(self.network.tolist()))


def group_by_network(
    shares: Array, runs: Sequence[Array], long: Sequence[bool] | None = None, keys: Sequence[str] = ()
) -> Observations:
    """Observations from shares (g, 3) and the accuracies (points) of each group's runs; groups of one key are one network."""
    number_of: dict[str, int] = {}
    numbers = [number_of.setdefault(key, len(number_of)) for key in (keys or map(str, range(len(runs))))]
    return Observations(
        shares=np.asarray(shares, float).reshape(-1, 3),
        long=np.zeros(len(runs)) if long is None else np.array(long, float),
        count=np.array([len(r) for r in runs], float),
        mean=np.array([float(np.mean(r)) for r in runs]),
        network=np.array(numbers, np.int64),
        within_ss=float(sum(((np.asarray(r) - np.mean(r)) ** 2).sum() for r in runs)),
    )


def observations_of(rows: Sequence[TrialRow]) -> tuple[Observations, list[str]]:
    """Observations from :func:`usable` rows, and the key of each group's network, in the order of first runs."""
    runs: dict[tuple[str, bool], list[float]] = defaultdict(list)
    shares: dict[str, Shares] = {}
    for row in rows:
        assert row.accuracy is not None  # true of usable rows
        assert row.shares is not None
        runs[row.key, row.is_long_run].append(100 * row.accuracy)
        shares[row.key] = row.shares
    keys = [key for key, _ in runs]
    accuracies = [np.array(r) for r in runs.values()]
    return group_by_network(np.array([shares[k] for k in keys]), accuracies, [long for _, long in runs], keys), keys


def usable(rows: Sequence[TrialRow]) -> list[TrialRow]:
    """The complete runs of candidates. Pruned and failed trials and runs of the base are never fitted."""
    return [r for r in rows if r.state == "complete" and r.role == "candidate" and r.accuracy is not None and r.shares]
