"""Points spread evenly over the triangle of shares."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scaling_search.networks.coefficients import Shares


@lru_cache(maxsize=32)
def simplex_lattice(points: int) -> tuple[Shares, ...]:
    """At least ``points`` shares: first the corners, then always the one farthest from all before it.

    They are the {3, m} simplex lattice (Scheffé 1958) for the smallest sufficient m, and the centroid.
    """
    m = 1
    while (m + 1) * (m + 2) // 2 < points:
        m += 1
    rest = [(i / m, j / m, (m - i - j) / m) for i in range(m, -1, -1) for j in range(m - i, -1, -1)]
    rest.append((1 / 3, 1 / 3, 1 / 3))
    chosen: list[Shares] = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    rest = [p for p in dict.fromkeys(rest) if p not in chosen]
    coordinates = np.array(rest).reshape(-1, 3)
    distance = np.min([np.linalg.norm(coordinates - corner, axis=1) for corner in np.eye(3)], axis=0).round(9)
    for _ in rest:
        farthest = int(distance.argmax())
        chosen.append(rest[farthest])
        distance = np.minimum(distance, np.linalg.norm(coordinates - coordinates[farthest], axis=1).round(9))
        distance[farthest] = -1
    return tuple(chosen)
