"""The closed-form cost; tests/training/test_count.py compares it with two counters of the built networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.cost import cost, cost_curve

Networks = st.SearchStrategy[Architecture]


def _deeper(network: Architecture, stage: int, blocks: int) -> Architecture:
    stages = list(network.stages)
    stages[stage] = replace(stages[stage], blocks=blocks)
    return replace(network, stages=tuple(stages))


def test_released_networks_cost_what_is_published(published: dict[str, Any]) -> None:
    its = cost(scale(B0, published["depth"], published["width"], published["resolution"], "official"))
    assert (its.macs, its.params) == (published["macs"], published["params"])


@given(st.data(), st.lists(st.integers(1, 600), min_size=1, max_size=8))
def test_many_resolutions_at_once_agree_with_one(networks: Networks, data: st.DataObject, px: list[int]) -> None:
    curve = cost_curve(data.draw(networks))
    assert curve.macs_at(np.array(px, np.int64)).tolist() == [curve.at_resolution(r).macs for r in px]


@given(st.data())
def test_cost_is_the_curve_at_the_networks_own_px(networks: Networks, data: st.DataObject) -> None:
    network = data.draw(networks)
    assert cost(network) == cost_curve(network).at_resolution(network.resolution)


@given(st.data())
def test_each_further_block_of_a_stage_costs_the_same(networks: Networks, data: st.DataObject) -> None:
    network = data.draw(networks)
    stage = data.draw(st.integers(0, len(network.stages) - 1))
    one, two, three = (cost(_deeper(network, stage, n)) for n in (1, 2, 3))
    assert two.macs - one.macs == three.macs - two.macs > 0
    assert two.params - one.params == three.params - two.params > 0
    assert two.activations - one.activations == three.activations - two.activations > 0


@given(st.data())
def test_a_class_adds_its_row_of_the_classifier(networks: Networks, data: st.DataObject) -> None:
    network = data.draw(networks)
    before, after = cost(network), cost(replace(network, classes=network.classes + 1))
    assert after.macs - before.macs == network.head
    assert after.params - before.params == network.head + 1
    assert after.activations - before.activations == 1


@given(st.data())
def test_an_image_channel_adds_nine_weights_to_each_stem_filter(networks: Networks, data: st.DataObject) -> None:
    network = data.draw(networks)
    before, after = cost(network), cost(replace(network, image_channels=network.image_channels + 1))
    side = -(-network.resolution // network.stem_stride)
    assert after.params - before.params == 9 * network.stem
    assert after.macs - before.macs == 9 * network.stem * side**2
    assert after.activations == before.activations


@given(st.data(), st.integers(1, 12))
def test_twice_the_px_quadruples_all_but_the_fixed_part(networks: Networks, data: st.DataObject, side: int) -> None:
    network = data.draw(networks)
    curve, px = cost_curve(network), side * int(np.prod(network.strides))
    once, twice = curve.at_resolution(px), curve.at_resolution(2 * px)
    assert twice.macs - curve.fixed_macs == 4 * (once.macs - curve.fixed_macs)
    assert twice.activations - curve.fixed_activations == 4 * (once.activations - curve.fixed_activations)
    assert twice.params == once.params


def test_one_px_over_a_stride_boundary_is_dear() -> None:
    curve = cost_curve(B0)
    assert curve.at_resolution(257).macs / curve.at_resolution(256).macs == pytest.approx(1.14, abs=0.005)
    assert curve.at_resolution(258).macs == curve.at_resolution(257).macs
