"""Accuracy against real cost, and the share of the variance that cost explains."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from scaling_search.report import StudyData, figures
from scaling_search.report.cost_figure import cost_fit, cost_svg, cost_title
from scaling_search.report.study_data import Network


def networks_of(points: list[tuple[float, float]]) -> list[Network]:
    return [Network(f"n{i}", (1.0, 0.0, 0.0), ratio, (mean,), 0) for i, (ratio, mean) in enumerate(points)]


def test_a_line_in_log_cost_is_explained_wholly(data: StudyData) -> None:
    on_a_line = replace(data, networks=networks_of([(1, 0.5), (2, 0.6), (4, 0.7)]))
    assert cost_fit(on_a_line) == pytest.approx((1.0, 0.1, 0.5))
    assert cost_title(on_a_line) == (
        "Real cost explains 100% of the variance between 3 networks (chance alone: about 50%)"
    )


@pytest.mark.parametrize("points", [[], [(1, 0.5), (2, 0.6)], [(2, 0.5), (2, 0.6), (2, 0.7)], [(1, 0.5)] * 3])
def test_without_spread_there_is_no_fit(data: StudyData, points: list[tuple[float, float]]) -> None:
    bare = replace(data, networks=networks_of(points))
    assert cost_fit(bare) is None
    assert cost_title(bare) == "Accuracy against real cost"
    assert (cost_svg(bare) == "") == (points == [])


def test_the_title_states_the_finding(data: StudyData) -> None:
    assert re.match(r"Real cost explains \d+% of the variance between 15 networks", figures(data)["cost"]["title"])


def test_the_base_has_a_line_if_it_ran(data: StudyData) -> None:
    assert ">the base</text>" in cost_svg(data)
    without = replace(data, rows=[r for r in data.rows if r.role != "base"])
    assert ">the base</text>" not in cost_svg(without)
