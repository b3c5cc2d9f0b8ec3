"""The table of costs and its caption."""

from __future__ import annotations

from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import EFFICIENTNET_B0
from scaling_search.networks.cost import cost
from scaling_search.networks.cost_summary import CostSummary
from scaling_search.networks.latency import Latency
from scaling_search.report import StudyData
from scaling_search.report.cost_table import COLUMNS, chosen_prices, note, table_rows

DEEPER = scale(EFFICIENTNET_B0, 2, 1, 224)


def summaries(base: Latency | None, chosen: Latency | None) -> list[CostSummary]:
    return [
        CostSummary("base", "b", cost(EFFICIENTNET_B0), base),
        CostSummary("chosen", "c", cost(DEEPER), chosen),
    ]


def test_every_figure_has_its_ratio_to_the_base() -> None:
    rows = table_rows(summaries(Latency(8, 7, 9, 5, 1, 40_000_000), Latency(12, 11, 13, 5, 1.5, 50_000_000)))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 2
    ratio = cost(DEEPER).macs / cost(EFFICIENTNET_B0).macs
    assert rows[0][1].endswith(" M (1.00×)")
    assert rows[1][1].endswith(f"({ratio:.2f}×)")
    assert rows[1][4:] == ["12 (1.50×)", "11 to 13", "50 MB (1.25×)"]


def test_what_was_not_measured_is_empty() -> None:
    rows = table_rows(summaries(None, Latency(12, 11, 13, 5, 1.5, 50_000_000)))
    assert rows[0][4:] == ["", "", ""]
    assert rows[1][6] == "50 MB"


def test_the_caption_names_the_command_that_measures(data: StudyData) -> None:
    assert note(data.spec, summaries(None, None), "tiny").endswith("not measured here: scaling-search cost tiny")
    measured = note(data.spec, summaries(None, Latency(12, 11, 13, 5, 1.5, 1)), "tiny")
    assert measured.startswith("The study holds MACs; ")
    assert "passes of 1 images" in measured


def test_an_older_choice_without_its_network_has_no_costs(data: StudyData) -> None:
    assert data.choice is not None
    assert [p.name for p in chosen_prices(data.spec, data.choice)] == ["base", "chosen"]
    assert chosen_prices(data.spec, {k: v for k, v in data.choice.items() if k != "network"}) == []


def test_terabytes_have_a_unit() -> None:
    large = CostSummary("large", "l", cost(EFFICIENTNET_B0), Latency(1, 1, 1, 1, 1, 4_100_000_000_000))
    assert table_rows([large])[0][6] == "4.1 TB (1.00×)"
