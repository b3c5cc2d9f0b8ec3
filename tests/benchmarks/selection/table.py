"""The measured table as worlds: half of the seeds feed a strategy, the other half is the truth.

The maximum of noisy means is optimistic, so on a table even a perfect chooser has a regret against the raw means of the held
seeds. Regret is therefore stated against a smooth fit of the held seeds, and a perfect chooser's raw figure beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scaling_search.analysis.observations import group_by_network
from scaling_search.analysis.response_surface import fit
from tests.benchmarks.selection.worlds import World

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Shares (n, 3) of each network and its accuracies (n, seeds), points."""

    shares: Array
    accuracies: Array

    @property
    def seed_noise(self) -> float:
        """Pooled standard deviation within networks, points."""
        return float(np.sqrt(self.accuracies.var(axis=1, ddof=1).mean()))


def read(path: Path) -> Table:
    """A CSV written by ``scaling-search trials``; networks that ran less often than the others are left out."""
    rows = pd.read_csv(path)
    rows = rows[(rows.role == "candidate") & (rows.state == "complete")]
    axes = ["share_depth", "share_width", "share_resolution"]
    groups = [(g[axes].iloc[0].to_numpy(float), 100 * g.accuracy.to_numpy(float)) for _, g in rows.groupby("key")]
    seeds = max(len(a) for _, a in groups)
    whole = [(s, a) for s, a in groups if len(a) == seeds]
    return Table(np.array([s for s, _ in whole]), np.array([a for _, a in whole]))


@dataclass
class TableWorld(World):
    """A world whose runs are the feeding seeds of the table, each used once before any is used again."""

    feed: Array = field(default_factory=lambda: np.zeros((0, 0)))
    held: Array = field(default_factory=lambda: np.zeros(0))
    left: dict[int, list[float]] = field(default_factory=dict)

    def run(self, network: int, long: bool = False) -> float:
        """The next unused accuracy of the network."""
        if not self.left.get(network):
            self.left[network] = self.random.permutation(self.feed[network]).tolist()
        return self.left[network].pop()

    def raw_regret(self, network: int) -> float:
        """Points under the best raw mean of the held seeds."""
        return float(self.held.max() - self.held[network])


def worlds(table: Table, times: int) -> Iterator[TableWorld]:
    """Worlds of random halves of the seeds."""
    n, seeds = table.accuracies.shape
    for number in range(times):
        random = np.random.default_rng([7, number])
        order = random.permutation(seeds)
        feed, held = table.accuracies[:, order[: seeds // 2]], table.accuracies[:, order[seeds // 2 :]]
        smooth = fit(group_by_network(table.shares, list(held)), draws=1).expected(table.shares)
        yield TableWorld(random, table.shares, smooth, smooth, np.zeros(n), 0.0, feed, held.mean(axis=1))


def summary(regrets: Array) -> dict[str, float]:
    """Mean, median and 90th percentile, points."""
    return {
        "mean": float(regrets.mean()),
        "median": float(np.median(regrets)),
        "p90": float(np.quantile(regrets, 0.9)),
    }


def limits(table: Table, times: int) -> dict[str, Any]:
    """Regret against the held halves' smooth fits of choosers that know more than any strategy can, and of none.

    ``perfect`` reads a smooth fit of all seeds, the held ones too; ``all_fed`` one of every feeding run; ``any`` takes a
    network at random.
    """

    def best(accuracies: Array) -> int:
        return int(fit(group_by_network(table.shares, list(accuracies)), draws=1).expected(table.shares).argmax())

    knows = best(table.accuracies)
    found = [
        (w.regret(knows), w.regret(best(w.feed)), float(w.smooth.max() - w.smooth.mean())) for w in worlds(table, times)
    ]
    named = zip(("perfect", "all_fed", "any"), np.array(found).T, strict=True)
    return {"times": times} | {name: summary(values) for name, values in named}
