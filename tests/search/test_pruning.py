"""The median rule, and the curves that it compares with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scaling_search.records import EpochResult
from scaling_search.search.pruning import finished_curves, should_prune
from scaling_search.search.stages import propose
from scaling_search.spec.study_file import parse
from tests.support.engines import epoch_result
from tests.support.factories import as_row


def test_the_median_rule() -> None:
    finished = [[0.1 * i, 0.2 * i, 0.3 * i] for i in range(1, 6)]
    assert should_prune(finished, [0.2, 0.3])
    assert not should_prune(finished, [0.3, 0.7])
    assert not should_prune(finished, [0.1])  # the first epoch never prunes
    assert not should_prune(finished[:4], [0.0, 0.0])  # too few to judge by


def test_finished_curves_are_the_last_attempts_of_complete_candidates_of_earlier_rounds(
    tiny: Callable[..., str],
) -> None:
    spec = parse(tiny(replicates="0"))
    rows = [replace(as_row(p), state="complete", accuracy=0.5) for p in propose([], spec, 0)]
    rows += [replace(as_row(p), state="complete", accuracy=0.5) for p in propose(rows, spec, 1)]
    assert [(r.number, r.round) for r in rows] == [(0, 0), (1, 0), (2, 0), (3, 0), (4, 1), (5, 1), (6, 1)]
    rows[2] = replace(rows[2], state="pruned")
    rows[3] = replace(rows[3], attempts=2)
    epochs: list[tuple[int, int, EpochResult]] = []
    for row in rows:
        for attempt in range(1, row.attempts + 1):
            level = row.number / 10 + attempt / 100
            epochs += [(row.number, attempt, epoch_result(e, level + e)) for e in range(2)]
    assert finished_curves(rows, epochs, before=1) == [[0.11, 1.11], [0.32, 1.32]]
    assert len(finished_curves(rows, epochs, before=2)) == 5
    assert finished_curves(rows, epochs, before=0) == []
