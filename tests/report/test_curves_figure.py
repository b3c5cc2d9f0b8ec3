"""Learning curves."""

from __future__ import annotations

from dataclasses import replace

from scaling_search.report import StudyData, figures
from scaling_search.report.curves_figure import curves_title


def test_only_the_latest_attempt_is_drawn(data: StudyData) -> None:
    rows = [replace(r, attempts=2) if r.number == 2 else r for r in data.rows]
    old = [(n, 1, e) for n, _, e in data.epochs if n == 2]
    drawn = replace(data, rows=rows, epochs=[*old, *(e for e in data.epochs if e[0] != 2)])
    assert "run 2, " not in figures(drawn)["curves"]["svg"]
    assert "run 3, " in figures(drawn)["curves"]["svg"]


def test_the_title_says_whether_runs_were_still_climbing(data: StudyData) -> None:
    assert figures(data)["curves"]["title"] == "The runs were still climbing: +5.0 points in the last epoch, on average"
    level = replace(data, epochs=[(n, attempt, replace(e, accuracy=0.8)) for n, attempt, e in data.epochs])
    assert curves_title(level) == "The runs had levelled off: +0.0 points in the last epoch, on average"
    assert curves_title(replace(data, epochs=[])) == "Accuracy by epoch"
