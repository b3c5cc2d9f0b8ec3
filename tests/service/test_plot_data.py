"""The timeline of a study's page."""

from __future__ import annotations

from datetime import UTC, datetime

from scaling_search.service.plot_data import lanes
from scaling_search.store.plot_queries import Bar


def bar(number: int, start: float, end: float | None) -> Bar:
    at = [None if t is None else datetime.fromtimestamp(t, UTC) for t in (start, end)]
    assert at[0] is not None
    return Bar(number, "k", "complete", at[0], at[1])


def test_a_run_takes_the_first_free_lane() -> None:
    bars = [bar(0, 0, 10), bar(1, 1, 5), bar(2, 5, None), bar(3, 6, 7), bar(4, 20, 21)]
    assert [b["lane"] for b in lanes(bars)] == [0, 1, 1, 2, 0]
    assert lanes(bars)[2]["end"] is None
