"""A validation as SVG: each network's mean test accuracy with its interval, the chosen one marked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from scaling_search.analysis.validation import ArmResult
from scaling_search.report.axes import Scale
from scaling_search.report.labels import ARMS
from scaling_search.report.svg import ACCENT, label, path, picture, tag, ticks

WIDTH, LEFT, RIGHT, TOP, STEP = 720.0, 170.0, 690.0, 20.0, 34.0


def arms_svg(found: Sequence[ArmResult]) -> Markup:
    """One line an arm: a dot at the mean, a bar over its 95 % interval."""
    ends = [v for r in found for v in (r.interval or (r.test, r.test))]
    spare = max(0.002, 0.05 * (max(ends) - min(ends)))
    x, bottom = Scale(min(ends) - spare, max(ends) + spare, LEFT, RIGHT), TOP + STEP * len(found)
    made: list[Markup] = []
    for t in ticks(x.low, x.high, 6):
        made.append(tag("path", d=path([(x(t), TOP), (x(t), bottom)]), stroke="currentColor", stroke_opacity=0.15))
        made.append(label(x(t), bottom + 20, f"{100 * t:g} %", "middle"))
    for i, r in enumerate(found):
        at, colour = TOP + STEP * (i + 0.5), ACCENT if r.arm == "chosen" else "currentColor"
        made.append(label(LEFT - 12, at + 5, ARMS[r.arm], "end"))
        if r.interval is not None:
            made.append(tag("path", d=path([(x(v), at) for v in r.interval]), stroke=colour, stroke_width=2))
        words = f"{ARMS[r.arm]}: {r.test:.2%}, {r.runs} runs at {r.macs_ratio:.3f}× the base’s MACs"
        made.append(tag("g", tag("title", words), tag("circle", cx=x(r.test), cy=at, r=5, fill=colour)))
    made.append(label((LEFT + RIGHT) / 2, bottom + 42, "test accuracy, mean and 95 % interval", "middle"))
    return picture(WIDTH, bottom + 54, "Test accuracy of networks of equal real cost and of the unscaled base", *made)
