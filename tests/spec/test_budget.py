"""The budget section: which cost is equal in a study."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_search.errors import SpecError
from scaling_search.networks.candidates import extremes
from scaling_search.spec.search_space import proposed_triple, search_space, typical_macs
from scaling_search.spec.study_file import parse

QUARTER = "name: s\nbase: {{width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}}\nbudget: {{divisor: 4{more}}}\n"


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
    with pytest.raises(SpecError, match=r"cost \(activations\): the nominal grid fixes"):
        parse(QUARTER.format(more=", cost: activations, mode: nominal"))
    with pytest.raises(SpecError, match=r"budget\.cost"):
        parse(QUARTER.format(more=", cost: watts"))
