"""Between database rows and the project's values, what a claim is, and the moves that studies and trials may make."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from scaling_search.networks.architecture import Architecture
from scaling_search.records import Proposal, StudyState, TrialRow, TrialState

STUDY_MOVES: dict[StudyState, tuple[StudyState, ...]] = {
    "queued": ("running", "paused", "stopped", "failed"),
    "running": ("queued", "paused", "complete", "stopped", "failed", "running"),
    "paused": ("queued", "running", "stopped"),
    "stopped": ("queued", "running"),
    "failed": ("queued", "running"),
    "complete": ("running",),
}
CLAIMABLE: tuple[StudyState, ...] = ("queued", "running")
"""States of studies that a worker runs: new ones, and those whose coordinator may be gone."""
TRIAL_MOVES: dict[TrialState, tuple[TrialState, ...]] = {
    "waiting": ("running",),
    "running": ("waiting", "complete", "pruned", "failed"),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """Proof that a coordinator holds a study."""

    study_id: int
    name: str
    owner: str
    fence: int


def now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


def row_values(row: Any, kind: type[Any]) -> dict[str, Any]:
    """A row's columns that a dataclass has, by name."""
    return {f.name: getattr(row, f.name) for f in fields(kind)}


def trial_row(row: Any) -> TrialRow:
    """A row of the trial table as a value."""
    values = row_values(row, TrialRow)
    values["architecture"] = Architecture.from_dict(values["architecture"])
    values["shares"] = tuple(values["shares"]) if values["shares"] else None
    return TrialRow(**values)


def trial_values(study_id: int, p: Proposal) -> dict[str, Any]:
    """A proposal as the columns of a new, waiting trial."""
    c, arch = p.candidate, p.candidate.architecture
    return (
        {"study_id": study_id, "number": p.number, "round": p.round, "role": p.role, "seed": p.seed}
        | {"state": "waiting", "attempts": 0, "epochs": 0, "key": c.key, "architecture": arch.to_dict()}
        | p.asked._asdict()
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
