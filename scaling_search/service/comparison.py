"""Compare studies: their triangles, their choices on one triangle, and the settings that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from scaling_search.analysis.selection import TIE_PROBABILITY
from scaling_search.networks.coefficients import AXES
from scaling_search.report import ChoiceView, triangle_of
from scaling_search.report.format import EN_DASH
from scaling_search.report.study_data import grid
from scaling_search.report.surface_map import CORNERS, clip_above, position
from scaling_search.report.svg import label, path, picture, tag
from scaling_search.report.triangle_figure import LABELS
from scaling_search.search.studies import flat_fields
from scaling_search.service.context import AppContext
from scaling_search.service.plot_data import choice_view_for, network_values
from scaling_search.store.summaries import Summary

COLOURS = ("#d9480f", "#0072b2", "#009e73", "#cc79a7", "#b8860b", "#56b4e9")
"""One for each study, distinguishable with colour blindness (Okabe & Ito 2008). Letters carry the same information."""
LETTERS = "ABCDEF"


@dataclass(frozen=True, slots=True)
class ComparedStudy:
    """One study of a comparison."""

    letter: str
    colour: str
    summary: Summary
    choice: dict[str, Any] | None
    portrait: ChoiceView
    triangle: Markup


@dataclass(frozen=True, slots=True)
class Comparison:
    """The compared studies; ``settings`` are (field, value in each study) of the fields that differ."""

    studies: list[ComparedStudy]
    together: Markup
    settings: list[tuple[str, list[str]]]


def compare_studies(context: AppContext, names: Sequence[str]) -> Comparison:
    """The comparison of up to six studies.

    Raises:
        NotFound: a study does not exist.
    """
    studies = []
    for letter, colour, name in zip(LETTERS, COLOURS, names, strict=False):
        summary, choice = context.studies.summary(name), context.studies.choice(name)
        portrait = choice_view_for(context, name, choice)
        triangle = triangle_of(portrait, network_values(context.studies.networks(name)))
        result = choice.result if choice else None
        studies.append(ComparedStudy(letter, colour, summary, result, portrait, triangle))
    specs = [c.summary.spec.model_dump(mode="json") for c in studies]
    return Comparison(studies, choices_figure(studies), differing_fields(specs))


def choices_figure(studies: Sequence[ComparedStudy]) -> Markup:
    """The choices as lettered discs on one triangle, each with the outline of its tie region."""
    outline = path(CORNERS.tolist(), close=True)
    elements = [tag("path", d=outline, fill="none", stroke="currentColor", stroke_width=1.2)]
    for axis, (x, y, anchor) in zip(AXES, LABELS, strict=True):
        elements.append(label(x, y, axis, anchor, font_weight=700))
    for c in studies:
        elements += _tie_region(c)
    for c in studies:
        if c.choice is None:
            continue
        x, y = position(c.choice["shares"]).tolist()
        shares = ", ".join(f"{axis} {s:.0%}" for axis, s in zip(AXES, c.choice["shares"], strict=True))
        disc = tag("circle", cx=x, cy=y, r=12.0, fill=c.colour, stroke="#fff", stroke_width=2)
        letter = label(x, y + 5, c.letter, "middle", fill="#fff", font_weight=700)
        elements.append(tag("g", tag("title", f"{c.letter}, {c.summary.study.name}: {shares}"), disc, letter))
    return picture(480, 480, "Choices of the compared studies on one triangle", *elements)


def _tie_region(c: ComparedStudy) -> list[Markup]:
    """A study's tie region, filled in its colour, and its outline."""
    if c.portrait["steps"] is None:
        return []
    shares, cells = grid(c.portrait["steps"])
    tied = -np.array(c.portrait["worse"])
    region, line = "", ""
    for cell in cells:
        outline, edge = clip_above(position(shares[cell]), tied[cell], -TIE_PROBABILITY)
        region += path(outline, close=True) if outline else ""
        line += path(edge) if edge else ""
    fill = tag("path", d=region, fill=c.colour, fill_opacity=0.13)
    return [fill, tag("path", d=line, fill="none", stroke=c.colour, stroke_width=2)]


def differing_fields(specs: Sequence[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """(field, value in each spec) of the fields whose values differ."""
    flat = [flat_fields({k: v for k, v in s.items() if k not in ("name", "description")}) for s in specs]
    fields = dict.fromkeys(k for f in flat for k in f)
    rows = [(k, [_value_text(f.get(k)) for f in flat]) for k in fields]
    return [(k, values) for k, values in rows if len(set(values)) > 1]


def _value_text(value: Any) -> str:
    return EN_DASH if value is None else "-".join(map(str, value)) if isinstance(value, list) else str(value)
