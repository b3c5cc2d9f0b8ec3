"""Mean test accuracy of each network of a validation, with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from scaling_search.analysis.validation import ArmResult
from scaling_search.report.axes import Scale
from scaling_search.report.labels import ARMS
from scaling_search.report.svg import ACCENT, label, path, picture, tag, ticks

WIDTH, LEFT, RIGHT, TOP, STEP = 720.0, 170.0, 690.0, 20.0, 34.0


def arms_svg(arms: Sequence[ArmResult]) -> Markup:
    """One row per arm: a dot at the mean and a bar over its 95 % interval; the chosen arm is coloured."""
    ends = [v for r in arms for v in (r.interval or (r.test, r.test))]
    margin = max(0.002, 0.05 * (max(ends) - min(ends)))
    x, bottom = Scale(min(ends) - margin, max(ends) + margin, LEFT, RIGHT), TOP + STEP * len(arms)
    shapes: list[Markup] = []
    for t in ticks(x.low, x.high, 6):
        shapes.append(tag("path", d=path([(x(t), TOP), (x(t), bottom)]), stroke="currentColor", stroke_opacity=0.15))
        shapes.append(label(x(t), bottom + 20, f"{100 * t:g} %", "middle"))
    for i, r in enumerate(arms):
        y, colour = TOP + STEP * (i + 0.5), ACCENT if r.arm == "chosen" else "currentColor"
        shapes.append(label(LEFT - 12, y + 5, ARMS[r.arm], "end"))
        if r.interval is not None:
            shapes.append(tag("path", d=path([(x(v), y) for v in r.interval]), stroke=colour, stroke_width=2))
        tooltip = f"{ARMS[r.arm]}: {r.test:.2%}, {r.runs} runs at {r.macs_ratio:.3f}× the base’s MACs"
        shapes.append(tag("g", tag("title", tooltip), tag("circle", cx=x(r.test), cy=y, r=5, fill=colour)))
    shapes.append(label((LEFT + RIGHT) / 2, bottom + 42, "test accuracy, mean and 95 % interval", "middle"))
    return picture(WIDTH, bottom + 54, "Test accuracy of networks of equal real cost and of the unscaled base", *shapes)
