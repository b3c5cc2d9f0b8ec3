"""The triangle of shares as SVG: how a doubling is spent, what the fit makes of it, and what ran where.

A point's distance from the side opposite a corner is the share spent on that corner's axis. Everything that means something has
a shape besides its colour: networks are discs, failures crosses, references diamonds, the choice a star, what is ruled out hatched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from markupsafe import Markup

from scaling_search.networks.coefficients import AXES, Shares
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
"""Of the picture; and the height at which the legend begins."""
LABELS = ((240.0, 22.0, "middle"), (0.0, 466.0, "start"), (480.0, 466.0, "end"))
"""Where the axes' names stand: x, y, anchor."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A network to point at: ``name`` is written beside it (if not empty), ``words`` are its tooltip."""

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
    """A network as a disc, and a cross where runs failed, with a tooltip that names it. Live pages draw few anew."""
    x, y = position(network.shares).tolist()
    runs = len(network.accuracies)
    said = ", ".join(f"{axis} {share:.0%}" for axis, share in zip(AXES, network.shares, strict=True))
    words = f"{network.key}: {said}; {network.macs_ratio:.2f}× the base’s MACs; {runs} complete run{'s' * (runs != 1)}"
    words += f", mean accuracy {network.mean:.2%}" if network.mean is not None else ""
    words += f"; {network.failed} failed" if network.failed else ""
    words += f"; {network.running} running" if network.running else ""
    shapes = [disc(x, y, runs, fill)] if runs else []
    shapes += [ring(x, y)] if network.running else []
    shapes += [cross(x, y)] if network.failed else []
    return tag("g", tag("title", words), *shapes)


def _mark(mark: Mark, shape: Callable[[float, float], Markup], beside: Mark | None = None) -> Markup:
    """A shape with its tooltip, and its name on the side where the triangle has more room, off the name of the one beside."""
    x, y = position(mark.shares).tolist()
    left, lower = x > CORNERS[0, 0] + 12, 5.0
    if beside is not None:
        dx, dy = (position(mark.shares) - position(beside.shares)).tolist()
        lower += 0 if abs(dx) > 90 or abs(dy) > 18 else 18 if dy >= 0 else -18
    name = haloed(x - 15, y + lower, mark.name, "end") if left else haloed(x + 15, y + lower, mark.name)
    return tag("g", tag("title", mark.words), shape(x, y), *([name] if mark.name else []))


def _corners(words: Sequence[str]) -> list[Markup]:
    """The three axes' names at their corners, each with a line of words."""
    made = []
    for axis, said, (x, y, anchor) in zip(AXES, words, LABELS, strict=True):
        made += [label(x, y, axis, anchor, font_weight=700), label(x, y + 18, said, anchor, font_size=13)]
    return made


def _bar(low: float, high: float, title: str) -> list[Markup]:
    """The colour bar, with its unit."""
    left, width, y = 20.0, 440.0, 524.0
    last = len(CIVIDIS) - 1
    stops = [tag("stop", offset=i / last, stop_color=colour(i / last)) for i in range(last + 1)]
    made = [tag("defs", tag("linearGradient", *stops, id="cividis"))]
    made.append(tag("rect", x=left, y=y, width=width, height=12, fill="url(#cividis)"))
    for value in ticks(100 * low, 100 * high):
        x = left + width * (value / 100 - low) / (high - low)
        made.append(tag("path", d=path([(x, y + 12), (x, y + 17)]), stroke="currentColor"))
        made.append(label(x, y + 31, f"{value:g}%", "middle"))
    return [*made, label(left, y - 8, title)]


def _legend(items: Sequence[tuple[Markup, str]]) -> list[Markup]:
    """What the shapes mean: ``items`` are shapes drawn around (0, 0), and words; three to a row."""
    made = []
    for i, (shape, words) in enumerate(items):
        x, y = (20, 185, 325)[i % 3], LEGEND + 26 * (i // 3)
        made.append(tag("g", shape, transform=f"translate({x + 8} {y})"))
        made.append(label(x + 27, y + 5, words, font_size=13))
    return made


def _key(networks: Sequence[Network], ruled_out: bool, choice: Mark | None, compared: bool) -> list[tuple[Markup, str]]:
    """The legend's items: only what is in the picture."""
    items = [(disc(0, 0, 1, "#fff"), "ran (area: runs)")]
    items += [(star(0, 0), "the choice")] if choice else []
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
    corner_words: Sequence[str],
    tie_probability: float = 0.9,
) -> Markup:
    """The whole picture; without a surface the discs carry the colours of their own mean accuracies."""
    means = [n.mean for n in networks if n.mean is not None]
    low, high = span(surface.mean.tolist() if surface else means or [0.0, 1.0])
    hatched = ruled_out(surface, tie_probability) if surface else ()
    plain = tag("path", d=path(CORNERS.tolist(), close=True), fill="#dde1e6")  # what the marks are made to be seen on
    made = [*(heat(surface, low, high) if surface else [plain]), *hatched, *_frame()]
    for n in sorted(networks, key=lambda n: -len(n.accuracies)):  # the small discs on top
        own = colour(((n.mean or low) - low) / (high - low))
        made.append(_point(n, "#fff" if surface else own))
    made += [_mark(m, diamond, choice) for m in references]
    made += [_mark(choice, star)] if choice else []
    title = "fitted accuracy (smooth part, posterior mean)" if surface else "mean accuracy of each network’s runs"
    key = _key(networks, bool(hatched), choice, bool(references))
    made += [*_corners(corner_words), *(_bar(low, high, title) if means else []), *_legend(key)]
    height = LEGEND + 26 * math.ceil(len(key) / 3) - 10
    return picture(WIDTH, height, "Triangle of shares: " + "; ".join(m.words for m in [choice] if m), *made)
