"""Numbers, times and durations on pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scaling_search.service.templating import EN_DASH, bar, big, lasting, moment, percent, query


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (percent(0.7885), "78.85%"),
        (percent(None), EN_DASH),
        (big(1_234_567), "1.23 M"),
        (big(999), "999"),
        (lasting(90_000), "1 d 01 h"),
        (lasting(None), EN_DASH),
        (query({"q": "", "state": ["a", "b"], "descending": True, "x": None}), "state=a&state=b&descending=true"),
        (
            moment(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
            '<time datetime="2026-01-02T03:04:05+00:00">2026-01-02 03:04 UTC</time>',
        ),
    ],
)
def test_values_are_formatted(text: str, shown: str) -> None:
    assert text == shown


def test_the_progress_bar_has_a_part_for_each_state() -> None:
    drawn = bar({"complete": 2, "running": 1}, 4)
    assert drawn.count("<rect") == 2
    assert 'aria-label="1 running, 2 complete"' in drawn
    assert 'width="50.00"' in drawn
    assert "nothing has run" in bar({}, 4)
