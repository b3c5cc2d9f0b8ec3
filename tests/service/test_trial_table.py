"""The columns of the table of trials, and the stage table."""

from __future__ import annotations

from scaling_search.networks.bases import base_network
from scaling_search.report.format import EN_DASH
from scaling_search.service.trial_table import COLUMNS, DEFAULT_COLUMNS, stage_table
from tests.support.factories import trial_row


def test_columns_format_a_row() -> None:
    row = trial_row(number=3, accuracy=0.8, loss=None, macs=1_500_000, error="first line\nsecond line")
    shown = {name: formatter(row) for name, (_, _, formatter) in COLUMNS.items()}
    assert set(DEFAULT_COLUMNS) <= set(COLUMNS)
    assert (shown["number"], shown["accuracy"], shown["loss"], shown["macs"]) == (3, "80.00%", EN_DASH, "1.5 M")
    assert shown["error"] == "first line"


def test_the_stage_table_has_the_stem_every_stage_and_the_head() -> None:
    arch = base_network("efficientnet_b0")
    rows = stage_table(arch)
    assert [r["name"] for r in rows] == ["stem", *(f"stage {i}" for i in range(1, 8)), "head"]
    assert [r["px"] for r in rows] == [112, 112, 56, 28, 14, 14, 7, 7, 7]
    assert [r["blocks"] for r in rows[1:-1]] == list(arch.blocks)
