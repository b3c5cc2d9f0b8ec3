"""The registry of base networks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scaling_search.bases import BASES, base_network
from scaling_search.cost import cost
from scaling_search.errors import NotFound


def test_a_base_is_registered_under_its_own_name_and_has_a_cost() -> None:
    assert "efficientnet_b0" in BASES
    for name, base in BASES.items():
        assert base.base == name
        assert cost(base).macs > 0


def test_base_takes_classes_and_image_channels() -> None:
    assert base_network("efficientnet_b0") == BASES["efficientnet_b0"]
    small = base_network("efficientnet_b0", classes=10, image_channels=1)
    assert small == replace(BASES["efficientnet_b0"], classes=10, image_channels=1)


def test_unknown_base_names_the_choices() -> None:
    with pytest.raises(NotFound) as caught:
        base_network("resnet_51")
    assert "'resnet_51'" in caught.value.message
    assert all(name in caught.value.hint for name in BASES)
