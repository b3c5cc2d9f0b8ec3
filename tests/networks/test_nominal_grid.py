"""The nominal grid of the literature."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_search.errors import NoCandidates
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.nominal_grid import nominal_grid, nominal_triples


def test_the_nominal_grid_is_the_papers_and_does_not_cost_what_it_says() -> None:
    """Tan & Le 2019, section 3.3: the flaw that the iso-cost set is there to mend."""
    triples = nominal_triples(2, 0.05, 0.1)
    assert len(set(triples)) == len(triples) == 108
    assert all(abs(t.product - 2) <= 0.1 and min(t) >= 1 for t in triples)
    networks = [c for _, c in nominal_grid(B0, 2, 0.05, 0.1, "official", 8)]
    assert len({c.key for c in networks}) == len(networks) < 108
    assert np.mean([c.macs_ratio for c in networks]) > 2.4
    with pytest.raises(NoCandidates, match="within 1e-09"):
        nominal_grid(B0, 2.001, 0.05, 1e-9, "official", 8)
