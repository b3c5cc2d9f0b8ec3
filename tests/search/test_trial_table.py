"""The coordinator's mirror of the trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scaling_search.records import TrialRow
from scaling_search.search.stages import propose
from scaling_search.search.trial_table import TrialTable
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from tests.support.factories import as_row


@pytest.fixture
def spec(tiny: Callable[..., str]) -> StudySpec:
    return parse(tiny(replicates="0"))


@pytest.fixture
def rows(spec: StudySpec) -> list[TrialRow]:
    """The base and six candidates, in two rounds."""
    first = [as_row(p) for p in propose([], spec, 0)]
    return first + [as_row(p) for p in propose(first, spec, 1)]


def test_stored_rows_are_counted(spec: StudySpec, rows: list[TrialRow]) -> None:
    table = TrialTable(spec)
    done = replace(rows[1], state="complete", accuracy=0.6, seconds=3.0, counted_macs=rows[1].macs)
    table.load([replace(rows[0], state="failed"), done, *rows[2:]])
    assert dict(table.counts) == {"failed": 1, "complete": 1, "waiting": 5}
    assert (table.finished, table.failed_since_start, table.best, table.complete_seconds) == (2, 0, 0.6, 3.0)
    assert table.complete_work == done.macs_ratio
    assert [row.number for row in table.waiting] == [2, 3, 4, 5, 6]
    assert dict(table.unfinished_by_round) == {0: 2, 1: 3}
    assert not table.claim_verification(done)
    assert [row.number for row in table.rows] == list(range(7))


def test_earlier_rounds_start_first_and_of_a_round_the_slowest(spec: StudySpec, rows: list[TrialRow]) -> None:
    table = TrialTable(spec)
    table.add(rows)
    ordered = table.next_waiting(7)
    assert [row.round for row in ordered] == [0] * 4 + [1] * 3
    for part in (ordered[:4], ordered[4:]):
        assert [r.activations for r in part] == sorted((r.activations for r in part), reverse=True)
    assert table.next_waiting(2) == ordered[:2]
    assert table.next_waiting(-1) == []
    table.update([replace(row, state="running") for row in ordered[:2]])
    assert table.next_waiting(7) == ordered[2:]
    assert set(table.running) == {row.number for row in ordered[:2]}
    assert dict(table.counts) == {"waiting": 5, "running": 2}


def test_ends_are_counted(spec: StudySpec, rows: list[TrialRow]) -> None:
    table = TrialTable(spec)
    table.add(rows)
    table.update([replace(row, state="running") for row in rows])
    table.update([replace(rows[1], state="complete", accuracy=0.7, seconds=2.0)])
    assert (table.best, table.failed_in_row, table.by_number[1].accuracy) == (0.7, 0, 0.7)
    table.update([replace(rows[2], state="failed"), replace(rows[3], state="failed")])
    assert (table.failed_in_row, table.failed_since_start) == (2, 2)
    table.update([replace(rows[4], state="pruned", accuracy=0.9, seconds=1.0)])
    assert (table.failed_in_row, table.best, table.complete_seconds) == (0, 0.7, 2.0)
    table.update([replace(rows[0], state="complete", accuracy=0.99, seconds=2.0)])
    assert table.best == 0.7  # the base does not count
    assert dict(table.unfinished_by_round) == {0: 0, 1: 2}
    assert table.finished == 5
    assert set(table.running) == {5, 6}


def test_a_trial_that_waits_again_is_verified_again(spec: StudySpec, rows: list[TrialRow]) -> None:
    table = TrialTable(spec)
    table.add(rows)
    assert table.claim_verification(rows[1])
    assert not table.claim_verification(rows[1])
    table.update([replace(rows[1], state="running")])
    again = replace(rows[1], attempts=2, error="SIGKILL")
    table.update([again])
    assert table.waiting[-1] is table.by_number[1] is again
    assert table.running == {}
    assert table.claim_verification(again)
    assert table.unfinished_by_round[0] == 4
    assert dict(table.counts) == {"waiting": 7, "running": 0}
