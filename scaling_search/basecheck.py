"""The test kit of a base: does depth really deepen, width widen, cost grow, any px work, and is it always the same network?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from scaling_search.factory import Make, forward_counts

STEPS = (1.0, 1.25, 1.5, 2.0)
"""Multipliers at which cost is looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, and what was seen."""

    check: str
    ok: bool
    sentence: str


def _built(make: Make, depth: float, width: float, classes: int) -> nn.Module:
    with torch.device("meta"):
        return make(depth, width, classes)


def _shapes(net: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(value.shape)) for name, value in net.state_dict().items()]


def _same(make: Make, classes: int) -> Finding:
    nets = [_shapes(_built(make, 1.0, 1.0, classes)) for _ in range(3)]
    if any(n != nets[0] for n in nets):
        said = (
            "built three times at depth 1 and width 1, it is not the same network: something in it is drawn at random"
        )
        return Finding("same network", False, f"{said}. Draw nothing but weights.")
    return Finding("same network", True, "built three times, it is the same network")


def _changes(axis: str, costs: Sequence[int]) -> Finding:
    if costs[-1] == costs[0]:
        said = f"{axis} is ignored: at {STEPS[-1]:g}× {axis} the network has the same {costs[0]:,} MACs as at 1×"
        return Finding(axis, False, f"{said}. Use the argument {axis}.")
    return Finding(axis, True, f"at {STEPS[-1]:g}× {axis} it has {costs[-1] / costs[0]:.2f}× the MACs")


def _grows(axis: str, at: Sequence[float], costs: Sequence[int]) -> Finding:
    for (a, b), (x, y) in zip(pairwise(at), pairwise(costs), strict=True):
        if y < x:
            said = f"cost falls as {axis} grows: from {x:,} MACs at {a:g} to {y:,} at {b:g}"
            return Finding(f"monotone in {axis}", False, f"{said}. A larger {axis} must not cost less.")
    return Finding(f"monotone in {axis}", True, f"cost never falls as {axis} grows")


def _any_px(make: Make, classes: int, channels: int, px: int) -> tuple[Finding, dict[int, int]]:
    costs: dict[int, int] = {}
    for side in (px, px + 1, px + 3, round(1.5 * px), 2 * px):
        try:
            costs[side] = forward_counts(_built(make, 1.0, 1.0, classes), channels, side)[0]
        except Exception as e:  # whatever the user's code raises
            said = f"images of {side} px fail ({type(e).__name__}: {' '.join(str(e).split())[:120]})"
            works = f", while {', '.join(map(str, costs))} px work" if costs else ""
            return Finding("any resolution", False, f"{said}{works}. Pool before the classifier."), costs
    return Finding("any resolution", True, f"images of {', '.join(map(str, costs))} px work"), costs


def check(make: Make, classes: int = 10, channels: int = 3, px: int = 32) -> list[Finding]:
    """Everything that a search needs of a base, in sentences; px is the side of the images at φ = 0."""
    found = [_same(make, classes)]
    works, by_px = _any_px(make, classes, channels, px)
    found.append(works)
    if px not in by_px:
        return found
    axes: list[tuple[str, Callable[[float], nn.Module]]] = [
        ("depth", lambda x: _built(make, x, 1.0, classes)),
        ("width", lambda x: _built(make, 1.0, x, classes)),
    ]
    for axis, build in axes:
        costs = [forward_counts(build(x), channels, px)[0] for x in STEPS]
        found += [_changes(axis, costs), _grows(axis, STEPS, costs)]
    sides = sorted(by_px)
    return [*found, _grows("resolution", sides, [by_px[s] for s in sides])]
