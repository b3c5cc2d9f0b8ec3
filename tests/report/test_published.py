"""The table of published networks."""

from __future__ import annotations

import pytest
import torch
import torchvision

from scaling_search.networks.bases import base_network
from scaling_search.networks.cost import cost
from scaling_search.networks.family import released
from scaling_search.report.published import Published, published

IN_TORCHVISION = [p for p in published() if p.torchvision]
OWN_BASE = {"ResNet-18": "resnet18", "ResNet-50": "resnet50", "ResNeXt-50": "resnext50", "MobileNetV2": "mobilenet_v2",
       "MobileNetV3-L": "mobilenet_v3_large", "EfficientNetV2-S": "efficientnet_v2_s"}  # fmt: skip


@pytest.mark.parametrize("point", IN_TORCHVISION, ids=[p.name for p in IN_TORCHVISION])
def test_params_are_recounted_where_torchvision_has_the_network(point: Published) -> None:
    with torch.device("meta"):
        net = getattr(torchvision.models, point.torchvision)(weights=None)
    assert sum(p.numel() for p in net.parameters()) == point.params


def test_macs_are_those_of_the_closed_form_where_it_knows_the_network() -> None:
    points = {p.name: p for p in published()}
    for name, base in OWN_BASE.items():
        assert cost(base_network(base).resized(points[name].px)).macs == points[name].macs
    for m in released().models:
        p = points[f"EfficientNet-{m.name.upper()}"]
        assert (p.macs, p.params, p.px) == (m.macs, m.params, m.resolution)


def test_every_point_has_a_source_and_a_sane_size() -> None:
    names = [p.name for p in published()]
    assert len(set(names)) == len(names) >= 30
    wanted = {"ResNet", "DenseNet", "Inception", "SENet", "NASNet", "AmoebaNet", "MobileNet", "EfficientNet", "EfficientNetV2", "ResNet-RS"}  # fmt: skip
    assert wanted <= {p.family for p in published()}
    for p in published():
        assert p.source
        assert 60 < p.top1 < 90
        assert 1e6 < p.params < 1e9
        assert 1e8 < p.macs < 1e11
