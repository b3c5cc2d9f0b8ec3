"""Table 3 of Tan & Le 2019: MobileNets and a ResNet scaled along one axis, or all; printed FLOPs against ours.

Most agree within the printed rounding. What does not is explained beside its figure, and held to the digit we count.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaling_search.networks.architecture import Rounding, scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.cost import cost

PRINTED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "efficientnet.json").read_text())[
    "scaled_baselines"
]
AXES = {"base": (1, 1, 1), "depth 4": (4, 1, 1), "width 2": (1, 2, 1), "resolution 2": (1, 1, 2)}


def _billions(base: str, depth: float, width: float, px: float, rounding: Rounding = "nearest") -> float:
    return cost(scale(base_network(base), depth, width, round(224 * px), rounding)).macs / 1e9


def _printed(base: str, row: str) -> float:
    return float(PRINTED[base][row][0].removesuffix("B"))


EXPLAINED = {
    ("mobilenet_v1", "resolution 2"): 2.272,  # printed 2.2: 4 × 0.569 is 2.27, so it was cut off, not rounded
    ("resnet50", "depth 4"): 14.571,  # printed 16.2, and 14.7 for width 2: the two rows have each other's figure,
    ("resnet50", "width 2"): 16.117,  # and both are 0.1 more than ours, which has no batch norm and pooling
}


@pytest.mark.parametrize(
    ("base", "row"), [(base, row) for base in PRINTED if base != "about" for row in AXES if row in PRINTED[base]]
)
def test_a_base_scaled_along_one_axis_costs_what_is_printed(base: str, row: str) -> None:
    ours = _billions(base, *AXES[row])
    if (base, row) in EXPLAINED:
        assert ours == pytest.approx(EXPLAINED[base, row], abs=5e-4)
        assert round(ours, 1) != _printed(base, row)
    else:
        assert round(ours, 1) == _printed(base, row)


def test_the_swapped_rows_of_resnet50_agree_when_swapped_back() -> None:
    assert _printed("resnet50", "depth 4") == pytest.approx(EXPLAINED["resnet50", "width 2"], abs=0.15)
    assert _printed("resnet50", "width 2") == pytest.approx(EXPLAINED["resnet50", "depth 4"], abs=0.15)


def test_the_compound_network_lies_between_the_two_roundings_of_its_depth() -> None:
    # MobileNetV1 × (1.4, 1.2, 1.3) has 18.2 blocks: 18 shared out (nearest), 20 by ceil per stage (official); the paper does
    # not say how it rounded. The triples of the other two compound rows are not printed.
    low, high = (_billions("mobilenet_v1", 1.4, 1.2, 1.3, r) for r in ("nearest", "official"))
    assert low < _printed("mobilenet_v1", "compound 1.4/1.2/1.3") < high
