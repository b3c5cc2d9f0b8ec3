"""The networks that a study searches, by the kind of its budget."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scaling_search.networks.coefficients import Shares
from scaling_search.spec.search_space import networks_at, nominal_grid_at, proposed_triple, search_space, typical_macs
from tests.support.factories import tiny_spec

SHARES: Shares = (0.2, 0.3, 0.5)


def test_the_search_space_is_the_set_at_the_target() -> None:
    spec = tiny_spec()
    space = search_space(spec)
    assert [c.key for c in space] == [c.key for c in networks_at(spec, 2.0)]
    assert all(abs(c.macs_ratio - 2) <= 2 * spec.budget.tolerance for c in space)


def test_the_search_space_of_a_nominal_study_is_its_grid() -> None:
    spec = tiny_spec(budget={"mode": "nominal", "rounding": "official"})
    assert {c.key for c in search_space(spec)} == {c.key for _, c in nominal_grid_at(spec)}
    assert all(abs(a * b**2 * g**2 - 2) <= spec.budget.slack for (a, b, g), _ in nominal_grid_at(spec))


@pytest.mark.parametrize(("cost", "power"), [("macs", 2), ("activations", 1)])
def test_the_exact_triple_of_shares_has_the_target_cost(cost: str, power: int) -> None:
    alpha, beta, gamma = proposed_triple(SHARES, tiny_spec(budget={"cost": cost, "target": 3}))
    assert alpha * beta**power * gamma**2 == pytest.approx(3)
    assert math.log(alpha, 3) == pytest.approx(SHARES[0])


def test_typical_macs_is_the_target_unless_another_cost_is_equal() -> None:
    assert typical_macs(tiny_spec(budget={"target": 3})) == 3
    assert typical_macs(tiny_spec(validation={"shares": SHARES, "phi": 2})) == 4
    activations = tiny_spec(budget={"cost": "activations"})
    assert typical_macs(activations) == pytest.approx(np.mean([c.macs_ratio for c in search_space(activations)]))
