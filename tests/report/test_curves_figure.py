"""Learning curves."""

from __future__ import annotations

from dataclasses import replace

from scaling_search.report import StudyData, figures


def test_only_the_latest_attempt_is_drawn(data: StudyData) -> None:
    rows = [replace(r, attempts=2) if r.number == 2 else r for r in data.rows]
    old = [(n, 1, e) for n, _, e in data.epochs if n == 2]
    drawn = replace(data, rows=rows, epochs=[*old, *(e for e in data.epochs if e[0] != 2)])
    assert "run 2, " not in figures(drawn)["curves"]["svg"]
    assert "run 3, " in figures(drawn)["curves"]["svg"]
