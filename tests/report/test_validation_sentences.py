"""A validation as a table, a figure and a sentence."""

from __future__ import annotations

from dataclasses import replace

from scaling_search.analysis.validation import ArmResult
from scaling_search.report.labels import ARMS
from scaling_search.report.validation_figure import arms_svg
from scaling_search.report.validation_table import comparison_sentence, table_rows

CHOSEN = ArmResult("chosen", "k1", (0.4, 0.2, 0.4), 2.0, 3, 0.6312, (0.62, 0.64), 0.61, 12.0, None, None)
WIDTH = replace(CHOSEN, arm="width", key="k2", test=0.6187, lead=1.25, lead_interval=(0.5, 2.0))
BASE = replace(CHOSEN, arm="base", key="k0", shares=None, macs_ratio=1.0, test=0.55, runs=1, interval=None, lead=8.12)


def test_the_table_has_a_row_an_arm_and_empty_cells_for_missing_values() -> None:
    base, width, chosen = table_rows([BASE, WIDTH, CHOSEN])
    assert base == ["unscaled base", "", "1.000", "1", "55.00%", "", "+8.12", "12"]
    assert width[-4:] == ["61.87%", "62.00% to 64.00%", "+1.25 (+0.50 to +2.00)", "12"]
    assert chosen[:2] == ["chosen", "40 / 20 / 40"]
    assert chosen[-2] == ""


def test_the_figure_shows_every_arms_mean() -> None:
    arms = [BASE, WIDTH, CHOSEN]
    svg = str(arms_svg(arms))
    assert all(f"{ARMS[r.arm]}: {r.test:.2%}" in svg for r in arms)


def test_the_sentence_names_networks_whose_interval_excludes_zero() -> None:
    inside = {"width": (-1.0, 0.5), "paper": None}
    assert comparison_sentence(inside) == "The chosen network cannot be told from the others"
    assert comparison_sentence({"width": None}) == "There is nothing yet to tell the networks apart by"
    leads = {"depth": (0.1, 2.0), "width": (0.2, 0.3), "resolution": (-2.0, -0.1), "paper": (-1.0, 1.0)}
    assert comparison_sentence(leads) == (
        "The chosen network is beaten by resolution only and beats depth only and width only; the rest cannot be told from it"
    )
    assert comparison_sentence({"depth": (0.1, 2.0)}) == "The chosen network beats depth only"
