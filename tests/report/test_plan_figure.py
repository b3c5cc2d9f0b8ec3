"""The triangle of a plan."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from scaling_search.report import plan_figure
from scaling_search.report.plan_figure import plan_svg
from scaling_search.spec.search_space import search_space
from tests.support.factories import tiny_spec


def test_every_candidate_is_a_dot_and_every_chosen_one_a_disc() -> None:
    candidates = search_space(tiny_spec())
    chosen = list(candidates[:2])
    image = plan_svg(candidates, chosen, {chosen[0].key: 1, chosen[1].key: 3})
    titles = [t.text or "" for t in ElementTree.fromstring(image).iter("{http://www.w3.org/2000/svg}title")]
    assert [t.rsplit(", ", 1)[1] for t in titles] == ["1 run", "3 runs"]
    assert image.count("<circle") == 2
    assert len(re.findall(r"h0", image)) == len(candidates)
    assert f"{len(candidates)} candidate networks; 2 of them would run" in image
    assert image.count("up to ") == 3


def test_dots_are_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = search_space(tiny_spec())
    monkeypatch.setattr(plan_figure, "MAX_DOTS", 5)
    assert 0 < len(re.findall(r"h0", plan_svg(candidates, [], {}))) <= 5


def test_a_plan_without_candidates_is_drawn() -> None:
    assert "up to 0%" in plan_svg([], [], {})
