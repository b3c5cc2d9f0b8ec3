"""The triangle of a plan: every candidate as a dot, and the networks that a search of this size would run."""

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
    """Dots for candidates, discs for the chosen ones; ``counts`` says by key how often each of these would run."""
    every = max(1, -(-len(candidates) // MAX_DOTS))
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in position(share_matrix(candidates[::every])).tolist())
    made = [tag("path", d=path(CORNERS.tolist(), close=True), fill="none", stroke="currentColor", stroke_width=1.2)]
    made.append(tag("path", d=dots, stroke="currentColor", stroke_opacity=0.4, stroke_width=3, stroke_linecap="round"))
    for c in chosen:
        x, y = position(c.shares).tolist()
        words = f"{c.key}: {c.macs_ratio:.3f}× the base’s MACs, {counts[c.key]} run{'s' * (counts[c.key] != 1)}"
        made.append(tag("g", tag("title", words), disc(x, y, counts[c.key], "#fff")))
    most = share_matrix(candidates).max(axis=0) if candidates else np.zeros(3)
    for axis, reach, (x, y, anchor) in zip(AXES, most.tolist(), LABELS, strict=True):
        made += [
            label(x, y, axis, anchor, font_weight=700),
            label(x, y + 18, f"up to {reach:.0%}", anchor, font_size=13),
        ]
    words = f"{len(candidates)} candidate networks; {len(chosen)} of them would run"
    return picture(480, 500, words, *made)
