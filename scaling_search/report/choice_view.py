"""A choice as plain values for pages: computed and stored once with the choice, drawn on every request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from scaling_search.analysis.selection import MODEL_NEEDS, TIE_PROBABILITY
from scaling_search.networks.coefficients import AXES
from scaling_search.report.labels import REFERENCES
from scaling_search.report.narrative import headline, map_title, paragraphs, shares_text
from scaling_search.report.study_data import Network, StudyData, SurfaceGrid, grid, surface_grid
from scaling_search.report.triangle_figure import Mark, triangle_svg

ChoiceView = dict[str, Any]
"""The JSON form: ``steps``, ``mean`` and ``worse`` are the surface over the grid, or null; ``choice`` and each of ``marks`` are
{"name", "shares", "words"}; ``corners`` are three lines of text; ``headline``, ``title`` and ``note`` are text; ``paragraphs`` are
[lead, HTML] pairs."""

TRIANGLE_NOTE = "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters."


def _references(data: StudyData) -> tuple[list[Mark], list[str]]:
    """A mark for each reference network that is not a corner, and a line of text for each corner.

    References with the same nearest network share one mark.
    """
    better = (data.choice or {}).get("probability_better_than", {})
    means = {n.key: n.mean for n in data.networks}
    marks: dict[str, Mark] = {}
    corners = []
    for name, network in data.references.items():
        mean, probability = data.fitted(network.shares), better.get(name)
        text = f"Nearest to {REFERENCES[name]}: {network.key}, {shares_text(network.shares)}"
        text += "" if mean is None else f"; fitted {mean:.1%}"
        text += "" if probability is None else f"; the choice is better with probability {probability:.0%}"
        before = marks.get(network.key, Mark("", network.shares, ""))
        names, texts = [before.name] if before.name else [], [before.words] if before.words else []
        names += [name] if name not in AXES else []
        marks[network.key] = Mark(" and ".join(names), network.shares, "\n".join([*texts, text]))
        if name in AXES:
            share = network.shares[AXES.index(name)]
            reach = "alone" if share > 0.95 else f"at most {share:.0%}"
            accuracy = mean if mean is not None else means.get(network.key)
            corners.append(f"{reach}: {'not run' if accuracy is None else format(accuracy, '.1%')}")
    return list(marks.values()), corners


def _note(data: StudyData, surface: SurfaceGrid | None) -> str:
    """The triangle's caption; it says why there is no surface, if there is none."""
    if surface is not None and (surface.worse < TIE_PROBABILITY).all():
        return TRIANGLE_NOTE
    if surface is not None:
        ruled_out = f"Hatched: at least {TIE_PROBABILITY:.0%} sure to be worse than the choice by more than {data.spec.search.indifference:g} points."
        return f"{TRIANGLE_NOTE} {ruled_out}"
    if data.spec.budget.mode == "nominal":
        return f"{TRIANGLE_NOTE} No surface is fitted: these networks differ in real cost."
    ran = sum(n.mean is not None for n in data.networks)
    return f"{TRIANGLE_NOTE} No surface is fitted: that takes {MODEL_NEEDS} networks, and {ran} ran."


def build_choice_view(data: StudyData) -> ChoiceView:
    """The view of a study's choice; a study without a choice has one too."""
    mark, surface = None, None
    if (choice := data.choice) is not None:
        a, b, c = choice["shares"]
        text = (
            f"The choice: {choice['key']}, {shares_text(choice['shares'])}; expected accuracy {choice['accuracy']:.1%}"
        )
        mark = Mark("choice", (a, b, c), text)
        if data.surface is not None:
            surface = surface_grid(data.surface, (a, b, c), data.spec.search.indifference, long=data.long)
    marks, corners = _references(data)
    return {
        "steps": round(len(surface.cells) ** 0.5) if surface else None,
        "mean": surface.mean.round(6).tolist() if surface else None,
        "worse": surface.worse.round(6).tolist() if surface else None,
        "choice": _mark_values(mark) if mark else None,
        "marks": [_mark_values(m) for m in marks],
        "corners": corners,
        "headline": headline(data),
        "title": map_title(data, surface, TIE_PROBABILITY),
        "note": _note(data, surface),
        "paragraphs": [[lead, str(escape(text))] for lead, text in paragraphs(data)],
    }


def _mark_values(mark: Mark) -> dict[str, Any]:
    return {"name": mark.name, "shares": list(mark.shares), "words": mark.words}


def _mark(values: dict[str, Any]) -> Mark:
    return Mark(values["name"], tuple(values["shares"]), values["words"])


@lru_cache(maxsize=64)
def _surface(steps: int, mean: tuple[float, ...], worse: tuple[float, ...]) -> SurfaceGrid:
    """The same object for the same values: the functions that draw it cache by identity."""
    return SurfaceGrid(*grid(steps), np.array(mean), np.array(worse))


def triangle_of(view: ChoiceView, networks: Sequence[Network]) -> Markup:
    """The triangle of a view, with these networks as discs."""
    surface = None
    if view["steps"] is not None:
        surface = _surface(view["steps"], tuple(view["mean"]), tuple(view["worse"]))
    choice = _mark(view["choice"]) if view["choice"] else None
    marks = [_mark(values) for values in view["marks"]]
    return triangle_svg(networks, surface, choice, marks, view["corners"], TIE_PROBABILITY)
