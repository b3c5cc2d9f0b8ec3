"""The columns of the table of trials, and the stage table."""

from __future__ import annotations

import pytest

from scaling_search.networks.bases import FACTS, base_network
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


STEMS_AND_HEADS = {
    "efficientnet_b0": (3, False, [1280]),
    "efficientnet_v2_b0": (3, False, [1280]),
    "efficientnet_v2_s": (3, False, [1280]),
    "mobilenet_v1": (3, False, []),
    "mobilenet_v2": (3, False, [1280]),
    "mobilenet_v3_large": (3, False, [960, 1280]),
    "resnet18": (7, True, []),
    "resnet50": (7, True, []),
    "se_resnet50": (7, True, []),
    "resnext50": (7, True, []),
}
"""Base → kernel of the stem, whether there is a max pool, channels of what follows the stages."""


def test_every_base_is_known_here() -> None:
    assert set(STEMS_AND_HEADS) <= set(FACTS)
    assert len(STEMS_AND_HEADS) == 10


@pytest.mark.parametrize("name", STEMS_AND_HEADS)
def test_the_stage_table_shows_the_layers_that_are_built(name: str) -> None:
    kernel, pooled, heads = STEMS_AND_HEADS[name]
    arch = base_network(name)
    stem, *rows = stage_table(arch)
    assert (stem["name"], stem["kernel"], stem["channels"], stem["expand"]) == ("stem", kernel, arch.stem, EN_DASH)
    assert [r["name"] for r in rows if r["kind"] == "max pool"] == ["max pool"] * pooled
    assert [r["channels"] for r in rows if r["name"] in ("head", "hidden layer")] == heads
    stages = [r for r in rows if r["name"].startswith("stage")]
    assert [(r["channels"], r["blocks"]) for r in stages] == [(s.channels, s.blocks) for s in arch.stages]
    assert all(r["channels"] > 0 for r in rows)
