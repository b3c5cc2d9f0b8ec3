"""Keeps a running study's choice and family up to date in the store."""

from __future__ import annotations

import time
from collections.abc import Sequence

from scaling_search.analysis.observations import usable
from scaling_search.analysis.recommendation import recommend
from scaling_search.records import TrialRow
from scaling_search.report import build_choice_view, collect_study_data
from scaling_search.spec.study import StudySpec
from scaling_search.store import Claim, Store

PART = 20
"""Choices on the way may take one part in this many of the time; the last one is always made."""


class RecommendationUpdater:
    """Makes a choice whenever candidate runs were completed since the last one."""

    def __init__(self, spec: StudySpec, store: Store, claim: Claim) -> None:
        self.spec, self.store, self.claim = spec, store, claim
        self.after = 0
        self.ended, self.took = time.monotonic(), 0.0

    def maybe_update(self, rows: Sequence[TrialRow]) -> None:
        """Store a choice, if the last one was long enough ago."""
        if time.monotonic() - self.ended >= PART * self.took:
            self.choose(rows)

    def choose(self, rows: Sequence[TrialRow]) -> None:
        """Store the choice from a study's rows, its family, and the picture that pages show."""
        after, began = len(usable(rows)), time.monotonic()
        if after in (0, self.after) or self.spec.validation is not None:
            return
        values, members = recommend(rows, self.spec)
        made = build_choice_view(collect_study_data(self.store.study(self.spec.name), rows, (), values))
        self.store.record_choice(self.claim, values, after, members, made)
        self.after, self.ended = after, time.monotonic()
        self.took = self.ended - began
