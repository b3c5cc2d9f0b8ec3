"""Points that spread over the triangle of shares."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scaling_search.networks.coefficients import Shares


@lru_cache(maxsize=32)
def simplex_lattice(points: int) -> tuple[Shares, ...]:
    """At least ``points`` shares spread over the triangle, corners first, each next one farthest from those before it.

    They are the {3, m} simplex lattice (Scheffé 1958) of the smallest m that has enough points, and the centroid.
    """
    m = 1
    while (m + 1) * (m + 2) // 2 < points:
        m += 1
    rest = [(i / m, j / m, (m - i - j) / m) for i in range(m, -1, -1) for j in range(m - i, -1, -1)]
    rest.append((1 / 3, 1 / 3, 1 / 3))
    chosen: list[Shares] = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    rest = [p for p in dict.fromkeys(rest) if p not in chosen]
    at = np.array(rest).reshape(-1, 3)
    gap = np.min([np.linalg.norm(at - corner, axis=1) for corner in np.eye(3)], axis=0).round(9)
    for _ in rest:
        far = int(gap.argmax())
        chosen.append(rest[far])
        gap = np.minimum(gap, np.linalg.norm(at - at[far], axis=1).round(9))
        gap[far] = -1
    return tuple(chosen)
