"""When to stop early: the rules are functions of rows, so they depend on neither slots nor timing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from scaling_search.analysis.observations import usable
from scaling_search.records import Epochs, TrialRow, last_curves


def stale_rounds(rows: Sequence[TrialRow], before: int) -> int:
    """Rounds, of those before ``before``, since a network's mean accuracy last rose above every earlier one's."""
    runs: dict[str, list[float]] = defaultdict(list)
    best, risen = float("-inf"), -1
    for k in range(before):
        for row in usable([r for r in rows if r.round == k]):
            runs[row.key].append(row.accuracy or 0.0)
        now = max((sum(v) / len(v) for v in runs.values()), default=float("-inf"))
        if now > best:
            best, risen = now, k
    return before - 1 - risen


def finished_curves(rows: Sequence[TrialRow], epochs: Epochs, before: int) -> list[list[float]]:
    """Accuracies after each epoch of the complete candidate runs of rounds before ``before``."""
    judges = [r for r in usable(rows) if r.round < before]
    return [[e.accuracy for e in curve] for curve in last_curves(judges, epochs).values()]
