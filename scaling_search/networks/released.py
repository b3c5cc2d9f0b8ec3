"""Literals of the released EfficientNets, and the dropout interpolated from them."""

from __future__ import annotations

import numpy as np

from scaling_search.networks.coefficients import PUBLISHED_PHI

RELEASED: tuple[tuple[float, float, int, float], ...] = (
    (1.0, 1.0, 224, 0.2),
    (1.1, 1.0, 240, 0.2),
    (1.2, 1.1, 260, 0.3),
    (1.4, 1.2, 300, 0.3),
    (1.8, 1.4, 380, 0.4),
    (2.2, 1.6, 456, 0.4),
    (2.6, 1.8, 528, 0.5),
    (3.1, 2.0, 600, 0.5),
)
"""(depth, width, px, dropout) of the released B0–B7: tensorflow/tpu, efficientnet_builder.py."""


def dropout_at(phi: float) -> float:
    """Dropout of the released networks, interpolated over φ."""
    return round(float(np.interp(phi, (0.0, *PUBLISHED_PHI), [r[3] for r in RELEASED])), 3)
