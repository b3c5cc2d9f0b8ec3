"""A recommendation: the choice, its coefficients on the export base, their intervals, and the family."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from scaling_search.analysis.recommendation import recommend
from scaling_search.analysis.selection import choose
from scaling_search.errors import ScalingSearchError
from scaling_search.networks.candidates import Candidate, extremes, nearest
from scaling_search.networks.coefficients import Triple
from scaling_search.networks.family import triple_for
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.records import Recommendation, TrialRow
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from tests.support.simulated_runs import SPEC, hill, runs_of

AXES = ("alpha", "beta", "gamma")


def spec_of(more: str = "") -> StudySpec:
    return parse(SPEC.replace("{divisor: 2}", f"{{divisor: 2{more}}}") + "family: {phi: [0.5, 1, 4]}\n")


def rows_of(candidates: Sequence[Candidate], networks: int = 12) -> list[TrialRow]:
    """Two runs of each of some networks; accuracy peaks at shares (0.5, 0.2, 0.3)."""
    chosen: dict[str, Candidate] = {}
    for point in simplex_lattice(networks)[:networks]:
        network = nearest(candidates, point, skip=chosen)
        chosen[network.key] = network
    design = list(chosen.values())
    return runs_of(design, hill(design, (0.5, 0.2, 0.3)), 0.1, repeats=2)


def test_a_recommendation_is_the_choice_with_coefficients_and_family() -> None:
    spec = spec_of()
    candidates = search_space(spec)
    rows = rows_of(candidates)
    result = recommend(rows, spec)
    choice = choose(rows, candidates, spec.search.indifference, spec.search.seed)
    assert {name: getattr(result, name) for name, _ in choice} == dict(choice)
    triple = Triple(*(getattr(result, axis) for axis in AXES))
    assert triple == triple_for(result.shares, spec.export_architecture(), spec.family.rounding, spec.family.divisor)
    assert result.product == triple.product
    assert result.network == candidates.by_key[result.key].architecture.to_dict()
    assert [m.phi for m in result.family.models] == [0, 0.5, 1, 4]
    values = result.to_dict()
    assert {"held", "macs_shares"}.isdisjoint(values)
    assert Recommendation.model_validate(json.loads(json.dumps(values, allow_nan=False))).to_dict() == values


def test_intervals_hold_the_coefficients_and_are_ordered() -> None:
    spec = spec_of()
    result = recommend(rows_of(search_space(spec)), spec)
    assert result.intervals is not None
    assert list(result.intervals) == list(AXES)
    for axis, (low, high) in result.intervals.items():
        assert low <= high
        assert low - 0.02 <= getattr(result, axis) <= high + 0.02


def test_too_few_networks_give_coefficients_without_intervals() -> None:
    spec = spec_of()
    result = recommend(rows_of(search_space(spec), networks=3), spec)
    assert result.method == "best mean"
    assert result.intervals is None
    assert [m.name for m in result.family.models] == ["b0", "b1", "b2", "b3"]


def test_another_cost_is_named_and_its_coefficients_come_from_macs() -> None:
    spec = spec_of(", cost: activations")
    candidates = search_space(spec)
    result = recommend(rows_of(candidates), spec)
    network = candidates.by_key[result.key]
    assert network.macs_shares is not None
    assert result.held == "activations"
    assert result.macs_shares == network.macs_shares
    assert not np.allclose(result.macs_shares, result.shares, atol=0.01)
    export = spec.export_architecture()
    triple = triple_for(network.macs_shares, export, spec.family.rounding, spec.family.divisor)
    assert [getattr(result, axis) for axis in AXES] == list(triple)


def test_a_family_member_that_cannot_be_built_is_left_out_and_named() -> None:
    spec = parse(SPEC + "family: {base: efficientnet_v2_s, resolution: 384, phi: [0.5, 1, -1]}\n")
    candidates = search_space(spec)
    rows = runs_of([extremes(candidates)["resolution"]], np.array([80.0]), 0.1)
    result = recommend(rows, spec)
    (note,) = result.family.notes
    assert note.startswith("the family has no network at φ = 1: ")
    assert [m.phi for m in result.family.models] == [0, 0.5, -1]
    assert result.warnings == (*choose(rows, candidates).warnings, note)


def test_without_a_complete_run_nothing_is_recommended() -> None:
    with pytest.raises(ScalingSearchError, match="nothing to choose from"):
        recommend([], spec_of())
