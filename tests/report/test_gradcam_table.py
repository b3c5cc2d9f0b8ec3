"""The table and the sentence on scores of class activation maps."""

from __future__ import annotations

from typing import Any

from scaling_search.report.gradcam_table import COLUMNS, finding, table_rows


def score(arm: str, lead: tuple[float, float] | None) -> dict[str, Any]:
    value = {"mean": 0.25, "interval": [0.2, 0.3]}
    leads = None if lead is None else {"mean": sum(lead) / 2, "interval": list(lead)}
    return {"arm": arm, "accuracy": 0.75, "insertion": value, "deletion": {"mean": -0.5, "interval": None}, "score": value, "lead": leads}  # fmt: skip


SCORES = [score("base", (0.1, 0.2)), score("width", (-0.3, -0.1)), score("chosen", None)]


def test_means_have_their_intervals_where_there_are_any() -> None:
    rows = table_rows(SCORES)
    assert rows[0] == ["unscaled base", "75%", "+0.250 (+0.200 to +0.300)", "-0.500", "+0.250 (+0.200 to +0.300)", "+0.150 (+0.100 to +0.200)"]  # fmt: skip
    assert rows[2][-1] == ""
    assert {len(row) for row in rows} == {len(COLUMNS)}


def test_the_sentence_is_about_maps() -> None:
    assert finding(SCORES) == "The chosen network’s map is beaten by width only and beats unscaled base"
    assert finding(SCORES[-1:]) == "There is nothing yet to tell the networks apart by"
