"""What a page draws of a choice, as plain values: made once when the choice is, kept with it, drawn as often as asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from scaling_search.analysis.selection import MODEL_NEEDS, TIE_PROBABILITY
from scaling_search.networks.coefficients import AXES
from scaling_search.report.labels import REFERENCES
from scaling_search.report.narrative import headline, map_title, paragraphs, shares_words
from scaling_search.report.study_data import Network, StudyData, SurfaceGrid, grid, surface_grid
from scaling_search.report.triangle_figure import Mark, triangle_svg

ChoiceView = dict[str, Any]
"""{"steps", "mean", "worse": the surface over the grid, or null; "choice", "marks": [{"name", "shares", "words"}], "corners":
words; "headline", "title", "note": words; "paragraphs": [[lead, HTML]]}."""


def _references(found: StudyData) -> tuple[list[Mark], list[str]]:
    """The networks for comparison, and a line of words for each corner."""
    better = (found.choice or {}).get("probability_better_than", {})
    means = {n.key: n.mean for n in found.networks}
    marks: dict[str, Mark] = {}
    corners = []
    for name, network in found.references.items():
        mean, likely = found.fitted(network.shares), better.get(name)
        words = f"Nearest to {REFERENCES[name]}: {network.key}, {shares_words(network.shares)}"
        words += "" if mean is None else f"; fitted {mean:.1%}"
        words += "" if likely is None else f"; the choice is better with probability {likely:.0%}"
        before = marks.get(network.key, Mark("", network.shares, ""))
        names, said = [before.name] if before.name else [], [before.words] if before.words else []
        names += [name] if name not in AXES else []
        marks[network.key] = Mark(" and ".join(names), network.shares, "\n".join([*said, words]))
        if name in AXES:
            most = network.shares[AXES.index(name)]
            reach = "alone" if most > 0.95 else f"at most {most:.0%}"
            seen = mean if mean is not None else means.get(network.key)
            corners.append(f"{reach}: {'not run' if seen is None else format(seen, '.1%')}")
    return list(marks.values()), corners


def _note(found: StudyData, surface: SurfaceGrid | None) -> str:
    """What is drawn, and why there may be no surface."""
    how = "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters."
    if surface is not None and (surface.worse < TIE_PROBABILITY).all():
        return how
    if surface is not None:
        part = f"Hatched: at least {TIE_PROBABILITY:.0%} sure to be worse than the choice by more than {found.spec.search.indifference:g} points."
        return f"{how} {part}"
    if found.spec.budget.mode == "nominal":
        return f"{how} No surface is fitted: these networks differ in real cost."
    ran = sum(n.mean is not None for n in found.networks)
    return f"{how} No surface is fitted: that takes {MODEL_NEEDS} networks, and {ran} ran."


def _plain(mark: Mark) -> dict[str, Any]:
    return {"name": mark.name, "shares": list(mark.shares), "words": mark.words}


def build_choice_view(found: StudyData) -> ChoiceView:
    """The portrait of a study's choice, or of having none yet."""
    mark, surface = None, None
    if (choice := found.choice) is not None:
        a, b, c = choice["shares"]
        words = (
            f"The choice: {choice['key']}, {shares_words(choice['shares'])}; expected accuracy {choice['accuracy']:.1%}"
        )
        mark = Mark("choice", (a, b, c), words)
        if found.surface is not None:
            surface = surface_grid(found.surface, (a, b, c), found.spec.search.indifference, long=found.long)
    marks, corners = _references(found)
    values = {k: getattr(surface, k).round(6).tolist() if surface else None for k in ("mean", "worse")}
    drawn = {"choice": _plain(mark) if mark else None, "marks": [_plain(m) for m in marks], "corners": corners}
    said = {
        "headline": headline(found),
        "title": map_title(found, surface, TIE_PROBABILITY),
        "note": _note(found, surface),
    }
    parts = [[lead, str(escape(words))] for lead, words in paragraphs(found)]
    return {"steps": _steps(surface), **values, **drawn, **said, "paragraphs": parts}


def _steps(surface: SurfaceGrid | None) -> int | None:
    return round(len(surface.cells) ** 0.5) if surface else None


def _mark(values: dict[str, Any] | None) -> Mark | None:
    return Mark(values["name"], tuple(values["shares"]), values["words"]) if values else None


@lru_cache(maxsize=64)
def _surface(steps: int, mean: tuple[float, ...], worse: tuple[float, ...]) -> SurfaceGrid:
    """One object for one surface, so that it is drawn once however often its page is asked for."""
    return SurfaceGrid(*grid(steps), np.array(mean), np.array(worse))


def triangle_of(made: ChoiceView, networks: Sequence[Network]) -> Markup:
    """The triangle of a portrait with the networks that ran, or are running, as they are now."""
    surface = None
    if made["steps"] is not None:
        surface = _surface(made["steps"], tuple(made["mean"]), tuple(made["worse"]))
    marks = [m for m in map(_mark, made["marks"]) if m]
    return triangle_svg(networks, surface, _mark(made["choice"]), marks, made["corners"], TIE_PROBABILITY)
