"""Iso-cost networks that the tests of the choice run on."""

from __future__ import annotations

import pytest

from scaling_search.networks.candidates import Candidate, nearest
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.spec.study_file import parse
from tests.support.simulated_runs import SPEC, Design, Networks


@pytest.fixture(scope="package")
def candidates() -> Networks:
    """408 networks that cover the triangle."""
    return iso_cost_set(parse(SPEC).base_architecture(), divisor=2)


@pytest.fixture(scope="package")
def design(candidates: Networks) -> Design:
    """Eighteen of them, spread over the triangle."""
    chosen: dict[str, Candidate] = {}
    for point in simplex_lattice(18)[:18]:
        network = nearest(candidates, point, skip=chosen)
        chosen[network.key] = network
    return list(chosen.values())
