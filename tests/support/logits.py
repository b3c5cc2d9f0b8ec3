"""Logits of two networks that should be the same one."""

from __future__ import annotations

import torch
from torch import Tensor


def assert_same(got: Tensor, expected: Tensor, within: float) -> None:
    """Equal to ``within`` times the largest expected logit, which an untrained network may put at 1e-14 or at 1e4."""
    size = expected.abs().max()
    assert expected.std() > 0.01 * size > 0
    torch.testing.assert_close(got / size, expected / size, rtol=0, atol=within)
