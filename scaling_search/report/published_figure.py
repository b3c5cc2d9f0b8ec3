"""ImageNet top-1 of published networks against their MACs, as in the paper's Figure 1, with the MACs of one's own family."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from scaling_search.report.axes import BOTTOM, DASHED, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Scale, axes
from scaling_search.report.published import Published, published
from scaling_search.report.svg import disc, label, path, picture, tag

COLOURS = {"EfficientNet": "#c2410c", "EfficientNetV2": "#7c3aed", "ResNet-RS": "#0f766e", "MobileNet": "#2563eb"}
OTHER = "#8a8678"
DECADES = (1e8, 3e8, 1e9, 3e9, 1e10, 3e10)
TITLE = "Where the family’s cost lies among published networks"


def note() -> str:
    """The figure's caption."""
    coloured = ", ".join(COLOURS)
    return (
        f"ImageNet top-1 of {len(published())} published networks, as printed by their authors, who trained them differently; in colour: "
        f"{coloured}. Dashed: what each network of this family costs. How accurate it would be there, only training says."
    )


def _point(x: Scale, y: Scale, p: Published) -> Markup:
    tooltip = f"{p.name}: {p.top1:.1f} % at {p.macs / 1e9:.2f} G MACs, {p.params / 1e6:.1f} M parameters, {p.px} px ({p.source})"
    centre = x(math.log10(p.macs)), y(p.top1 / 100)
    return Markup(tag("g", tag("title", tooltip), disc(*centre, 1, COLOURS.get(p.family, OTHER))))


def published_svg(family: dict[str, Any]) -> Markup:
    """The published networks, and a dashed line at the MACs of each network of the family that the axis covers."""
    points = published()
    x = Scale(math.log10(1.5e8), math.log10(1e11), LEFT, RIGHT)
    y = Scale(min(p.top1 for p in points) / 100 - 0.01, max(p.top1 for p in points) / 100 + 0.01, BOTTOM - 14, TOP)
    inside = [math.log10(d) for d in DECADES if x.low <= math.log10(d) <= x.high]
    shapes = axes(x, y, inside, lambda v: f"{10**v / 1e9:.3g}", "MACs, G (log)")
    shapes[0] = label(0, 18, "ImageNet top-1, %")
    for m in family["models"]:
        if x.low <= math.log10(m["macs"]) <= x.high:
            at = x(math.log10(m["macs"]))
            shapes.append(tag("path", d=path([(at, TOP), (at, BOTTOM)]), **{**DASHED, "stroke_width": 1}))
            shapes.append(label(at, TOP - 6, m["name"].upper(), "middle"))
    return picture(WIDTH, HEIGHT, TITLE, *shapes, *(_point(x, y, p) for p in points))
