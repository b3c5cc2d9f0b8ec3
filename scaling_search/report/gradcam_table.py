"""The scores of class activation maps as a table's cells, for terminal and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scaling_search.report.labels import ARMS
from scaling_search.report.validation_table import comparison_sentence

COLUMNS = ["network", "right", "insertion", "deletion", "score over a random order", "chosen leads by"]


def table_rows(scores: Sequence[dict[str, Any]]) -> list[list[str]]:
    """A row for each network of :func:`scaling_search.training.gradcam.scores`: means with their 95 % intervals over images."""
    figures = ("insertion", "deletion", "score", "lead")
    return [[ARMS[s["arm"]], f"{s['accuracy']:.0%}", *(_shown(s[f]) for f in figures)] for s in scores]


def _shown(value: dict[str, Any] | None) -> str:
    if value is None:
        return ""
    between = value["interval"]
    return f"{value['mean']:+.3f}" + (f" ({between[0]:+.3f} to {between[1]:+.3f})" if between else "")


def finding(scores: Sequence[dict[str, Any]]) -> str:
    """What the scores show, in a sentence."""
    said = comparison_sentence({s["arm"]: (s["lead"] or {}).get("interval") for s in scores})
    return said.replace("chosen network", "chosen network’s map")
