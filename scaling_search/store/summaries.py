"""What lists and pages are given: studies with their sums, pages of trials, networks, choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from scaling_search.records import FINISHED, StudyRow, TrialRow
from scaling_search.spec.study import StudySpec
from scaling_search.spec.workload import whole_work


@dataclass(frozen=True)
class Summary:
    """A study in a list. ``best`` is the highest candidate's accuracy; ``seconds`` and ``work`` (epochs of the
    unscaled base, weighed by MACs) are of complete runs; ``choice`` holds alpha, beta, gamma, shares, accuracy and tie_fraction of the newest choice."""

    study: StudyRow
    counts: dict[str, int]
    best: float | None
    seconds: float
    work: float
    choice: dict[str, Any] | None

    @property
    def total(self) -> int:
        """Runs the study is to have."""
        return whole_work(self.spec)[0]

    @property
    def done(self) -> int:
        """Runs that are finished, well or badly."""
        return sum(self.counts.get(s, 0) for s in FINISHED)

    @property
    def eta(self) -> float | None:
        """Seconds left of a running study, from what its runs took so far; None before one is complete."""
        if self.study.state != "running" or not self.work:
            return None
        spec = self.spec
        total, whole = whole_work(spec)
        done = self.work / spec.proxy.epochs
        left = whole - done - self.counts.get("failed", 0) * whole / total
        return max(0.0, left) * self.seconds / done / max(1, self.counts.get("running", 0))

    @cached_property
    def spec(self) -> StudySpec:
        """Its settings, filled in."""
        return StudySpec.model_validate(self.study.spec)


@dataclass(frozen=True, slots=True)
class TrialFilter:
    """Which trials of a study."""

    state: tuple[str, ...] = ()
    role: str | None = None
    key: str | None = None
    round: int | None = None
    text: str | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class TrialPage:
    """Trials, how many match in all, and the cursor of the next page."""

    rows: list[TrialRow]
    matching: int
    next: str | None


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A candidate network and its runs; ``mean`` is over ``runs`` complete ones, ``product`` the nominal α·β²·γ² first asked for."""

    key: str
    shares: tuple[float, float, float]
    macs_ratio: float
    product: float
    mean: float | None
    runs: int
    failed: int
    running: int


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """The newest choice: its id, when it was made, its JSON form and its portrait."""

    id: int
    made_at: datetime
    result: dict[str, Any]
    portrait: dict[str, Any] | None = field(repr=False)
