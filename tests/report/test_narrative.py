"""The sentences agree with the choice."""

from __future__ import annotations

from dataclasses import replace

from scaling_search.report import StudyData, figures, report_html
from tests.support.report import SPEC, narrative_text, synthetic_study


def test_the_words_agree_with_the_choice(data: StudyData) -> None:
    words, choice = narrative_text(data), data.choice
    assert choice is not None
    assert f"{choice['runs']} runs of {choice['networks']} networks" in words
    assert f"{len(data.candidates)} real networks" in words
    assert f"{choice['accuracy']:.1%}" in words
    assert f"{max(choice['expected_regret'], 0.01):.2f} points short" in words
    assert "Spend each doubling of cost on depth alone." in words
    assert f"{choice['tie_fraction']:.0%} of the networks may be as good" in words
    assert "over 99% against the paper’s shares" in words


def test_few_networks_have_no_surface_and_the_report_says_so() -> None:
    few = synthetic_study(4)
    assert few.surface is None
    assert "not a fit" in narrative_text(few)
    assert "--trials 4</code>" in narrative_text(few)
    note = figures(few)["triangle"]["note"]
    assert note.endswith("No surface is fitted: that takes 8 networks, and 4 ran.")
    assert "fitted accuracy" not in report_html(few)


def test_a_flat_surface_is_called_no_preference(data: StudyData) -> None:
    assert data.choice is not None
    flat = replace(data, choice={**data.choice, "tie_fraction": 1.0})
    assert "No preference" in report_html(flat)
    assert "Nothing is preferred" in narrative_text(flat)
    assert "All of the networks may be as good" in narrative_text(flat)


def test_a_nominal_grid_says_that_cost_differs() -> None:
    nominal = synthetic_study(10, text=SPEC.replace("budget: {", "budget: {mode: nominal, rounding: official, "))
    assert nominal.surface is None
    assert "partly rank their cost" in narrative_text(nominal)
    assert "{mode: real}" in narrative_text(nominal)
    assert figures(nominal)["triangle"]["note"].endswith("these networks differ in real cost.")


def test_the_title_of_the_triangle_states_the_finding(data: StudyData) -> None:
    assert figures(data)["triangle"]["title"].startswith("All but ")
    assert data.choice is not None
    unsure = replace(data, choice={**data.choice, "tie_fraction": 0.9})
    assert figures(unsure)["triangle"]["title"].startswith("Ruled out so far: 10% of the networks")
