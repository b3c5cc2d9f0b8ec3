"""Sets of equal activations: every member within tolerance, shares of activations' growth, and a real study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_search.analysis.recommendation import recommend
from scaling_search.engine import LocalEngine
from scaling_search.errors import NoCandidates, SpecError
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.candidates import extremes
from scaling_search.networks.cost import cost
from scaling_search.networks.family import triple_for
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.search.run import run_study
from scaling_search.spec.search_space import proposed_triple, search_space, typical_macs
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database

QUARTER = "name: s\nbase: {{width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}}\nbudget: {{divisor: 4{more}}}\n"


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_member_of_an_activation_set_is_within_tolerance(
    networks: st.SearchStrategy[Architecture], data: st.DataObject
) -> None:
    base, target = data.draw(networks), data.draw(st.sampled_from([0.5, 2.0, 3.0]))
    try:
        found = iso_cost_set(base, target, 0.05, "nearest", 2, "activations")
    except NoCandidates:
        return
    for c in found:
        assert c.held_ratio == cost(c.architecture).activations / cost(base).activations
        assert abs(c.held_ratio / target - 1) <= 0.05
        assert c.macs_ratio == cost(c.architecture).macs / cost(base).macs
        assert c.macs_shares is not None
        assert sum(c.shares) == pytest.approx(1)
        assert sum(c.macs_shares) == pytest.approx(1)
        pairs = zip(c.architecture.channels + c.architecture.blocks, base.channels + base.blocks, strict=True)
        assert all((a >= b) == (target > 1) or a == b for a, b in pairs)


def test_equal_activations_are_not_equal_macs() -> None:
    spec = parse(QUARTER.format(more=", cost: activations"))
    found = search_space(spec)
    ends = extremes(found)
    assert ends["width"].macs_ratio > 1.5 * ends["depth"].macs_ratio  # MACs grow with width squared
    assert typical_macs(spec) == pytest.approx(np.mean([c.macs_ratio for c in found]))
    assert proposed_triple((0.0, 1.0, 0.0), spec).beta == pytest.approx(2)


def test_the_hash_counts_the_cost_only_where_it_is_another() -> None:
    plain = parse(QUARTER.format(more=""))
    assert plain.hash() == parse(QUARTER.format(more=", cost: macs, latency_batch: 1")).hash()
    assert plain.hash() == "e5dc1a529c6a26fcf223b6ff50781696e2e974c946b738373887a2ce5a39b0f9"
    others = {
        parse(QUARTER.format(more=more)).hash()
        for more in (", cost: activations", ", cost: latency", ", cost: latency, latency_batch: 2")
    }
    assert len(others | {plain.hash()}) == 4


def test_a_nominal_grid_holds_no_other_cost() -> None:
    with pytest.raises(SpecError, match=r"cost \(activations\): the nominal grid holds"):
        parse(QUARTER.format(more=", cost: activations, mode: nominal"))
    with pytest.raises(SpecError, match=r"budget\.cost"):
        parse(QUARTER.format(more=", cost: watts"))


@pytest.mark.slow
def test_a_real_study_at_equal_activations(tiny: Callable[..., str], tmp_path: Path) -> None:
    spec = parse(
        tiny("acts", trials="6", replicates="0", epochs="1").replace("divisor: 2", "divisor: 2, cost: activations")
    )
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    row = run_study(spec, store, LocalEngine(2), tmp_path / "runs")
    rows, base = store.trials("acts"), cost(spec.base_architecture())
    assert row.state == "complete"
    ran = [r for r in rows if r.role == "candidate"]
    assert all(abs(r.activations / base.activations / 2 - 1) <= 0.02 for r in ran)
    assert max(r.macs_ratio for r in ran) > 2.1
    choice = recommend(rows, spec)
    chosen = search_space(spec).by_key[choice.key]
    assert choice.held == "activations"
    assert choice.macs_shares == chosen.macs_shares
    assert choice.network is not None
    assert Architecture.from_dict(choice.network) == chosen.architecture
    triple = triple_for(chosen.macs_shares or (0, 0, 0), spec.export_architecture())
    assert (choice.alpha, choice.beta, choice.gamma) == tuple(triple)
    store.close()
