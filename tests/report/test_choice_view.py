"""The stored view of a choice."""

from __future__ import annotations

import json
from dataclasses import replace

from scaling_search.report import StudyData, build_choice_view, figures, triangle_of
from tests.support.report import synthetic_study


def test_a_view_that_was_stored_as_json_draws_the_same_triangle(data: StudyData) -> None:
    view = build_choice_view(data)
    stored = json.loads(json.dumps(view))
    assert stored == view
    assert triangle_of(stored, data.networks) == triangle_of(view, data.networks) == figures(data)["triangle"]["svg"]


def test_a_view_has_the_choice_the_corners_and_the_paragraphs(data: StudyData) -> None:
    view = build_choice_view(data)
    assert data.choice is not None
    assert view["choice"]["shares"] == list(data.choice["shares"])
    assert len(view["mean"]) == len(view["worse"]) == (view["steps"] + 1) * (view["steps"] + 2) / 2
    assert [line.partition(":")[0] for line in view["corners"]] == ["alone"] * 3
    assert view["paragraphs"][0][0] == "What is chosen."
    assert len(view["paragraphs"]) == 4


def test_references_with_the_same_nearest_network_share_a_mark(data: StudyData) -> None:
    shared = replace(data, references={**data.references, "equal": data.references["paper"]})
    (mark,) = [m for m in build_choice_view(shared)["marks"] if "paper" in m["name"]]
    assert mark["name"] == "paper and equal"
    assert [line.partition(":")[0] for line in mark["words"].splitlines()] == [
        "Nearest to the paper’s shares",
        "Nearest to equal shares",
    ]


def test_a_study_without_a_choice_has_a_view_without_a_surface() -> None:
    view = build_choice_view(synthetic_study(3, has_choice=False))
    assert (view["choice"], view["steps"], view["mean"], view["worse"]) == (None, None, None, None)
    assert view["headline"] == "Nothing is chosen yet"
    assert view["title"].startswith("3 networks ran: ")
