"""The process that times forward passes and tracks memory."""

from __future__ import annotations

import torch
from torch import nn

from scaling_search.training.latency_process import peak_memory


def test_peak_memory_counts_live_maps_alone() -> None:
    net, image = nn.Sequential(*(nn.Conv2d(8, 8, 1, bias=False) for _ in range(6))).eval(), torch.zeros(1, 8, 32, 32)
    one = image.numel() * 4
    held = 6 * 64 * 4 + one
    assert held + one <= peak_memory(net, image) <= held + 2 * one
