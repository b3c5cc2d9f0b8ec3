"""The trials of a running study in memory: the rows as stored, those that wait or run, and counts of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from scaling_search.records import FINISHED, EpochResult, TrialRow
from scaling_search.spec.study import StudySpec
from scaling_search.spec.workload import work_of


@dataclass(slots=True)
class Attempt:
    """An attempt at a trial that is running now: its row, the epochs so far, and its test accuracy once that is known."""

    row: TrialRow
    curve: list[EpochResult] = field(default_factory=list)
    test_accuracy: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return sum(epoch.seconds for epoch in self.curve)


class TrialTable:
    """Mirrors the stored trials of one study. The store alone decides how a trial changes; it returns the changed rows.

    A coordinator asks the table at every step, so counts are kept up to date instead of recounted over up to 100,000 rows.
    """

    def __init__(self, spec: StudySpec) -> None:
        self.spec = spec
        self.by_number: dict[int, TrialRow] = {}
        self.waiting: list[TrialRow] = []
        self.running: dict[int, Attempt] = {}
        self.counts: Counter[str] = Counter()
        self.unfinished_by_round: Counter[int] = Counter()
        self.failed_before = self.failed_in_row = 0
        self.complete_seconds = self.complete_work = 0.0
        self.best: float | None = None
        self._verified_keys: set[str] = set()

    @property
    def rows(self) -> list[TrialRow]:
        """Every trial."""
        return list(self.by_number.values())

    @property
    def finished(self) -> int:
        """Number of finished trials: complete, pruned or failed."""
        return sum(self.counts[state] for state in FINISHED)

    @property
    def failed_since_start(self) -> int:
        """Number of trials that have failed since :meth:`load`."""
        return self.counts["failed"] - self.failed_before

    def load(self, rows: Iterable[TrialRow]) -> None:
        """Start from the stored rows of a study that was just claimed; none of them runs."""
        self.add(rows)
        self.failed_before = self.counts["failed"]

    def add(self, rows: Iterable[TrialRow]) -> None:
        """Add trials, finished or waiting."""
        for row in rows:
            self.by_number[row.number] = row
            self.counts[row.state] += 1
            if row.counted_macs is not None:
                self._verified_keys.add(row.key)
            if row.state in FINISHED:
                self._add_complete(row)
            else:
                self.waiting.append(row)
                self.unfinished_by_round[row.round] += 1

    def update(self, rows: Iterable[TrialRow]) -> None:
        """Take over rows that the store has changed: of trials that started, finished, or wait again."""
        for row in rows:
            before = self.by_number[row.number]
            self.by_number[row.number] = row
            self.counts[before.state] -= 1
            self.counts[row.state] += 1
            if before.state == "waiting":
                self.waiting.remove(before)
            self.running.pop(row.number, None)
            if row.state == "running":
                self.running[row.number] = Attempt(row)
            elif row.state == "waiting":
                self._verified_keys.discard(row.key)
                self.waiting.append(row)
            else:
                self.unfinished_by_round[row.round] -= 1
                self.failed_in_row = self.failed_in_row + 1 if row.state == "failed" else 0
                self._add_complete(row)

    def next_waiting(self, n: int) -> list[TrialRow]:
        """Up to n waiting trials: the earliest round's first, of these the slowest, so that no slot idles at its end."""
        self.waiting.sort(key=lambda row: (row.round, -row.activations, row.number))
        return self.waiting[: max(0, n)]

    def claim_verification(self, row: TrialRow) -> bool:
        """Whether a run is to count its network's MACs first: no earlier run of the same network has."""
        is_first = row.key not in self._verified_keys
        self._verified_keys.add(row.key)
        return is_first

    def _add_complete(self, row: TrialRow) -> None:
        if row.state != "complete":
            return
        self.complete_seconds += row.seconds or 0.0
        self.complete_work += work_of(row, self.spec)
        if row.role == "candidate":
            self.best = max(self.best or 0.0, row.accuracy or 0.0)
