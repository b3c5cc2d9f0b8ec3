"""The literals of the released EfficientNets."""

from __future__ import annotations

from scaling_search.networks.coefficients import PAPER, PUBLISHED_PHI
from scaling_search.networks.family import family
from scaling_search.networks.released import RELEASED, dropout_at


def test_dropout_is_the_released_one_at_the_published_phi_and_between_its_neighbours() -> None:
    assert [dropout_at(phi) for phi in (0.0, *PUBLISHED_PHI)] == [r[3] for r in RELEASED]
    assert (dropout_at(0.75), dropout_at(12)) == (0.25, 0.5)
    assert [m.dropout for m in family(PAPER, rounding="official").models] == [r[3] for r in RELEASED]
