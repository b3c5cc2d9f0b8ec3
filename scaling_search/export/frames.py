"""Results as pandas tables: trials, epochs, the choice and the family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from scaling_search.networks.coefficients import AXES
from scaling_search.records import EpochResult, Epochs, Recommendation, TrialRow

CHOICE_COLUMNS = (
    "alpha", "beta", "gamma", "product", "key", "accuracy", "method", "runs", "networks", "seed_noise", "network_effect",
    "expected_regret", "tie_fraction", "verdict",
)  # fmt: skip
"""Fields of a recommendation that are columns of its table as they are."""
TEXT = ("key", "method", "verdict")
"""Columns of the choice that hold no numbers."""


def trial_frame(rows: Sequence[TrialRow]) -> pd.DataFrame:
    """One row a trial: the columns of the ``trial`` table without its architecture, and share_depth, _width, _resolution."""
    names = [f.name for f in fields(TrialRow) if f.name not in ("architecture", "shares")]
    table = pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)
    position = names.index("key") + 1
    for i, axis in enumerate(AXES):
        values = [row.shares[i] if row.shares else None for row in rows]
        table.insert(position + i, f"share_{axis}", pd.Series(values, dtype="float64"))
    return table


def epoch_frame(epochs: Epochs) -> pd.DataFrame:
    """One row an epoch of an attempt at a trial."""
    columns = ["number", "attempt", *(f.name for f in fields(EpochResult))]
    return pd.DataFrame([[n, attempt, *asdict(e).values()] for n, attempt, e in epochs], columns=columns)


def choice_frame(choice: Recommendation) -> pd.DataFrame:
    """The choice as one row, with the size of its tie region only."""
    values: dict[str, Any] = {name: getattr(choice, name) for name in CHOICE_COLUMNS}
    values |= {f"share_{a}": s for a, s in zip(AXES, choice.shares, strict=True)}
    values["accuracy_low"], values["accuracy_high"] = choice.accuracy_interval
    values |= {f"better_than_{k}": p for k, p in choice.probability_better_than.items()}
    table = pd.DataFrame([values | {"tie_networks": len(choice.tie_region)}])
    return table.assign(**{name: pd.to_numeric(table[name]) for name in table.columns if name not in TEXT})


def family_frame(family: Mapping[str, Any]) -> pd.DataFrame:
    """One row a network; lists stay lists."""
    return pd.DataFrame(family["models"])
