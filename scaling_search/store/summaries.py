"""Values that the dashboard's queries return: study summaries, pages of trials, networks, choices."""

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
    """A study with sums over its trials.

    ``best`` is the best accuracy of a candidate's complete run. ``seconds`` and ``work`` (in epochs of the unscaled
    base, weighted by MACs) count complete runs. ``choice`` holds alpha, beta, gamma, shares, accuracy and tie_fraction
    of the newest choice.
    """

    study: StudyRow
    counts: dict[str, int]
    best: float | None
    seconds: float
    work: float
    choice: dict[str, Any] | None

    @property
    def total(self) -> int:
        """Number of runs planned."""
        return whole_work(self.spec)[0]

    @property
    def done(self) -> int:
        """Number of finished runs: complete, pruned or failed."""
        return sum(self.counts.get(s, 0) for s in FINISHED)

    @property
    def eta(self) -> float | None:
        """Seconds left of a running study, from the time its runs took so far; None before one is complete."""
        if self.study.state != "running" or not self.work:
            return None
        total_runs, total_work = whole_work(self.spec)
        done_work = self.work / self.spec.proxy.epochs
        work_left = total_work - done_work - self.counts.get("failed", 0) * total_work / total_runs
        return max(0.0, work_left) * self.seconds / done_work / max(1, self.counts.get("running", 0))

    @cached_property
    def spec(self) -> StudySpec:
        """The study's spec with every default filled in."""
        return StudySpec.model_validate(self.study.spec)


@dataclass(frozen=True, slots=True)
class TrialFilter:
    """Conditions on trials; ``text`` is searched in key and error, ``least`` is the lowest accuracy."""

    state: tuple[str, ...] = ()
    role: str | None = None
    key: str | None = None
    round: int | None = None
    text: str | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class TrialPage:
    """A page of trials, the number of matching trials on all pages, and the cursor of the next page."""

    rows: list[TrialRow]
    matching: int
    next: str | None


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A candidate network.

    ``mean`` is the accuracy over its ``runs`` complete runs, ``product`` the α·β²·γ² of its first proposal.
    """

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
    """A choice with its portrait, both in JSON form."""

    id: int
    made_at: datetime
    result: dict[str, Any]
    portrait: dict[str, Any] | None = field(repr=False)
