"""Accuracy against real cost as SVG: how much of a ranking is extra compute."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from scaling_search.report.axes import BOTTOM, DASHED, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Scale, axes
from scaling_search.report.study_data import StudyData, span
from scaling_search.report.svg import disc, label, path, picture, star, tag, ticks


def explained(found: StudyData) -> tuple[float, float, float] | None:
    """(R², slope, intercept) of networks' mean accuracies over log2 of their real cost; None for fewer than 3, or equal ones."""
    seen = [(n.macs_ratio, n.mean) for n in found.networks if n.mean is not None]
    x, y = np.log2([r for r, _ in seen]), np.array([m for _, m in seen])
    if len(seen) < 3 or np.ptp(x) < 1e-9 or np.ptp(y) < 1e-12:
        return None
    slope, intercept = np.polyfit(x, y, 1).tolist()
    return float(np.corrcoef(x, y)[0, 1] ** 2), slope, intercept


def cost_title(found: StudyData) -> str:
    """How much of the ranking is extra compute."""
    fit = explained(found)
    if fit is None:
        return "Accuracy against real cost"
    n = sum(n.mean is not None for n in found.networks)
    chance = f"chance alone: about {1 / (n - 1):.0%}"
    return f"Real cost explains {fit[0]:.0%} of the variance between {n} networks ({chance})"


def _base_line(found: StudyData, y: Scale) -> list[Markup]:
    """The unscaled base's mean accuracy as a dashed line; [] without runs of it."""
    level = found.base_mean
    if level is None:
        return []
    line = tag("path", d=path([(LEFT, y(level)), (RIGHT, y(level))]), **DASHED)
    return [line, label(RIGHT + 6, y(level) + 5, "the base")]


def cost_svg(found: StudyData) -> Markup:
    """Mean accuracy of each network against its real MACs over the base's; the unscaled base as a dashed line."""
    seen = [(n, n.mean) for n in found.networks if n.mean is not None]
    if not seen:
        return Markup()
    ratios = [n.macs_ratio for n, _ in seen]
    spare = max(0.01, 0.04 * (max(ratios) - min(ratios)))
    x = Scale(min(ratios) - spare, max(ratios) + spare, LEFT, RIGHT)
    levels = [m for _, m in seen] + ([found.base_mean] if found.base_mean is not None else [])
    y = Scale(*span(levels), BOTTOM - 14, TOP)
    made = axes(x, y, ticks(x.low, x.high, 5), lambda v: f"{v:g}×", "real MACs over the base’s")
    made += _base_line(found, y)
    fit = explained(found)
    if fit is not None:
        line = [(x(r), y(fit[1] * np.log2(r) + fit[2])) for r in np.linspace(min(ratios), max(ratios), 12).tolist()]
        made.append(tag("path", d=path(line), fill="none", stroke="currentColor", stroke_opacity=0.5))
    chosen = (found.choice or {}).get("key")
    for n, mean in sorted(seen, key=lambda pair: pair[0].key == chosen):
        at = x(n.macs_ratio), y(mean)
        words = f"{n.key}: {mean:.2%} at {n.macs_ratio:.3f}× the base’s MACs, {len(n.accuracies)} complete"
        shape = star(*at) if n.key == chosen else disc(*at, len(n.accuracies), "#8a8678")
        made.append(tag("g", tag("title", words), shape))
    return picture(WIDTH, HEIGHT, cost_title(found), *made)
