"""The surface as a map: coloured cells, contour lines, and hatching where networks are ruled out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from scaling_search.report.study_data import SurfaceGrid
from scaling_search.report.svg import colour, path, tag, ticks

Array = npt.NDArray[np.float64]

CORNERS = np.array([[240.0, 58.0], [20.0, 439.0], [460.0, 439.0]])
"""(x, y) of the corners depth, width and resolution, px."""
LEVELS = 80
"""Number of colours in the map."""


def position(shares: Array | Sequence[float]) -> Array:
    """Shares (…, 3) → (x, y), px."""
    points: Array = np.asarray(shares, float) @ CORNERS
    return points


def clip_above(corners: Array, values: Array, level: float) -> tuple[list[Array], list[Array]]:
    """(outline, edge) of the part of a cell where the linear interpolation of the values at its corners reaches ``level``.

    ``corners`` are (3, 2), ``values`` (3,). The edge is empty if the level line does not cross the cell.
    """
    outline: list[Array] = []
    edge: list[Array] = []
    for i in range(3):
        j = (i + 1) % 3
        if values[i] >= level:
            outline.append(corners[i])
        if (values[i] >= level) != (values[j] >= level):
            crossing = corners[i] + (level - values[i]) / (values[j] - values[i]) * (corners[j] - corners[i])
            outline.append(crossing)
            edge.append(crossing)
    return outline, edge


def _contour(surface: SurfaceGrid, values: Array, level: float) -> tuple[str, str]:
    """SVG path data of the region where the values reach ``level``, and of its edge."""
    region, edges = [], []
    corners, reached = position(surface.shares)[surface.cells], values[surface.cells] >= level
    for i in np.flatnonzero(reached.any(axis=1)):
        if reached[i].all():
            region.append(path(corners[i].tolist(), close=True))
            continue
        outline, edge = clip_above(corners[i], values[surface.cells[i]], level)
        region.append(path(outline, close=True))
        edges.append(path(edge))
    return "".join(region), "".join(edges)


@lru_cache(maxsize=64)
def heat(surface: SurfaceGrid, low: float, high: float) -> tuple[Markup, ...]:
    """The cells, one path per colour, with thin contour lines at the colour bar's ticks."""
    paths: dict[int, str] = {}
    means = surface.mean[surface.cells].mean(axis=1)
    levels = np.rint((means - low) / (high - low) * LEVELS).astype(int).tolist()
    for level, corners in zip(levels, position(surface.shares)[surface.cells].tolist(), strict=True):
        paths[level] = paths.get(level, "") + path(corners, close=True)
    shades = {level: colour(level / LEVELS) for level in paths}
    cells = [tag("path", d=d, fill=shades[n], stroke=shades[n], stroke_width=0.7) for n, d in sorted(paths.items())]
    lines = "".join(_contour(surface, surface.mean, t / 100)[1] for t in ticks(100 * low, 100 * high))
    return *cells, tag("path", d=lines, fill="none", stroke="#fff", stroke_opacity=0.55)


@lru_cache(maxsize=64)
def ruled_out(surface: SurfaceGrid, probability: float) -> tuple[Markup, ...]:
    """Hatching where networks are worse than the choice with at least this probability, and its border; () if nowhere."""
    if not (surface.worse >= probability).any():
        return ()
    region, edge = _contour(surface, surface.worse, probability)
    stripes = tag("path", d="M0 0V6", stroke="#fff", stroke_width=2.2, stroke_opacity=0.8)
    hatch = tag(
        "pattern", stripes, id="hatch", width=6, height=6, patternUnits="userSpaceOnUse", patternTransform="rotate(45)"
    )
    border = [tag("path", d=edge, fill="none", stroke=c, stroke_width=w) for c, w in (("#fff", 4.5), ("#111", 2))]
    return tag("defs", hatch), tag("path", d=region, fill="url(#hatch)"), *border
