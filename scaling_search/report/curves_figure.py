"""Learning curves as SVG."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from markupsafe import Markup

from scaling_search.records import last_curves
from scaling_search.report.axes import BOTTOM, DASHED, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Scale, axes, spread
from scaling_search.report.labels import BASE, CHOICE
from scaling_search.report.study_data import StudyData, span
from scaling_search.report.svg import ACCENT, disc, label, path, picture, tag, ticks

MAX_CURVES = 150
"""The curves of later trials are not drawn."""
STILL_CLIMBING_POINTS = 1.0
"""The title calls runs still climbing if their last epoch gained at least this many points on average."""
STYLES: dict[str, dict[str, Any]] = {
    "": {"stroke": "currentColor", "stroke_opacity": 0.35, "stroke_width": 1.2},
    BASE: DASHED,
    CHOICE: {"stroke": ACCENT, "stroke_width": 3},
}
"""Style of a line by the name written beside it; later ones are drawn on top."""


def curves(data: StudyData) -> dict[int, list[tuple[int, float]]]:
    """Trial number → [(epoch from 1, accuracy)] of its latest attempt, for the first MAX_CURVES trials with epochs."""
    first = islice(last_curves(data.rows, data.epochs).items(), MAX_CURVES)
    return {number: [(e.epoch + 1, e.accuracy) for e in curve] for number, curve in first}


def curves_title(data: StudyData) -> str:
    """The figure's title: whether runs were still gaining accuracy when they ended."""
    gains = [c[-1][1] - c[-2][1] for c in curves(data).values() if len(c) == data.spec.proxy.epochs > 1]
    if not gains:
        return "Accuracy by epoch"
    gain = 100 * float(np.mean(gains))
    trend = "were still climbing" if gain >= STILL_CLIMBING_POINTS else "had levelled off"
    return f"The runs {trend}: {gain:+.1f} points in the last epoch, on average".replace("-", "−")


def _kinds(data: StudyData, lines: dict[int, list[tuple[int, float]]]) -> dict[int, str]:
    """Trial number → key of STYLES, in the order of drawing."""
    chosen = (data.choice or {}).get("key")
    rows = [row for row in data.rows if row.number in lines]
    kinds = {r.number: BASE if r.role == "base" else CHOICE if r.key == chosen else "" for r in rows}
    return dict(sorted(kinds.items(), key=lambda item: list(STYLES).index(item[1])))


def curves_svg(data: StudyData) -> Markup:
    """Validation accuracy by epoch, one line per run; runs of the choice and of the base stand out and are named."""
    lines = curves(data)
    if not lines:
        return Markup()
    last = max(e for c in lines.values() for e, _ in c)
    x = Scale(1, last, LEFT + 8, RIGHT - 8) if last > 1 else Scale(0.5, 1.5, LEFT, RIGHT)
    y = Scale(*span([a for c in lines.values() for _, a in c]), BOTTOM - 8, TOP)
    shapes = axes(x, y, [t for t in ticks(x.low, x.high) if t == int(t)], lambda v: f"{v:.0f}", "epoch")
    ends: dict[str, list[float]] = {}
    keys = {row.number: row.key for row in data.rows}
    for number, kind in _kinds(data, lines).items():
        points = [(x(e), y(a)) for e, a in lines[number]]
        tooltip = f"run {number}, {keys[number]}: {lines[number][-1][1]:.2%} after epoch {lines[number][-1][0]}"
        dot = [disc(*points[0], 0.4, "#fff")] if len(points) == 1 else []
        shapes.append(tag("g", tag("title", tooltip), tag("path", d=path(points), fill="none", **STYLES[kind]), *dot))
        ends.setdefault(kind, []).append(points[-1][1])
    names = spread({kind: float(np.mean(at)) for kind, at in ends.items() if kind})
    shapes += [label(RIGHT, at + 5, name, font_weight=700 if name == CHOICE else None) for name, at in names.items()]
    return picture(WIDTH, HEIGHT, curves_title(data), *shapes)
