"""What is proposed is a function of the rows, with every sampler."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_search.networks.candidates import extremes
from scaling_search.networks.nominal_grid import nominal_triples
from scaling_search.records import Proposal, TrialRow
from scaling_search.search.proposals import is_replicate, propose
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.search_space import nominal_grid_at, search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Claim, Store
from tests.support.factories import as_row, tiny_spec


def complete(p: Proposal, accuracy: float = 0.5) -> TrialRow:
    return replace(as_row(p), state="complete", accuracy=accuracy)


def whole_search(spec: StudySpec) -> list[TrialRow]:
    """Every round in turn; accuracy peaks where half of the cost goes to depth."""
    rows: list[TrialRow] = []
    for k in range(-(-spec.search.trials // spec.search.round)):
        rows += [complete(p, accuracy=0.8 - (p.candidate.shares[0] - 0.5) ** 2) for p in propose(rows, spec, k)]
    return rows


@given(st.integers(1, 200), st.data())
def test_replicates_are_spread_evenly(trials: int, data: st.DataObject) -> None:
    replicates = data.draw(st.integers(0, trials - 1))
    flags = [is_replicate(i, trials, replicates) for i in range(trials)]
    assert sum(flags) == replicates
    half = sum(flags[: trials // 2])
    assert abs(half - replicates / 2) <= 1


@pytest.mark.parametrize("sampler", ["lattice", "random", "tpe", "gp"])
def test_a_search_runs_what_its_spec_says(sampler: str) -> None:
    spec = tiny_spec(search={"trials": 20, "replicates": 5, "round": 4, "sampler": sampler})
    rows = whole_search(spec)
    runs = Counter(r.key for r in rows if r.role == "candidate")
    known = {c.key for c in search_space(spec)}
    assert [r.number for r in rows] == list(range(21))
    assert sum(runs.values()) == 20
    assert len(runs) == 15
    assert max(runs.values()) == 2
    assert set(runs) <= known
    assert len({r.seed for r in rows}) == 21
    assert whole_search(spec) == rows


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_a_model_goes_where_it_is_good(sampler: str) -> None:
    spec = tiny_spec(search={"trials": 40, "replicates": 5, "round": 5, "sampler": sampler})
    rows = whole_search(spec)
    away = [abs(r.shares[0] - 0.5) for r in rows if r.shares]
    assert sum(away[-15:]) / 15 < sum(away[:10]) / 10


@pytest.mark.parametrize("sampler", ["lattice", "random", "tpe", "gp"])
def test_the_last_round_s_results_change_nothing(sampler: str) -> None:
    spec = tiny_spec(search={"trials": 15, "sampler": sampler})
    rows: list[TrialRow] = []
    for k in range(4):
        rows += [complete(p, accuracy=0.5 + p.number / 100) for p in propose(rows, spec, k)]
    unknown = [replace(r, state="running", accuracy=None) if r.round == 3 else r for r in rows]
    assert propose(rows, spec, 4) == propose(unknown, spec, 4) != []


def test_a_model_s_earlier_results_do_change_proposals() -> None:
    spec = tiny_spec(search={"trials": 20, "replicates": 1, "round": 6, "sampler": "tpe"})
    rows: list[TrialRow] = []
    for k in range(3):
        rows += [complete(p, accuracy=0.5) for p in propose(rows, spec, k)]
    good_depth = [replace(r, accuracy=r.shares[0]) if r.shares else r for r in rows]
    good_width = [replace(r, accuracy=r.shares[1]) if r.shares else r for r in rows]
    assert propose(good_depth, spec, 3) != propose(good_width, spec, 3)


def test_a_lattice_begins_at_the_corners() -> None:
    spec = tiny_spec(search={"replicates": 0})
    first = [p.candidate.key for p in propose([], spec, 0) if p.role == "candidate"]
    assert first == [c.key for c in extremes(search_space(spec)).values()]


def test_the_extremes_in_turn() -> None:
    spec = tiny_spec(search={"trials": 6, "replicates": 0, "round": 6, "sampler": "extremes"})
    keys = [p.candidate.key for p in propose([], spec, 0) if p.role == "candidate"]
    assert keys == [c.key for c in extremes(search_space(spec)).values()] * 2


def test_the_literature_s_grid_has_108_triples_but_65_networks() -> None:
    spec = parse("name: g\nbudget: {mode: nominal, rounding: official}\nproxy: {dataset: image_folder, classes: 1000}")
    assert len(nominal_triples(2.0, 0.05, 0.1)) == 108
    grid = nominal_grid_at(spec)
    ratios = [c.macs_ratio for _, c in grid]
    assert len(grid) == 65
    assert sum(abs(r / 2 - 1) <= 0.02 for r in ratios) <= 2
    assert max(ratios) / min(ratios) > 1.7


def test_a_nominal_study_runs_the_grid_in_order() -> None:
    nominal = {"mode": "nominal", "rounding": "official"}
    spec = tiny_spec(search={"trials": 8, "replicates": 0}, budget=nominal)
    asked = [p.proposed for k in range(3) for p in propose([], spec, k) if p.role == "candidate"]
    assert asked == [t for t, _ in nominal_grid_at(spec)[:8]]


@pytest.mark.parametrize("sampler", ["lattice", "random", "gp"])
def test_proposals_do_not_depend_on_when_the_last_round_ends(store: Store, sampler: str) -> None:
    spec = tiny_spec(search={"trials": 15, "sampler": sampler})
    get_or_create_study(store, spec)
    claim = store.claim("tiny", "me", 60)
    assert isinstance(claim, Claim)
    for k in range(4):
        store.add_trials(claim, propose(store.trials("tiny"), spec, k))
    rows = [
        replace(r, state="complete", accuracy=0.5 + r.number / 100) if r.round < 3 else r for r in store.trials("tiny")
    ]
    later = [replace(r, state="complete", accuracy=0.9) if r.round == 3 else r for r in rows]
    assert propose(rows, spec, 4) == propose(later, spec, 4) != []
