"""The triangle of shares: the fitted surface, the networks that ran, the reference networks and the choice.

A point's distance from the side opposite a corner is the share spent on that corner's axis. Nothing is shown by colour alone:
networks are discs, failures crosses, references diamonds, the choice is a star, and what is ruled out is hatched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from markupsafe import Markup

from scaling_search.networks.coefficients import AXES, Shares
from scaling_search.report.labels import CHOICE
from scaling_search.report.study_data import Network, SurfaceGrid, span
from scaling_search.report.surface_map import CORNERS, heat, position, ruled_out
from scaling_search.report.svg import (
    CIVIDIS,
    colour,
    cross,
    diamond,
    disc,
    haloed,
    label,
    outlined,
    path,
    picture,
    ring,
    star,
    tag,
    ticks,
)

WIDTH, LEGEND = 480.0, 583
"""Width of the picture, and y of the legend's first row, px."""
LABELS = ((240.0, 22.0, "middle"), (0.0, 466.0, "start"), (480.0, 466.0, "end"))
"""(x, y, text anchor) of the axes' names."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A network with a mark of its own; ``name``, if not empty, is written beside it, ``words`` are the tooltip."""

    name: str
    shares: Shares
    words: str


def _frame() -> list[Markup]:
    """The border, and ticks at every quarter of each side."""
    ends = [(i, (i + 1) % 3, quarter / 4) for i in range(3) for quarter in (1, 2, 3)]
    starts = [CORNERS[i] + f * (CORNERS[j] - CORNERS[i]) for i, j, f in ends]
    outside = [p + 6 * (m := p - CORNERS.mean(axis=0)) / np.hypot(*m) for p in starts]
    marks = "".join(path([a, b]) for a, b in zip(starts, outside, strict=True))
    border = tag("path", d=path(CORNERS.tolist(), close=True), fill="none", stroke="currentColor", stroke_width=1.2)
    return [border, tag("path", d=marks, stroke="currentColor")]


@lru_cache(maxsize=4096)
def _point(network: Network, fill: str) -> Markup:
    """A network's disc, ring and cross, if it has complete, running or failed runs, with a tooltip. Cached for live pages."""
    x, y = position(network.shares).tolist()
    runs = len(network.accuracies)
    shares = ", ".join(f"{axis} {share:.0%}" for axis, share in zip(AXES, network.shares, strict=True))
    tooltip = (
        f"{network.key}: {shares}; {network.macs_ratio:.2f}× the base’s MACs; {runs} complete run{'s' * (runs != 1)}"
    )
    tooltip += f", mean accuracy {network.mean:.2%}" if network.mean is not None else ""
    tooltip += f"; {network.failed} failed" if network.failed else ""
    tooltip += f"; {network.running} running" if network.running else ""
    shapes = [disc(x, y, runs, fill)] if runs else []
    shapes += [ring(x, y)] if network.running else []
    shapes += [cross(x, y)] if network.failed else []
    return tag("g", tag("title", tooltip), *shapes)


def _mark(mark: Mark, shape: Callable[[float, float], Markup], beside: Mark | None = None) -> Markup:
    """A shape with its tooltip and name. The name is on the side with more room, and moved if it would overlap that of ``beside``."""
    x, y = position(mark.shares).tolist()
    on_the_left, offset = x > CORNERS[0, 0] + 12, 5.0
    if beside is not None:
        dx, dy = (position(mark.shares) - position(beside.shares)).tolist()
        offset += 0 if abs(dx) > 90 or abs(dy) > 18 else 18 if dy >= 0 else -18
    name = haloed(x - 15, y + offset, mark.name, "end") if on_the_left else haloed(x + 15, y + offset, mark.name)
    return tag("g", tag("title", mark.words), shape(x, y), *([name] if mark.name else []))


def _corners(lines: Sequence[str]) -> list[Markup]:
    """The axes' names at their corners, each with a line of text."""
    labels = []
    for axis, line, (x, y, anchor) in zip(AXES, lines, LABELS, strict=True):
        labels += [label(x, y, axis, anchor, font_weight=700), label(x, y + 18, line, anchor, font_size=13)]
    return labels


def _bar(low: float, high: float, title: str) -> list[Markup]:
    """The colour bar with its ticks and title."""
    left, width, y = 20.0, 440.0, 524.0
    last = len(CIVIDIS) - 1
    stops = [tag("stop", offset=i / last, stop_color=colour(i / last)) for i in range(last + 1)]
    bar = [tag("defs", tag("linearGradient", *stops, id="cividis"))]
    bar.append(tag("rect", x=left, y=y, width=width, height=12, fill="url(#cividis)"))
    for value in ticks(100 * low, 100 * high):
        x = left + width * (value / 100 - low) / (high - low)
        bar.append(tag("path", d=path([(x, y + 12), (x, y + 17)]), stroke="currentColor"))
        bar.append(label(x, y + 31, f"{value:g}%", "middle"))
    return [*bar, label(left, y - 8, title)]


def _legend(items: Sequence[tuple[Markup, str]]) -> list[Markup]:
    """The legend, three items to a row; ``items`` are shapes drawn around (0, 0) with their meanings."""
    entries = []
    for i, (shape, meaning) in enumerate(items):
        x, y = (20, 185, 325)[i % 3], LEGEND + 26 * (i // 3)
        entries.append(tag("g", shape, transform=f"translate({x + 8} {y})"))
        entries.append(label(x + 27, y + 5, meaning, font_size=13))
    return entries


def _legend_items(
    networks: Sequence[Network], ruled_out: bool, choice: Mark | None, compared: bool
) -> list[tuple[Markup, str]]:
    """(shape, meaning) of everything that this picture shows."""
    items = [(disc(0, 0, 1, "#fff"), "ran (area: runs)")]
    items += [(star(0, 0), CHOICE)] if choice else []
    items += [(diamond(0, 0), "for comparison")] if compared else []
    if ruled_out:
        swatch = {"x": -9, "y": -7, "width": 18, "height": 14}
        hatched = tag("g", tag("rect", fill=colour(0.35), **swatch), tag("rect", fill="url(#hatch)", **swatch))
        items.append((hatched, "ruled out as worse"))
        items.append((outlined("M-9 0H9"), "edge of the ties"))
    items += [(ring(0, 0), "running")] if any(n.running for n in networks) else []
    return items + ([(cross(0, 0), "a run failed")] if any(n.failed for n in networks) else [])


def triangle_svg(
    networks: Sequence[Network],
    surface: SurfaceGrid | None,
    choice: Mark | None,
    references: Sequence[Mark],
    corner_lines: Sequence[str],
    tie_probability: float = 0.9,
) -> Markup:
    """The whole picture. Without a surface, the discs have the colours of the networks' mean accuracies."""
    means = [n.mean for n in networks if n.mean is not None]
    low, high = span(surface.mean.tolist() if surface else means or [0.0, 1.0])
    hatched = ruled_out(surface, tie_probability) if surface else ()
    plain = tag("path", d=path(CORNERS.tolist(), close=True), fill="#dde1e6")  # a light ground, as the marks are dark
    shapes = [*(heat(surface, low, high) if surface else [plain]), *hatched, *_frame()]
    for n in sorted(networks, key=lambda n: -len(n.accuracies)):  # small discs on top
        fill = colour(((n.mean or low) - low) / (high - low))
        shapes.append(_point(n, "#fff" if surface else fill))
    shapes += [_mark(m, diamond, choice) for m in references]
    shapes += [_mark(choice, star)] if choice else []
    title = "fitted accuracy (smooth part, posterior mean)" if surface else "mean accuracy of each network’s runs"
    items = _legend_items(networks, bool(hatched), choice, bool(references))
    shapes += [*_corners(corner_lines), *(_bar(low, high, title) if means else []), *_legend(items)]
    height = LEGEND + 26 * math.ceil(len(items) / 3) - 10
    return picture(WIDTH, height, "Triangle of shares: " + "; ".join(m.words for m in [choice] if m), *shapes)
