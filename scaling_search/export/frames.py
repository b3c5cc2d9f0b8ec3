"""Rows → pandas tables, and where the database is by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import pandas as pd

from scaling_search.networks.coefficients import AXES
from scaling_search.records import TrialRow


def trial_frame(rows: Sequence[TrialRow]) -> pd.DataFrame:
    """One row a trial, the columns of the ``trial`` table but its architecture; shares as share_depth, _width, _resolution."""
    names = [f.name for f in fields(TrialRow) if f.name not in ("architecture", "shares")]
    table = pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)
    at = names.index("key") + 1
    for i, axis in enumerate(AXES):
        values = [row.shares[i] if row.shares else None for row in rows]
        table.insert(at + i, f"share_{axis}", pd.Series(values, dtype="float64"))
    return table
