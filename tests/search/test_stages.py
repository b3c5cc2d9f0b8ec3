"""A search in stages: proposals, budgets, stopping, and whole studies on the digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from scaling_search.analysis.observations import usable
from scaling_search.engine import LocalEngine
from scaling_search.records import TrialRow
from scaling_search.search.progress import Snapshot
from scaling_search.search.run import run_study
from scaling_search.search.stages import explore_trials, propose, round_is_ready, search_is_over, stage_of_round
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store
from tests.support.factories import as_row, tiny_spec

BASE = "name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}\n"
Truth = Callable[[TrialRow], float]


def spec_of(stages: str = "stop_early: false", search: str = "trials: 24") -> StudySpec:
    return parse(f"{BASE}search: {{{search}, stages: {{{stages}}}}}")


def done(row: TrialRow, truth: Truth, seconds: float = 60.0) -> TrialRow:
    return replace(row, state="complete", accuracy=truth(row), epochs=1, seconds=seconds)


def searched(spec: StudySpec, truth: Truth, rows: list[TrialRow] | None = None) -> list[TrialRow]:
    """The rows of a whole search, each round finished before the next is proposed."""
    rows = list(rows or [])
    for k in count():
        assert round_is_ready(rows, spec, k)
        if search_is_over(rows, spec, k):
            return rows
        rows += [done(as_row(p), truth) for p in propose(rows, spec, k)]
    raise AssertionError


def hill(row: TrialRow) -> float:
    """Best at (0.5, 0.2, 0.3), with noise of 0.3 points; 0 for the base."""
    if row.shares is None:
        return 0.7
    noise = np.random.default_rng(row.seed).normal(0, 0.003)
    away = sum((s - p) ** 2 for s, p in zip(row.shares, (0.5, 0.2, 0.3), strict=True))
    return float(0.8 - 0.05 * away + noise + 0.02 * row.is_long_run)


def level(row: TrialRow) -> float:
    return 0.8 + 1e-4 * np.random.default_rng(row.seed).normal()


def test_the_stages_follow_one_another() -> None:
    spec = spec_of()
    rows = searched(spec, hill)
    candidates = [r for r in rows if r.role == "candidate"]
    assert [r.number for r in rows] == list(range(len(rows)))
    assert explore_trials(spec) == 12
    assert len({r.key for r in candidates[:12]}) == 12
    assert max(s for r in candidates[:3] for s in r.shares or ()) > 0.95  # the corners come first
    short, longer = [r for r in candidates if not r.is_long_run], [r for r in candidates if r.is_long_run]
    assert len(short) == 24
    assert len(longer) == 8
    assert {r.planned for r in longer} == {5 * spec.proxy.epochs}
    assert candidates[-8:] == longer
    spread = np.ptp([r.shares for r in longer if r.shares], axis=0)
    assert (spread > 0.4).all()  # they span the shares


def test_refining_gathers_where_the_optimum_may_be() -> None:
    rows = [r for r in searched(spec_of("confirm: 0, stop_early: false", "trials: 48"), hill) if r.shares]

    def near(part: list[TrialRow]) -> float:
        return float(np.mean([np.linalg.norm(np.subtract(r.shares or (), (0.5, 0.2, 0.3))) for r in part]))

    assert near(rows[16:]) < near(rows[:16])
    assert len({r.key for r in rows}) < len(rows)  # replicates are part of it


@pytest.mark.parametrize("refine", ["doubt", "tpe", pytest.param("gp", marks=pytest.mark.slow)])
def test_a_round_sees_neither_the_round_before_nor_later_ones(refine: str) -> None:
    spec = spec_of(f"refine: {refine}, stop_early: false", "trials: 40")
    rows = searched(spec, hill)
    k = 4  # a refine round: explore is rounds 0 and 1
    assert stage_of_round(rows, spec, k) == "refine"
    before = [r for r in rows if r.round < k]
    blind = [replace(r, state="running", accuracy=None) if r.round == k - 1 else r for r in before]
    lucky = [replace(r, accuracy=0.99) if r.round == k - 1 and r.shares else r for r in before]
    keys = [p.candidate.key for p in propose(before, spec, k)]
    assert keys == [r.key for r in rows if r.round == k]
    assert [p.candidate.key for p in propose(blind, spec, k)] == keys
    assert [p.candidate.key for p in propose(lucky, spec, k)] == keys
    older = [replace(r, accuracy=0.99 - (r.accuracy or 0)) if r.round < 2 and r.shares else r for r in before]
    assert [p.candidate.key for p in propose(older, spec, k)] != keys


def test_refining_waits_for_all_of_explore_and_confirm_for_everything() -> None:
    spec = spec_of()
    rows = searched(spec, hill)
    last = max(r.round for r in rows)

    def unfinished(k: int, upto: int) -> list[TrialRow]:
        return [replace(r, state="running") if r.round == k else r for r in rows if r.round < upto]

    assert not round_is_ready(unfinished(1, 2), spec, 2)  # round 2 is the first to refine
    assert round_is_ready(unfinished(2, 3), spec, 3)
    assert not round_is_ready(unfinished(last - 1, last), spec, last)


def test_a_flat_truth_ends_refining_early_and_is_still_confirmed() -> None:
    rows = searched(spec_of("confirm: 6", "trials: 60"), level)
    short = [r for r in rows if r.shares and not r.is_long_run]
    assert len(short) == 16
    assert len([r for r in rows if r.is_long_run]) == 6


def test_budgets_in_macs_and_hours_end_refining() -> None:
    whole = searched(spec_of(search="trials: 60"), hill)
    spec = spec_of()
    spent = sum(r.macs * spec.proxy.passes(r.planned) for r in whole if r.shares)
    half = spec_of(f"training_tmacs: {spent / 2e12}, stop_early: false", "trials: 60")
    rows = searched(half, hill)
    assert sum(r.macs * spec.proxy.passes(r.planned) for r in rows if r.shares) < 0.7 * spent
    assert sum(r.is_long_run for r in rows) == 8
    hours = searched(spec_of("hours: 0.4, stop_early: false", "trials: 60"), hill)  # 24 runs of a minute
    assert len(usable([r for r in hours if not r.is_long_run])) in range(24, 41)


def test_an_extended_study_refines_on_and_is_confirmed_again() -> None:
    rows = searched(spec_of(search="trials: 24"), hill)
    longer = searched(spec_of(search="trials: 32"), hill, rows)
    assert longer[: len(rows)] == rows
    assert [r.is_long_run for r in longer[len(rows) :]] == [False] * 8 + [True] * 8


def test_without_stages_nothing_changes() -> None:
    spec = parse(BASE + "search: {trials: 12}")
    rows = searched(spec, hill)
    assert len(rows) == 14
    assert not any(r.is_long_run for r in rows)
    assert max(r.round for r in rows) == 1


def test_a_staged_study_runs_and_resumes_to_the_same_end(store: Store, tmp_path: Path) -> None:
    search = {"round": 4, "stages": {"confirm": 2, "confirm_epochs": 2, "stop_early": False}}
    specs = {name: tiny_spec(name, search=search, proxy={"epochs": 1}) for name in "ab"}
    run_study(specs["a"], store, LocalEngine(3), tmp_path / "a")

    def stop(s: Snapshot) -> None:
        if s.done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(specs["b"], store, LocalEngine(2), tmp_path / "b", stop)
    run_study(specs["b"], store, LocalEngine(2), tmp_path / "b")
    a, b = ([(t.number, t.round, t.key, t.planned, t.epochs, t.accuracy) for t in store.trials(n)] for n in "ab")
    assert a == b
    assert [planned for _, _, _, planned, _, _ in a] == [None] * 11 + [2, 2]
    assert [epochs for *_, epochs, _ in a] == [1] * 11 + [2, 2]
    choice = store.choice("a")
    assert choice is not None
    assert choice["movement"] is not None
    assert not any("confirm" in warning for warning in choice["warnings"] if "turn" in warning)
    assert choice == store.choice("b")
