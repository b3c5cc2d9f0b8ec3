"""Numbers, durations, times and lists as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from scaling_search.report.format import (
    EN_DASH,
    duration,
    duration_with_days,
    join_words,
    percent,
    rough_duration,
    round_up,
    si,
    time_element,
    utc_minute,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (640, "640"), (999, "999"), (1000, "1 k"), (1234567, "1.23 M"), (4.2e9, "4.2 G"), (-5e12, "-5 T"), (None, "–")],
)  # fmt: skip
def test_large_numbers_have_three_digits_and_a_unit(value: float | None, text: str) -> None:
    assert si(value) == text


def test_a_fraction_is_a_percentage() -> None:
    assert (percent(0.7885), percent(0.7885, 0), percent(0), percent(None)) == ("78.85%", "79%", "0.00%", EN_DASH)


@pytest.mark.parametrize(
    ("seconds", "text", "with_days"),
    [
        (0.4, "0 s", "0 s"),
        (59.6, "1 min 00 s", "1 min 00 s"),
        (95, "1 min 35 s", "1 min 35 s"),
        (3725, "1 h 02 min", "1 h 02 min"),
        (86399, "23 h 59 min", "23 h 59 min"),
        (90000, "25 h 00 min", "1 d 01 h"),
    ],
)
def test_durations(seconds: float, text: str, with_days: str) -> None:
    assert (duration(seconds), duration_with_days(seconds)) == (text, with_days)


def test_a_missing_duration_is_a_dash() -> None:
    assert duration_with_days(None) == EN_DASH


@pytest.mark.parametrize(
    ("seconds", "text"), [(119, "119 seconds"), (120, "2 minutes"), (7300, "2 hours"), (4e5, "5 days")]
)
def test_an_estimate_has_one_unit(seconds: float, text: str) -> None:
    assert rough_duration(seconds) == text


@pytest.mark.parametrize(("number", "rounded"), [(0, 0), (0.2, 1), (9.1, 10), (99, 99), (101, 110), (1234, 1300)])
def test_an_estimate_is_rounded_up_to_two_digits(number: float, rounded: int) -> None:
    assert round_up(number) == rounded


def test_times_are_in_utc() -> None:
    at = datetime(2026, 11, 24, 1, 30, 5, tzinfo=timezone(timedelta(hours=2)))
    assert utc_minute(at) == "2026-11-23 23:30 UTC"
    assert time_element(at) == '<time datetime="2026-11-23T23:30:05+00:00">2026-11-23 23:30 UTC</time>'
    assert time_element(at) == time_element(at.astimezone(UTC))
    assert time_element(None) == EN_DASH


def test_lists_in_words() -> None:
    assert [join_words(w) for w in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
