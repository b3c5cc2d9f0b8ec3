"""Checks of a base: depth and width change the cost, cost grows with every axis, any px work, the network is deterministic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from scaling_search.errors import InputError
from scaling_search.networks.user_network_cost import one_line
from scaling_search.training.count import forward_counts
from scaling_search.training.user_network import FactoryFunction, require_trainable

MULTIPLIERS = (1.0, 1.25, 1.5, 2.0)
"""Depths and widths at which the cost is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; ``sentence`` says what was found."""

    check: str
    ok: bool
    sentence: str


class _UserCodeFailed(Exception):
    """The user's code failed, so no further check is possible."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


def _build(make: FactoryFunction, depth: float, width: float, classes: int) -> nn.Module:
    """The network on the meta device, where weights take no memory.

    Raises:
        _UserCodeFailed: the user's code raises, or returns no trainable network.
    """
    try:
        with torch.device("meta"):
            return require_trainable(make(depth, width, classes), "it")
    except InputError as e:
        problem = f"{e.message}: {e.hint}" if e.hint else e.message
    except (Exception, SystemExit) as e:  # any error of the user's code
        problem = f"it raises {one_line(e)}"
    raise _UserCodeFailed(Finding("builds", False, f"at depth {depth:g}, width {width:g} {problem}"))


def _count_macs(make: FactoryFunction, depth: float, width: float, classes: int, channels: int, px: int) -> int:
    """MACs of the network on images of ``px``.

    Raises:
        _UserCodeFailed: the network cannot be built or run.
    """
    net = _build(make, depth, width, classes)
    try:
        return forward_counts(net, channels, px)[0]
    except (Exception, SystemExit) as e:  # any error of the user's code
        problem = f"at depth {depth:g}, width {width:g} images of {px} px fail ({one_line(e)})"
    raise _UserCodeFailed(Finding("runs", False, problem))


def _shapes(net: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(value.shape)) for name, value in net.state_dict().items()]


def _check_deterministic(make: FactoryFunction, classes: int) -> Finding:
    shapes = [_shapes(_build(make, 1.0, 1.0, classes)) for _ in range(3)]
    if any(s != shapes[0] for s in shapes):
        problem = (
            "built three times at depth 1 and width 1, it is not the same network: something in it is drawn at random"
        )
        return Finding("same network", False, f"{problem}. Draw nothing but weights.")
    return Finding("same network", True, "built three times, it is the same network")


def _check_changes(axis: str, costs: Sequence[int]) -> Finding:
    if costs[-1] == costs[0]:
        problem = (
            f"{axis} is ignored: at {MULTIPLIERS[-1]:g}× {axis} the network has the same {costs[0]:,} MACs as at 1×"
        )
        return Finding(axis, False, f"{problem}. Use the argument {axis}.")
    return Finding(axis, True, f"at {MULTIPLIERS[-1]:g}× {axis} it has {costs[-1] / costs[0]:.2f}× the MACs")


def _check_monotone(axis: str, sizes: Sequence[float], costs: Sequence[int]) -> Finding:
    for (size, larger_size), (macs, larger_macs) in zip(pairwise(sizes), pairwise(costs), strict=True):
        if larger_macs < macs:
            problem = (
                f"cost falls as {axis} grows: from {macs:,} MACs at {size:g} to {larger_macs:,} at {larger_size:g}"
            )
            return Finding(f"monotone in {axis}", False, f"{problem}. A larger {axis} must not cost less.")
    return Finding(f"monotone in {axis}", True, f"cost never falls as {axis} grows")


def _check_resolutions(make: FactoryFunction, classes: int, channels: int, px: int) -> tuple[Finding, dict[int, int]]:
    """The finding, and MACs by px up to the first px that fails."""
    costs: dict[int, int] = {}
    for side in (px, px + 1, px + 3, round(1.5 * px), 2 * px):
        net = _build(make, 1.0, 1.0, classes)
        try:
            costs[side] = forward_counts(net, channels, side)[0]
        except (Exception, SystemExit) as e:  # any error of the user's code
            problem = f"images of {side} px fail ({one_line(e)})"
            working = f", while {', '.join(map(str, costs))} px work" if costs else ""
            return Finding("any resolution", False, f"{problem}{working}. Pool before the classifier."), costs
    return Finding("any resolution", True, f"images of {', '.join(map(str, costs))} px work"), costs


def check_base(make: FactoryFunction, classes: int = 10, channels: int = 3, px: int = 32) -> list[Finding]:
    """Check everything that a search needs of a base; ``px`` is the side of the images at φ = 0.

    If the network cannot be built at some depth or width, that is the last finding.
    """
    findings: list[Finding] = []
    try:
        for finding in _run_checks(make, classes, channels, px):
            findings.append(finding)
    except _UserCodeFailed as failure:
        findings.append(failure.finding)
    return findings


def _run_checks(make: FactoryFunction, classes: int, channels: int, px: int) -> Iterator[Finding]:
    """Yield findings until one makes the others pointless."""
    yield _check_deterministic(make, classes)
    any_resolution, macs_by_px = _check_resolutions(make, classes, channels, px)
    yield any_resolution
    if px not in macs_by_px:
        return
    axes: list[tuple[str, Callable[[float], int]]] = [
        ("depth", lambda x: _count_macs(make, x, 1.0, classes, channels, px)),
        ("width", lambda x: _count_macs(make, 1.0, x, classes, channels, px)),
    ]
    for axis, count_macs in axes:
        costs = [count_macs(x) for x in MULTIPLIERS]
        if not costs[0]:
            yield Finding(axis, False, f"the network has no convolution and no linear layer, so {axis} costs no MACs")
            continue
        yield _check_changes(axis, costs)
        yield _check_monotone(axis, MULTIPLIERS, costs)
    sides = sorted(macs_by_px)
    yield _check_monotone("resolution", sides, [macs_by_px[s] for s in sides])
