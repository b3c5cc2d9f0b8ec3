"""What the plots with two axes share: their scales, ticks and titles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from scaling_search.report.svg import label, path, tag, ticks

WIDTH, HEIGHT = 460.0, 330.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 380.0, 44.0, 280.0
"""The plotting area; the right margin holds the lines' names."""
DASHED = {"stroke": "currentColor", "stroke_width": 2, "stroke_dasharray": "5 4"}
"""The unscaled base's lines."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Values → px, linearly."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def axes(x: Scale, y: Scale, x_ticks: Sequence[float], form: Callable[[float], str], x_title: str) -> list[Markup]:
    """Faint lines at round accuracies (``y`` scales fractions), ticks under the plot, both axes' titles with their units."""
    made = [label(0, 18, "validation accuracy, %")]
    for value in ticks(100 * y.low, 100 * y.high):
        at = y(value / 100)
        made.append(tag("path", d=path([(LEFT, at), (RIGHT, at)]), stroke="currentColor", stroke_opacity=0.15))
        made.append(label(LEFT - 8, at + 5, f"{value:g}", "end"))
    for value in x_ticks:
        made.append(tag("path", d=path([(x(value), BOTTOM), (x(value), BOTTOM + 5)]), stroke="currentColor"))
        made.append(label(x(value), BOTTOM + 21, form(value), "middle"))
    made.append(tag("path", d=path([(LEFT, BOTTOM), (RIGHT, BOTTOM)]), stroke="currentColor"))
    return [*made, label((LEFT + RIGHT) / 2, BOTTOM + 44, x_title, "middle")]


def spread(heights: dict[str, float], gap: float = 17.0) -> dict[str, float]:
    """Heights of labels, moved down where they would overlap."""
    placed: dict[str, float] = {}
    for name, at in sorted(heights.items(), key=lambda item: item[1]):
        placed[name] = max(at, max(placed.values(), default=-gap) + gap)
    return placed
