"""The triangle of a plan: candidates as dots, and the networks that a search of this size would run as discs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from scaling_search.networks.candidates import Candidate, share_matrix
from scaling_search.networks.coefficients import AXES
from scaling_search.report.surface_map import CORNERS, position
from scaling_search.report.svg import disc, label, path, picture, tag
from scaling_search.report.triangle_figure import LABELS

MAX_DOTS = 3000


def plan_svg(candidates: Sequence[Candidate], chosen: Sequence[Candidate], counts: Mapping[str, int]) -> Markup:
    """Dots for candidates, at most MAX_DOTS; a disc for each chosen one, with its runs: ``counts`` by key."""
    step = max(1, -(-len(candidates) // MAX_DOTS))
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in position(share_matrix(candidates[::step])).tolist())
    shapes = [tag("path", d=path(CORNERS.tolist(), close=True), fill="none", stroke="currentColor", stroke_width=1.2)]
    shapes.append(
        tag("path", d=dots, stroke="currentColor", stroke_opacity=0.4, stroke_width=3, stroke_linecap="round")
    )
    for c in chosen:
        x, y = position(c.shares).tolist()
        tooltip = f"{c.key}: {c.macs_ratio:.3f}× the base’s MACs, {counts[c.key]} run{'s' * (counts[c.key] != 1)}"
        shapes.append(tag("g", tag("title", tooltip), disc(x, y, counts[c.key], "#fff")))
    largest = share_matrix(candidates).max(axis=0) if candidates else np.zeros(3)
    for axis, share, (x, y, anchor) in zip(AXES, largest.tolist(), LABELS, strict=True):
        shapes += [
            label(x, y, axis, anchor, font_weight=700),
            label(x, y + 18, f"up to {share:.0%}", anchor, font_size=13),
        ]
    description = f"{len(candidates)} candidate networks; {len(chosen)} of them would run"
    return picture(480, 500, description, *shapes)
