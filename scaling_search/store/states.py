"""Transitions between the states of studies and trials, and the claim by which a coordinator holds a study."""

from __future__ import annotations

from dataclasses import dataclass

from scaling_search.records import StudyState, TrialState

STUDY_MOVES: dict[StudyState, tuple[StudyState, ...]] = {
    "queued": ("running", "paused", "stopped", "failed"),
    "running": ("queued", "paused", "complete", "stopped", "failed", "running"),
    "paused": ("queued", "running", "stopped"),
    "stopped": ("queued", "running"),
    "failed": ("queued", "running"),
    "complete": ("running",),
}
CLAIMABLE: tuple[StudyState, ...] = ("queued", "running")
"""States of studies that a worker may claim: new ones, and those that may have lost their coordinator."""
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
