"""Rounding policies and the identity of a network."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaling_search.networks.architecture import (
    ROUNDINGS,
    Architecture,
    Rounding,
    round_blocks,
    round_channels,
    scale,
    spread_blocks,
)
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.blocks import Stage

MOBILENET_V2 = (1, 2, 3, 4, 3, 3, 1)

blocks = st.lists(st.integers(1, 8), min_size=1, max_size=9)
channels = st.integers(1, 2048)
divisors = st.integers(1, 64)
widths = st.floats(0.1, 8).filter(lambda w: w != 1)
roundings = st.sampled_from(ROUNDINGS)


@given(channels, divisors, widths, widths, roundings)
def test_channels_are_divisible_and_never_fall_as_width_grows(
    c: int, divisor: int, a: float, b: float, rounding: Rounding
) -> None:
    narrow, wide = (round_channels(c, w, rounding, divisor) for w in sorted((a, b)))
    assert narrow % divisor == wide % divisor == 0
    assert divisor <= narrow <= wide


@given(st.integers(1, 64), divisors, st.floats(1, 8), roundings)
def test_widening_takes_no_channel_from_a_divisible_count(k: int, divisor: int, w: float, rounding: Rounding) -> None:
    assert round_channels(k * divisor, w, rounding, divisor) >= k * divisor


@given(channels, divisors, widths)
def test_nearest_is_within_half_a_divisor(c: int, divisor: int, w: float) -> None:
    assert abs(round_channels(c, w, "nearest", divisor) - max(c * w, divisor)) <= divisor / 2 + 1e-9


@given(channels, widths)
def test_official_keeps_nine_tenths(c: int, w: float) -> None:
    assert round_channels(c, w, "official", 8) >= 0.9 * c * w


@given(blocks, channels, divisors, roundings)
def test_one_is_the_identity(stages: list[int], c: int, divisor: int, rounding: Rounding) -> None:
    assert round_channels(c, 1.0, rounding, divisor) == c
    assert round_blocks(stages, 1.0, rounding) == tuple(stages)
    assert scale(B0, 1.0, 1.0, rounding=rounding, divisor=divisor) == B0


@given(blocks, st.floats(1, 6), st.floats(1, 6), roundings)
def test_blocks_never_fall_as_depth_grows(stages: list[int], a: float, b: float, rounding: Rounding) -> None:
    shallow, deep = (round_blocks(stages, d, rounding) for d in sorted((a, b)))
    assert all(0 < n <= m for n, m in zip(shallow, deep, strict=True))


@given(blocks, st.floats(0.05, 6))
def test_spread_blocks_sum_to_the_rounded_total(stages: list[int], depth: float) -> None:
    given_out = spread_blocks(stages, depth)
    assert min(given_out) >= 1
    assert sum(given_out) == max(len(stages), math.floor(sum(stages) * depth + 0.5))


@given(blocks)
@example(list(MOBILENET_V2))
@example(list(B0.blocks))
def test_one_more_block_goes_to_one_stage(stages: list[int]) -> None:
    total = sum(stages)
    spreads = [spread_blocks(stages, t / total) for t in range(total, 4 * total)]
    for before, after in pairwise(spreads):
        assert sorted(b - a for a, b in zip(before, after, strict=True)) == [0] * (len(stages) - 1) + [1]


def test_mobilenet_loses_no_block_at_26() -> None:
    """Largest remainders take one away here: 26 · (1, 2, 3, 4, 3, 3, 1) / 17 gives stages 1 and 7 one instead of two."""
    at_25, at_26 = (spread_blocks(MOBILENET_V2, t / sum(MOBILENET_V2)) for t in (25, 26))
    assert (sum(at_25), sum(at_26)) == (25, 26)
    assert all(b >= a for a, b in zip(at_25, at_26, strict=True))


@given(blocks, st.integers(1, 6))
def test_whole_multiples_scale_every_stage_alike(stages: list[int], times: int) -> None:
    assert spread_blocks(stages, times) == tuple(times * n for n in stages)


def test_official_blocks_are_the_released_ones(published: dict[str, Any]) -> None:
    scaled = scale(B0, published["depth"], published["width"], published["resolution"], "official")
    assert scaled.blocks == tuple(published["repeats"])
    assert scaled.resolution == published["resolution"]


def test_width_reaches_stem_stages_and_head() -> None:
    wide = scale(B0, width=2.0, rounding="official")
    assert wide.channels == tuple(2 * c for c in B0.channels)
    assert (wide.blocks, wide.resolution, wide.strides) == (B0.blocks, B0.resolution, B0.strides)


def test_with_strides_sets_the_stem_and_each_stage() -> None:
    strides = (1, 1, 2, 2, 1, 2, 1, 1)
    assert B0.with_strides(strides).strides == strides
    assert B0.with_strides(strides).with_strides(B0.strides) == B0
    with pytest.raises(ValueError, match=r"zip\(\)"):
        B0.with_strides(strides[:-1])


def _changes() -> dict[str, Architecture]:
    swapped = (*B0.stages[:3], replace(B0.stages[3], channels=112), replace(B0.stages[4], channels=80), *B0.stages[5:])
    changed = {
        "stem": replace(B0, stem=40),
        "stem_stride": replace(B0, stem_stride=1),
        "head": replace(B0, head=1288),
        "resolution": replace(B0, resolution=225),
        "classes": replace(B0, classes=10),
        "image_channels": replace(B0, image_channels=1),
        "order of stages": replace(B0, stages=swapped),
    }
    values: dict[str, Any] = {"block": "x", "expand": 4, "kernel": 7, "stride": 3, "channels": 200, "blocks": 5}
    for field, value in values.items():
        stage = replace(B0.stages[5], **{field: value})
        changed[f"stage {field}"] = replace(B0, stages=(*B0.stages[:5], stage, B0.stages[6]))
    return changed


def test_key_tells_every_field_apart() -> None:
    keys = {name: arch.key for name, arch in _changes().items()} | {"unchanged": B0.key}
    assert len(set(keys.values())) == len(keys), keys


def test_key_is_stable_and_ignores_the_name_of_the_base() -> None:
    assert B0.key == replace(B0, base="another").key == "d16-w2096-r224-5dffe1"


@given(st.data())
def test_networks_survive_json(networks: st.SearchStrategy[Architecture], data: st.DataObject) -> None:
    network = data.draw(networks)
    assert Architecture.from_dict(json.loads(json.dumps(network.to_dict()))) == network


@given(st.data())
def test_equal_keys_mean_equal_networks(networks: st.SearchStrategy[Architecture], data: st.DataObject) -> None:
    a, b = data.draw(networks), data.draw(networks)
    assert (a.key == b.key) == (a == b)


def test_stage_values_are_hashable() -> None:
    assert len({B0, replace(B0), replace(B0, stages=(Stage("mbconv", 1, 3, 1, 16, 1),))}) == 2
