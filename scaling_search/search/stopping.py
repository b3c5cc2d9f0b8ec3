"""Patience: how long the best accuracy has not risen. A function of the rows, so it depends on neither slots nor timing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from scaling_search.analysis.observations import usable
from scaling_search.records import TrialRow


def stale_rounds(rows: Sequence[TrialRow], before: int) -> int:
    """Number of the rounds before ``before`` since the best mean accuracy of a network last rose."""
    accuracies: dict[str, list[float]] = defaultdict(list)
    best, best_round = float("-inf"), -1
    for k in range(before):
        for row in usable([r for r in rows if r.round == k]):
            accuracies[row.key].append(row.accuracy or 0.0)
        best_mean = max((sum(v) / len(v) for v in accuracies.values()), default=float("-inf"))
        if best_mean > best:
            best, best_round = best_mean, k
    return before - 1 - best_round
