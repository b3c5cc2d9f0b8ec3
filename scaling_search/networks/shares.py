"""Shares: the Shapley value (Shapley 1953) of depth, width and px in a network's growth in log cost."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from scaling_search.networks.architecture import Architecture, build
from scaling_search.networks.cost import CostKind, Pixels, cost_curve

Option = tuple[int, ...]


def shapley(log_costs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shares (…, 3) of the growth from ``log_costs[0, 0, 0]`` to ``log_costs[1, 1, 1]``.

    The first three axes of ``log_costs`` (2, 2, 2, …) are depth, width and px, each at the base's value (0) or the network's
    (1). A share is the mean of what its axis adds to the log cost, over all orders of the axes. Equal costs give NaN.
    """
    added = np.diff(log_costs, axis=0)[0], np.diff(log_costs, axis=1)[:, 0], np.diff(log_costs, axis=2)[:, :, 0]
    mean = [(2 * d[0, 0] + d[0, 1] + d[1, 0] + 2 * d[1, 1]) / 6 for d in added]
    shares: npt.NDArray[np.float64] = (
        np.stack(mean, axis=-1) / (log_costs[1, 1, 1] - log_costs[0, 0, 0])[..., np.newaxis]
    )
    return shares


def toggled_log_costs(
    base: Architecture, blocks: Option, channels: Option, px: Pixels, kind: CostKind = "macs"
) -> npt.NDArray[np.float64]:
    """log2 MACs or activations, (2, 2, 2, len(px)), with depth, width and px each at the base's value (0) or the given one (1)."""
    base_px = np.full(1, base.resolution, np.int64)
    grid = np.empty((2, 2, 2, len(px)))
    for d, w in product((0, 1), repeat=2):
        curve = cost_curve(build(base, blocks if d else base.blocks, channels if w else base.channels, base.resolution))
        grid[d, w, 0], grid[d, w, 1] = np.log2(curve.cost_at(base_px, kind)), np.log2(curve.cost_at(px, kind))
    return grid
