"""Conversion between database rows and the values that other packages use."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from scaling_search.networks.architecture import Architecture
from scaling_search.records import Proposal, TrialRow


def now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


def row_values(row: Any, kind: type[Any]) -> dict[str, Any]:
    """The columns of a row that are fields of a dataclass, by name."""
    return {f.name: getattr(row, f.name) for f in fields(kind)}


def trial_row(row: Any) -> TrialRow:
    """A TrialRow from a row of the trial table."""
    values = row_values(row, TrialRow)
    values["architecture"] = Architecture.from_dict(values["architecture"])
    values["shares"] = tuple(values["shares"]) if values["shares"] else None
    return TrialRow(**values)


def trial_values(study_id: int, p: Proposal) -> dict[str, Any]:
    """The columns of a new, waiting trial."""
    c, arch = p.candidate, p.candidate.architecture
    return (
        {"study_id": study_id, "number": p.number, "round": p.round, "role": p.role, "seed": p.seed}
        | {"state": "waiting", "attempts": 0, "epochs": 0, "key": c.key, "architecture": arch.to_dict()}
        | p.proposed._asdict()
        | {"shares": None if p.role == "base" else list(c.shares), "depth": c.depth, "width": c.width}
        | {
            "resolution_ratio": c.resolution,
            "resolution": arch.resolution,
            "macs_ratio": c.macs_ratio,
            "planned": p.planned,
        }
        | {"blocks": list(arch.blocks), "channels": list(arch.channels)}
        | asdict(c.cost)
    )
