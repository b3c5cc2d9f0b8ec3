"""Learning curves as SVG."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from markupsafe import Markup

from scaling_search.records import last_curves
from scaling_search.report.axes import BOTTOM, DASHED, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Scale, axes, spread
from scaling_search.report.study_data import StudyData, span
from scaling_search.report.svg import ACCENT, disc, label, path, picture, tag, ticks

MOST_CURVES = 150
"""Curves drawn: the first so many trials'."""
STILL_CLIMBING = 1.0
"""Points gained in the last epoch, from which on runs are said to be climbing still."""
STYLES: dict[str, dict[str, Any]] = {
    "": {"stroke": "currentColor", "stroke_opacity": 0.35, "stroke_width": 1.2},
    "the base": DASHED,
    "the choice": {"stroke": ACCENT, "stroke_width": 3},
}
"""Lines by the name that is written beside them, the last on top."""


def curves(found: StudyData) -> dict[int, list[tuple[int, float]]]:
    """Trial number → (epoch from 1, accuracy) of its latest attempt, of the first MOST_CURVES trials that have any."""
    first = islice(last_curves(found.rows, found.epochs).items(), MOST_CURVES)
    return {number: [(e.epoch + 1, e.accuracy) for e in curve] for number, curve in first}


def curves_title(found: StudyData) -> str:
    """What the curves say about the length of the runs."""
    gains = [c[-1][1] - c[-2][1] for c in curves(found).values() if len(c) == found.spec.proxy.epochs > 1]
    if not gains:
        return "Accuracy by epoch"
    gain = 100 * float(np.mean(gains))
    still = "were still climbing" if gain >= STILL_CLIMBING else "had levelled off"
    return f"The runs {still}: {gain:+.1f} points in the last epoch, on average".replace("-", "−")


def _kinds(found: StudyData, lines: dict[int, list[tuple[int, float]]]) -> dict[int, str]:
    """Trial number → the name of its style, in the order of drawing."""
    chosen = (found.choice or {}).get("key")
    rows = [row for row in found.rows if row.number in lines]
    kinds = {r.number: "the base" if r.role == "base" else "the choice" if r.key == chosen else "" for r in rows}
    return dict(sorted(kinds.items(), key=lambda item: list(STYLES).index(item[1])))


def curves_svg(found: StudyData) -> Markup:
    """Validation accuracy by epoch, a line a run; the choice's and the base's runs stand out and are named."""
    lines = curves(found)
    if not lines:
        return Markup()
    last = max(e for c in lines.values() for e, _ in c)
    x = Scale(1, last, LEFT + 8, RIGHT - 8) if last > 1 else Scale(0.5, 1.5, LEFT, RIGHT)
    y = Scale(*span([a for c in lines.values() for _, a in c]), BOTTOM - 8, TOP)
    made = axes(x, y, [t for t in ticks(x.low, x.high) if t == int(t)], lambda v: f"{v:.0f}", "epoch")
    ends: dict[str, list[float]] = {}
    keys = {row.number: row.key for row in found.rows}
    for number, kind in _kinds(found, lines).items():
        points = [(x(e), y(a)) for e, a in lines[number]]
        said = f"run {number}, {keys[number]}: {lines[number][-1][1]:.2%} after epoch {lines[number][-1][0]}"
        shape = [disc(*points[0], 0.4, "#fff")] if len(points) == 1 else []
        made.append(tag("g", tag("title", said), tag("path", d=path(points), fill="none", **STYLES[kind]), *shape))
        ends.setdefault(kind, []).append(points[-1][1])
    names = spread({kind: float(np.mean(at)) for kind, at in ends.items() if kind})
    made += [
        label(RIGHT, at + 5, name, font_weight=700 if name == "the choice" else None) for name, at in names.items()
    ]
    return picture(WIDTH, HEIGHT, curves_title(found), *made)
