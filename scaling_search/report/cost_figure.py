"""Accuracy against real cost, and how much of the accuracy differences cost explains."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from scaling_search.report.axes import BOTTOM, DASHED, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Scale, axes
from scaling_search.report.labels import BASE
from scaling_search.report.study_data import StudyData, span
from scaling_search.report.svg import disc, label, path, picture, star, tag, ticks


def cost_fit(data: StudyData) -> tuple[float, float, float] | None:
    """(R², slope, intercept) of mean accuracy over log2 of real cost; None with fewer than 3 networks or without spread."""
    ran = [(n.macs_ratio, n.mean) for n in data.networks if n.mean is not None]
    x, y = np.log2([r for r, _ in ran]), np.array([m for _, m in ran])
    if len(ran) < 3 or np.ptp(x) < 1e-9 or np.ptp(y) < 1e-12:
        return None
    slope, intercept = np.polyfit(x, y, 1).tolist()
    return float(np.corrcoef(x, y)[0, 1] ** 2), slope, intercept


def cost_title(data: StudyData) -> str:
    """The figure's title: the share of the variance that cost explains."""
    fit = cost_fit(data)
    if fit is None:
        return "Accuracy against real cost"
    n = sum(n.mean is not None for n in data.networks)
    chance = f"chance alone: about {1 / (n - 1):.0%}"
    return f"Real cost explains {fit[0]:.0%} of the variance between {n} networks ({chance})"


def _base_line(data: StudyData, y: Scale) -> list[Markup]:
    """A dashed line at the unscaled base's mean accuracy; [] if it has no runs."""
    level = data.base_mean
    if level is None:
        return []
    line = tag("path", d=path([(LEFT, y(level)), (RIGHT, y(level))]), **DASHED)
    return [line, label(RIGHT + 6, y(level) + 5, BASE)]


def cost_svg(data: StudyData) -> Markup:
    """Mean accuracy of each network against its real MACs over the base's; empty if no network ran."""
    ran = [(n, n.mean) for n in data.networks if n.mean is not None]
    if not ran:
        return Markup()
    ratios = [n.macs_ratio for n, _ in ran]
    margin = max(0.01, 0.04 * (max(ratios) - min(ratios)))
    x = Scale(min(ratios) - margin, max(ratios) + margin, LEFT, RIGHT)
    levels = [m for _, m in ran] + ([data.base_mean] if data.base_mean is not None else [])
    y = Scale(*span(levels), BOTTOM - 14, TOP)
    shapes = axes(x, y, ticks(x.low, x.high, 5), lambda v: f"{v:g}×", "real MACs over the base’s")
    shapes += _base_line(data, y)
    fit = cost_fit(data)
    if fit is not None:
        line = [(x(r), y(fit[1] * np.log2(r) + fit[2])) for r in np.linspace(min(ratios), max(ratios), 12).tolist()]
        shapes.append(tag("path", d=path(line), fill="none", stroke="currentColor", stroke_opacity=0.5))
    chosen = (data.choice or {}).get("key")
    for n, mean in sorted(ran, key=lambda pair: pair[0].key == chosen):
        at = x(n.macs_ratio), y(mean)
        tooltip = f"{n.key}: {mean:.2%} at {n.macs_ratio:.3f}× the base’s MACs, {len(n.accuracies)} complete"
        shape = star(*at) if n.key == chosen else disc(*at, len(n.accuracies), "#8a8678")
        shapes.append(tag("g", tag("title", tooltip), shape))
    return picture(WIDTH, HEIGHT, cost_title(data), *shapes)
