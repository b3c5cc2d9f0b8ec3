"""Rounds without a rise are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scaling_search.engine import LocalEngine
from scaling_search.search.run import run_study
from scaling_search.search.stages import propose
from scaling_search.search.stopping import stale_rounds
from scaling_search.spec.study_file import parse
from scaling_search.store import Store
from tests.support.factories import as_row, tiny_spec


def test_rounds_without_a_rise_are_counted(store: Store, tiny: Callable[..., str], tmp_path: Path) -> None:
    """On a real study: the rule equals a recount by hand."""
    run_study(parse(tiny(replicates="0")), store, LocalEngine(2), tmp_path / "runs")
    rows = store.trials("tiny")
    best, risen = -1.0, -1
    for k in range(4):
        top = max(r.accuracy or 0 for r in rows if r.round == k and r.role == "candidate")
        if top > best:
            best, risen = top, k
    assert stale_rounds(rows, 4) == 3 - risen
    assert stale_rounds(rows, 1) == 0


def test_patience_stops_with_its_reason_and_the_same_trials_for_any_slots(store: Store, tmp_path: Path) -> None:
    for name, slots in (("a", 1), ("b", 3)):
        row = run_study(
            tiny_spec(name, search={"trials": 30, "patience": 1}), store, LocalEngine(slots), tmp_path / name
        )
        assert row.state == "stopped"
        assert row.reason is not None
        assert "search.patience" in row.reason
    a, b = ([(t.number, t.key, t.accuracy) for t in store.trials(name)] for name in "ab")
    assert a == b
    assert len(a) < 31
    assert store.choice("a") == store.choice("b")


def test_means_of_replicates_count_and_the_base_does_not(tiny: Callable[..., str]) -> None:
    proposals = propose([], parse(tiny()), 0)
    base, first, second = (replace(as_row(p), state="complete") for p in proposals[:3])
    rows = [
        replace(base, accuracy=0.99),
        replace(first, accuracy=0.5, round=0),
        replace(first, number=11, accuracy=0.7, round=1),  # the mean rises to 0.6
        replace(second, accuracy=0.55, round=2),
        replace(first, number=12, accuracy=0.1, round=3),
        replace(second, number=13, accuracy=0.8, round=4, state="pruned"),
    ]
    assert [stale_rounds(rows, before) for before in range(1, 6)] == [0, 0, 1, 2, 3]
