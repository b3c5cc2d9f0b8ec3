"""Tables of trials, epochs, the choice and the family."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd

from scaling_search.export.frames import choice_frame, epoch_frame, family_frame, trial_frame
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.family import family
from scaling_search.records import EpochResult, NetworkShares, Recommendation, TrialRow
from tests.support.factories import trial_row

SHARES = (0.2, 0.3, 0.5)
CHOICE = Recommendation(
    **PAPER._asdict(), product=1.92, key="k", method="best mean", verdict="few runs", seed_noise=None, network_effect=None,
    expected_regret=None, accuracy=0.8, accuracy_interval=(0.79, 0.81), runs=3, networks=2, shares=SHARES, tie_fraction=1.0,
    tie_region=(NetworkShares(key="k", shares=SHARES), NetworkShares(key="l", shares=SHARES)),
    probability_better_than={"paper": 0.9, "equal": None}, warnings=("w",), held="latency", network={},
    family=family(PAPER, phi=(1.0,)),
)  # fmt: skip


def test_trials_have_a_column_a_field_and_shares_after_the_key() -> None:
    table = trial_frame([trial_row(number=0, shares=(0.2, 0.3, 0.5)), trial_row(number=1, role="base", shares=None)])
    shares = ["share_depth", "share_width", "share_resolution"]
    names = [f.name for f in fields(TrialRow) if f.name != "architecture"]
    position = names.index("shares")
    assert list(table.columns) == names[:position] + shares + names[position + 1 :]
    assert table[shares].to_numpy().tolist()[0] == [0.2, 0.3, 0.5]
    assert table[shares].isna().to_numpy().tolist() == [[False] * 3, [True] * 3]
    assert {str(table[name].dtype) for name in shares} == {"float64"}


def test_a_study_without_trials_has_the_same_columns() -> None:
    assert list(trial_frame([]).columns) == list(trial_frame([trial_row()]).columns)
    assert list(epoch_frame([]).columns) == ["number", "attempt", *(f.name for f in fields(EpochResult))]


def test_epochs_have_a_row_an_epoch() -> None:
    table = epoch_frame([(3, 2, EpochResult(0, 1.0, 0.9, 0.8, 0.01, 15.0, 500.0))])
    assert table.iloc[0].tolist() == [3, 2, 0, 1.0, 0.9, 0.8, 0.01, 15.0, 500.0]


def test_the_choice_is_one_row_of_numbers_and_three_texts() -> None:
    table = choice_frame(CHOICE)
    row = table.iloc[0]
    assert len(table) == 1
    assert (row["share_width"], row["accuracy_low"], row["accuracy_high"]) == (0.3, 0.79, 0.81)
    assert (row["better_than_paper"], row["tie_networks"]) == (0.9, 2)
    assert pd.isna(row["better_than_equal"])
    assert pd.isna(row["seed_noise"])
    assert list(table.columns[:5]) == ["alpha", "beta", "gamma", "product", "key"]
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    assert texts == ["key", "method", "verdict"]


def test_the_family_has_a_row_a_network() -> None:
    values = family(PAPER, phi=(1.0,)).to_dict()
    table = family_frame(values)
    assert table["name"].tolist() == ["b0", "b1"]
    assert table["channels"][1] == values["models"][1]["channels"]
