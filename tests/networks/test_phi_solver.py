"""Networks solved for 2^φ: the real cost is right, and they stay near the line of the triple."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.bases import EFFICIENTNET_B0, base_network
from scaling_search.networks.coefficients import PAPER, PUBLISHED_PHI, Shares, Triple, nominal_shares, triple_of
from scaling_search.networks.family import family
from scaling_search.networks.phi_solver import solve
from scaling_search.spec.study_file import parse

WHOLE = tuple(float(n) for n in range(1, 8))

AXES = (Triple(2.0, 1.0, 1.0), Triple(1.0, math.sqrt(2), 1.0), Triple(1.0, 1.0, math.sqrt(2)))

SMALL = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}").base_architecture()


def _shares(u: float, v: float) -> Shares:
    a = 1 - math.sqrt(1 - u)
    return a, (1 - a) * v, (1 - a) * (1 - v)


UNIFORM = st.floats(0, 1)

SHARES = st.builds(_shares, UNIFORM, UNIFORM)

TRIPLES = st.builds(triple_of, SHARES, st.floats(0.8, 1.2))


def _misses(triple: Triple, base: Architecture = EFFICIENTNET_B0, phi: Sequence[float] = WHOLE) -> dict[float, float]:
    """φ → relative error of the real ratio, where it is more than 1 %."""
    models = family(triple, base, phi).models[1:]
    errors = {float(m.phi or 0): abs(m.macs_ratio / m.target_ratio - 1) for m in models}
    return {phi: error for phi, error in errors.items() if error > 0.01}


@pytest.mark.parametrize("triple", [PAPER, *AXES], ids=["paper", "depth", "width", "resolution"])
def test_nearest_costs_2_to_the_phi(triple: Triple) -> None:
    assert _misses(triple) == {}


@given(TRIPLES)
@example(Triple(1.7065620902561032, 1.0003922471426863, 1.1158907369118531))  # px crosses 480, width cannot shrink
@example(Triple(1.531806244003459, 1.0024871220574363, 1.0768928446930164))
@example(Triple(1.1203572530707628, 1.0, 1.5692815846321426))
@settings(max_examples=20)
def test_nearest_costs_2_to_the_phi_for_any_triple(triple: Triple) -> None:
    assert _misses(triple) == {}


@pytest.mark.parametrize(
    ("base", "triple", "phi"),
    [
        ("efficientnet_v2_s", Triple(1.001, 1, 1.41), PUBLISHED_PHI),  # 480 px, then depth alone, 4,000 steps further
        ("efficientnet_v2_s", Triple(1, 1 + 1e-15, 1.41), (0.3, 1, 7)),  # further than γ^step can be written
        ("efficientnet_v2_s", Triple(1, 1, 1.41), (0.3, 0.65)),  # a little under the cap, and at it
        ("efficientnet_b0", Triple(1, 1.001, 1.41), (10,)),
        ("efficientnet_b0", Triple(1, 1, 1.41), (10,)),  # about 7,000 px
        ("efficientnet_b0", Triple(1 + 1e-9, 1, 1), (1,)),
        ("efficientnet_b0", Triple(1, 1, 1 + 1e-9), (-2, 3)),
    ],
)
def test_triples_of_almost_one_axis_are_solved(base: str, triple: Triple, phi: tuple[float, ...]) -> None:
    assert _misses(triple, base_network(base), phi) == {}


@pytest.mark.parametrize(
    ("base", "phi", "words"),
    [
        (
            base_network("efficientnet_v2_s"),
            0.66,
            "φ = 0.66 needs 481 px where nothing else grows",
        ),  # 480 px give 2^0.65
        (
            base_network("efficientnet_v2_s"),
            12,
            r"φ = 12 needs 24\d\d\d px where nothing else grows, .*_v2_s stops at 480 px",
        ),
        (base_network("efficientnet_v2_s").resized(480), 1, r"φ = 1 needs 67\d px"),
        (EFFICIENTNET_B0.resized(400_000), 4, r"φ = 4 needs 16\d{5} px .* stops at 1000000 px"),
    ],
)
def test_px_that_pass_the_largest_are_refused_with_both(base: Architecture, phi: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        family(Triple(1, 1, 1.41), base, (phi,))


def test_nearest_costs_2_to_the_phi_for_a_small_base() -> None:
    assert _misses(PAPER, SMALL) == {}


@pytest.mark.parametrize("triple", [PAPER, triple_of((0.6, 0.2, 0.2)), triple_of((0.2, 0.6, 0.2))])
def test_solved_models_stay_near_the_line_of_the_triple(triple: Triple) -> None:
    line, away = nominal_shares(triple), []
    for m in family(triple, phi=WHOLE).models[1:]:
        spent = (math.log2(m.depth), 2 * math.log2(m.width), 2 * math.log2(m.resolution / 224))
        t = sum(s * x for s, x in zip(line, spent, strict=True)) / sum(s * s for s in line)
        away.append(math.dist(spent, [t * s for s in line]))  # doublings
    assert max(away) < 0.1
    assert sum(away) / len(away) < 0.04


def test_a_triple_that_grows_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="nothing grows"):
        family(Triple(1.0, 1.0, 1.0))
    with pytest.raises(InputError, match="nothing grows"):
        solve(EFFICIENTNET_B0, Triple(1.0, 1.0, 1.0), 1.0, 8)
