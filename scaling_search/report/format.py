"""How numbers, times and lists are written, on terminals and on pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup

EN_DASH = "–"
"""Stands for a missing value."""


def percent(value: float | None, digits: int = 2) -> str:
    """0.7885 → 78.85%."""
    return EN_DASH if value is None else f"{100 * value:.{digits}f}%"


def si(value: float | None) -> str:
    """1234567 → 1.23 M."""
    if value is None:
        return EN_DASH
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:g}"


def duration(seconds: float) -> str:
    """3725 → 1 h 02 min; 95 → 1 min 35 s."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"


def duration_with_days(seconds: float | None) -> str:
    """A :func:`duration` that counts days from one day on: 90000 → 1 d 01 h."""
    if seconds is None:
        return EN_DASH
    whole = round(seconds)
    return f"{whole // 86400} d {whole % 86400 // 3600:02d} h" if whole >= 86400 else duration(seconds)


def rough_duration(seconds: float) -> str:
    """An estimate in one unit: 7300 → 2 hours."""
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def round_up(number: float) -> int:
    """Rounds up to two significant digits, for estimates: 1234 → 1300."""
    step: int = 10 ** max(0, math.floor(math.log10(max(number, 1))) - 1)
    return int(math.ceil(number / step) * step)


def utc_minute(at: datetime) -> str:
    """A time as 2026-11-24 12:00 UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def time_element(at: datetime | None) -> Markup:
    """An HTML ``<time>`` element, which the page's script shows in the reader's time zone."""
    if at is None:
        return Markup(EN_DASH)
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), utc_minute(at))


def join_words(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
