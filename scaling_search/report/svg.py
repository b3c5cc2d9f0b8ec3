"""SVG elements with escaping, axis ticks, one colour map, and the marks of networks. The images need no style sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup, escape

ACCENT = "#d9480f"
"""The colour of the choice; people with any colour vision can tell it from the colour map."""
CIVIDIS = (
    (0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115),
    (138, 134, 120), (165, 156, 116), (195, 179, 105), (225, 204, 85), (254, 232, 56),
)  # fmt: skip
"""Cividis (Nuñez, Anderton & Renslow 2018): readable with any colour vision, and monotonic in grey."""


def _attribute(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else escape(value)


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """One element. Text that is not Markup is escaped. In attribute names ``_`` becomes ``-``; an attribute of None is left out."""
    given = {k.rstrip("_").replace("_", "-"): v for k, v in attributes.items() if v is not None}
    inside = "".join(f' {k}="{_attribute(v)}"' for k, v in given.items())
    return Markup(f"<{name}{inside}>{''.join(map(escape, children))}</{name}>")


def picture(width: float, height: float, label: str, *children: str) -> Markup:
    """A whole SVG image; ``label`` describes it for screen readers."""
    size = f"0 0 {width:g} {height:g}"
    common = {"role": "img", "aria-label": label, "font-family": "system-ui, sans-serif", "font-size": "14"}
    return tag(
        "svg", *children, xmlns="http://www.w3.org/2000/svg", viewBox=size, fill="currentColor", stroke="none", **common
    )


def standalone(image: Markup) -> str:
    """An image as an SVG file, which follows the reader's light or dark colour scheme."""
    ink = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
    head, rest = image.split(">", 1)
    return f"{head}>{ink}{rest}\n"


def label(x: float, y: float, text: str, anchor: str = "start", **attributes: object) -> Markup:
    """Text at (x, y)."""
    return tag("text", text, x=x, y=y, text_anchor=anchor, **attributes)


def haloed(x: float, y: float, text: str, anchor: str = "start") -> Markup:
    """Dark text with a light outline, readable on any colour of the map."""
    halo = {"fill": "#111", "stroke": "#fff", "stroke-width": 3.5, "stroke-linejoin": "round", "paint-order": "stroke"}
    return label(x, y, text, anchor, font_weight=600, **halo)


def path(points: Iterable[Iterable[float]], close: bool = False) -> str:
    """Path data through points (n, 2)."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if close else "")


def ticks(low: float, high: float, about: int = 7) -> list[float]:
    """About ``about`` round values inside [low, high], in steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / about
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def colour(fraction: float) -> str:
    """Cividis at a fraction from 0 (low, dark) to 1 (high, light)."""
    at = min(max(fraction, 0.0), 1.0) * (len(CIVIDIS) - 1)
    i = min(int(at), len(CIVIDIS) - 2)
    mixed = (round(a + (b - a) * (at - i)) for a, b in zip(CIVIDIS[i], CIVIDIS[i + 1], strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def disc(x: float, y: float, runs: float, fill: str) -> Markup:
    """The mark of a network that ran; its area is proportional to its complete runs, up to a limit."""
    return tag("circle", cx=x, cy=y, r=min(4.2 * runs**0.5, 11.0), fill=fill, stroke="#111", stroke_width=1.5)


def ring(x: float, y: float) -> Markup:
    """The mark of a network that is running."""
    rims = (("#fff", 4.5), ("#111", 1.8))
    return tag("g", *(tag("circle", cx=x, cy=y, r=6.5, fill="none", stroke=c, stroke_width=w) for c, w in rims))


def cross(x: float, y: float) -> Markup:
    """The mark of a network with a failed run."""
    return outlined(path([(x - 5, y - 5), (x + 5, y + 5)]) + path([(x - 5, y + 5), (x + 5, y - 5)]))


def diamond(x: float, y: float) -> Markup:
    """The mark of a reference network."""
    return outlined(path([(x, y - 10), (x + 10, y), (x, y + 10), (x - 10, y)], close=True))


def star(x: float, y: float) -> Markup:
    """The mark of the choice."""
    turns = [(i * math.pi / 5, 6 if i % 2 else 13) for i in range(10)]
    points = [(x + size * math.sin(turn), y - size * math.cos(turn)) for turn, size in turns]
    return tag("path", d=path(points, close=True), fill=ACCENT, stroke="#fff", stroke_width=2)


def outlined(d: str) -> Markup:
    """A dark line with a light outline, visible on any colour of the map."""
    return tag("g", *(tag("path", d=d, fill="none", stroke=c, stroke_width=w) for c, w in (("#fff", 4.5), ("#111", 2))))
