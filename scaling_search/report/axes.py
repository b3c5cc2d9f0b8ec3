"""Scales, ticks and titles of plots with two axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from scaling_search.report.svg import label, path, tag, ticks

WIDTH, HEIGHT = 460.0, 330.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 380.0, 44.0, 280.0
"""The plotting area, px. The right margin has room for the names of lines."""
DASHED = {"stroke": "currentColor", "stroke_width": 2, "stroke_dasharray": "5 4"}
"""Style of lines for the unscaled base."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values in [low, high] to px in [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Value → px."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def axes(x: Scale, y: Scale, x_ticks: Sequence[float], tick_text: Callable[[float], str], x_title: str) -> list[Markup]:
    """Horizontal lines at round accuracies, ticks below the plot, and the titles of both axes.

    ``y`` scales accuracies as fractions; ``tick_text`` writes the values of ``x_ticks``.
    """
    shapes = [label(0, 18, "validation accuracy, %")]
    for value in ticks(100 * y.low, 100 * y.high):
        at = y(value / 100)
        shapes.append(tag("path", d=path([(LEFT, at), (RIGHT, at)]), stroke="currentColor", stroke_opacity=0.15))
        shapes.append(label(LEFT - 8, at + 5, f"{value:g}", "end"))
    for value in x_ticks:
        shapes.append(tag("path", d=path([(x(value), BOTTOM), (x(value), BOTTOM + 5)]), stroke="currentColor"))
        shapes.append(label(x(value), BOTTOM + 21, tick_text(value), "middle"))
    shapes.append(tag("path", d=path([(LEFT, BOTTOM), (RIGHT, BOTTOM)]), stroke="currentColor"))
    return [*shapes, label((LEFT + RIGHT) / 2, BOTTOM + 44, x_title, "middle")]


def spread(heights: dict[str, float], gap: float = 17.0) -> dict[str, float]:
    """Label name → height, px; labels that would overlap are moved down."""
    placed: dict[str, float] = {}
    for name, at in sorted(heights.items(), key=lambda item: item[1]):
        placed[name] = max(at, max(placed.values(), default=-gap) + gap)
    return placed
