"""Studies beside each other: their triangles, their choices on one triangle, and the settings that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from scaling_search.analysis.selection import TIE_PROBABILITY
from scaling_search.networks.coefficients import AXES
from scaling_search.report import ChoiceView, triangle_of
from scaling_search.report.study_data import grid
from scaling_search.report.surface_map import CORNERS, clip_above, position
from scaling_search.report.svg import label, path, picture, tag
from scaling_search.report.triangle_figure import LABELS
from scaling_search.service.context import Kept
from scaling_search.service.plot_data import network_values, portrait_for
from scaling_search.store.summaries import Summary

COLOURS = ("#d9480f", "#0072b2", "#009e73", "#cc79a7", "#b8860b", "#56b4e9")
"""One a study, told apart by every kind of sight (Okabe & Ito 2008); letters say the same."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the studies."""

    letter: str
    colour: str
    summary: Summary
    choice: dict[str, Any] | None
    portrait: ChoiceView
    triangle: Markup


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of them; ``settings`` are (field, its value in each study), where they differ."""

    studies: list[Compared]
    together: Markup
    settings: list[tuple[str, list[str]]]


def compared(own: Kept, names: Sequence[str]) -> Comparison:
    """The comparison of these studies.

    Raises:
        NotFound: one does not exist.
    """
    found = []
    for i, name in enumerate(names):
        summary, choice = own.board.summary(name), own.board.choice(name)
        made = portrait_for(own, name, choice)
        triangle = triangle_of(made, network_values(own.board.networks(name)))
        found.append(Compared("ABCDEF"[i], COLOURS[i], summary, choice.result if choice else None, made, triangle))
    specs = [c.summary.spec.model_dump(mode="json") for c in found]
    return Comparison(found, together(found), different(specs))


def together(found: Sequence[Compared]) -> Markup:
    """Choices as lettered discs, each with the edge of what it cannot be told from, on one triangle."""
    made = [tag("path", d=path(CORNERS.tolist(), close=True), fill="none", stroke="currentColor", stroke_width=1.2)]
    for axis, (x, y, anchor) in zip(AXES, LABELS, strict=True):
        made.append(label(x, y, axis, anchor, font_weight=700))
    for c in found:
        made += _edge(c)
    for c in found:
        if c.choice is None:
            continue
        x, y = position(c.choice["shares"]).tolist()
        said = ", ".join(f"{axis} {s:.0%}" for axis, s in zip(AXES, c.choice["shares"], strict=True))
        disc = tag("circle", cx=x, cy=y, r=12.0, fill=c.colour, stroke="#fff", stroke_width=2)
        letter = label(x, y + 5, c.letter, "middle", fill="#fff", font_weight=700)
        made.append(tag("g", tag("title", f"{c.letter}, {c.summary.study.name}: {said}"), disc, letter))
    return picture(480, 480, "Choices of the compared studies on one triangle", *made)


def _edge(c: Compared) -> list[Markup]:
    """The edge of a study's ties, with its part of the triangle washed in its colour."""
    if c.portrait["steps"] is None:
        return []
    shares, cells = grid(c.portrait["steps"])
    tied = -np.array(c.portrait["worse"])
    region, line = "", ""
    for cell in cells:
        outline, edge = clip_above(position(shares[cell]), tied[cell], -TIE_PROBABILITY)
        region += path(outline, close=True) if outline else ""
        line += path(edge) if edge else ""
    wash = tag("path", d=region, fill=c.colour, fill_opacity=0.13)
    return [wash, tag("path", d=line, fill="none", stroke=c.colour, stroke_width=2)]


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def different(specs: Sequence[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """(field, its value in each) of the fields that are not the same everywhere."""
    flat = [_flat({k: v for k, v in s.items() if k not in ("name", "description")}) for s in specs]
    fields = dict.fromkeys(k for f in flat for k in f)
    rows = [(k, [_shown(f.get(k)) for f in flat]) for k in fields]
    return [(k, values) for k, values in rows if len(set(values)) > 1]


def _shown(value: Any) -> str:
    return "–" if value is None else "-".join(map(str, value)) if isinstance(value, list) else str(value)
