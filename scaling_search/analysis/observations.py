"""Rows → cells: the runs of one network at one length, which is all that a fit needs of them."""

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
    """Runs of one network at one length, as a cell each: (c,) arrays; ``mean`` in points, ``within`` the squares about the means."""

    shares: Array
    long: Array
    count: Array
    mean: Array
    network: npt.NDArray[np.int64]
    within_ss: float

    @property
    def runs(self) -> int:
        """All runs."""
        return int(self.count.sum())

    @property
    def networks(self) -> int:
        """Distinct networks."""
        return len(set(self.network.tolist()))


def group_by_network(
    shares: Array, runs: Sequence[Array], long: Sequence[bool] | None = None, keys: Sequence[str] = ()
) -> Observations:
    """Observations of shares (c, 3) and the accuracies (points) of each cell's runs; cells of one key are one network."""
    names: dict[str, int] = {}
    index = [names.setdefault(key, len(names)) for key in (keys or map(str, range(len(runs))))]
    return Observations(
        shares=np.asarray(shares, float).reshape(-1, 3),
        long=np.zeros(len(runs)) if long is None else np.array(long, float),
        count=np.array([len(r) for r in runs], float),
        mean=np.array([float(np.mean(r)) for r in runs]),
        network=np.array(index, np.int64),
        within_ss=float(sum(((np.asarray(r) - np.mean(r)) ** 2).sum() for r in runs)),
    )


def observations_of(rows: Sequence[TrialRow]) -> tuple[Observations, list[str]]:
    """The cells of complete candidate runs and the key of each cell, in the order of first runs."""
    runs: dict[tuple[str, bool], list[float]] = defaultdict(list)
    shares: dict[str, Shares] = {}
    for row in rows:
        assert row.accuracy is not None  # usable() saw to it
        assert row.shares is not None
        runs[row.key, row.is_long_run].append(100 * row.accuracy)
        shares[row.key] = row.shares
    keys = [key for key, _ in runs]
    made = [np.array(r) for r in runs.values()]
    return group_by_network(np.array([shares[k] for k in keys]), made, [long for _, long in runs], keys), keys


def usable(rows: Sequence[TrialRow]) -> list[TrialRow]:
    """The rows a fit may use: complete runs of candidates. Pruned and failed rows and the base's runs never enter."""
    return [r for r in rows if r.state == "complete" and r.role == "candidate" and r.accuracy is not None and r.shares]
