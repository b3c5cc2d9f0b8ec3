"""Query strings and progress bars on pages."""

from __future__ import annotations

from scaling_search.service.templating import bar, query


def test_a_query_string_leaves_empty_values_out_and_repeats_lists() -> None:
    assert query({"q": "", "state": ["a", "b"], "descending": True, "x": None}) == "state=a&state=b&descending=true"


def test_the_progress_bar_has_a_part_for_each_state() -> None:
    drawn = bar({"complete": 2, "running": 1}, 4)
    assert drawn.count("<rect") == 2
    assert 'aria-label="1 running, 2 complete"' in drawn
    assert 'width="50.00"' in drawn
    assert "nothing has run" in bar({}, 4)
