"""Keeps the choice and the family of a running study up to date in the store."""

from __future__ import annotations

import time
from collections.abc import Sequence

from scaling_search.analysis.observations import usable
from scaling_search.analysis.recommendation import recommend
from scaling_search.records import TrialRow
from scaling_search.report import build_choice_view, collect_study_data
from scaling_search.search.observers import Observers
from scaling_search.spec.study import StudySpec
from scaling_search.store import Claim, Store

MIN_PAUSE_RATIO = 20
"""Pause after an update, in durations of that update; so updates take at most about 1/20 of the time."""


class RecommendationUpdater:
    """Stores a new choice when candidate runs have completed since the last one."""

    def __init__(self, spec: StudySpec, store: Store, claim: Claim, observers: Observers | None = None) -> None:
        self.spec, self.store, self.claim, self.observers = spec, store, claim, observers
        self.runs_used = 0
        self.ended_at, self.duration_s = time.monotonic(), 0.0

    def maybe_update(self, rows: Sequence[TrialRow]) -> None:
        """Update, unless the last update was too recent for its duration."""
        if time.monotonic() - self.ended_at >= MIN_PAUSE_RATIO * self.duration_s:
            self.update(rows)

    def update(self, rows: Sequence[TrialRow]) -> None:
        """Store the choice from a study's rows, its family, and the figures that the study's page shows."""
        runs, began = len(usable(rows)), time.monotonic()
        if runs in (0, self.runs_used) or self.spec.validation is not None:
            return
        choice = recommend(rows, self.spec).to_dict()
        view = build_choice_view(collect_study_data(self.store.study(self.spec.name), rows, (), choice))
        self.store.record_choice(self.claim, choice, runs, choice["family"]["models"], view)
        if self.observers is not None:
            self.observers.recommended(choice)
        self.runs_used, self.ended_at = runs, time.monotonic()
        self.duration_s = self.ended_at - began
