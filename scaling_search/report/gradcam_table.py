"""Scores of class activation maps as a table, for terminals and pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scaling_search.report.labels import ARMS
from scaling_search.report.validation_table import comparison_sentence

COLUMNS = ["network", "right", "insertion", "deletion", "score over a random order", "chosen leads by"]


def table_rows(scores: Sequence[dict[str, Any]]) -> list[list[str]]:
    """One row per network of :func:`scaling_search.training.gradcam.scores`: means with 95 % intervals over images."""
    columns = ("insertion", "deletion", "score", "lead")
    return [[ARMS[s["arm"]], f"{s['accuracy']:.0%}", *(_with_interval(s[c]) for c in columns)] for s in scores]


def _with_interval(value: dict[str, Any] | None) -> str:
    if value is None:
        return ""
    interval = value["interval"]
    return f"{value['mean']:+.3f}" + (f" ({interval[0]:+.3f} to {interval[1]:+.3f})" if interval else "")


def finding(scores: Sequence[dict[str, Any]]) -> str:
    """One sentence: the networks whose maps score lower or higher than the chosen network's."""
    sentence = comparison_sentence({s["arm"]: (s["lead"] or {}).get("interval") for s in scores})
    return sentence.replace("chosen network", "chosen network’s map")
