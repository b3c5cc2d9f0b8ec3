"""The test kit of a base: does depth really deepen, width widen, cost grow, any px work, and is it always the same network?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from scaling_search.errors import InputError
from scaling_search.networks.user_network_cost import one_line
from scaling_search.training.count import forward_counts
from scaling_search.training.user_network import Make, checked

STEPS = (1.0, 1.25, 1.5, 2.0)
"""Multipliers at which cost is looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, and what was seen."""

    check: str
    ok: bool
    sentence: str


class _Fault(Exception):
    """The user's code failed, so that nothing further can be looked at."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


def _built(make: Make, depth: float, width: float, classes: int) -> nn.Module:
    """The network of those multipliers, without numbers in it.

    Raises:
        _Fault: the user's code raises, or returns no network.
    """
    try:
        with torch.device("meta"):
            return checked(make(depth, width, classes), "it")
    except InputError as e:
        words = f"{e.message}: {e.hint}" if e.hint else e.message
    except (Exception, SystemExit) as e:  # whatever the user's code raises
        words = f"it raises {one_line(e)}"
    raise _Fault(Finding("builds", False, f"at depth {depth:g}, width {width:g} {words}"))


def _macs(make: Make, depth: float, width: float, classes: int, channels: int, px: int) -> int:
    """MACs of the network of those multipliers.

    Raises:
        _Fault: it is not built, or fails on images of ``px``.
    """
    net = _built(make, depth, width, classes)
    try:
        return forward_counts(net, channels, px)[0]
    except (Exception, SystemExit) as e:
        said = f"at depth {depth:g}, width {width:g} images of {px} px fail ({one_line(e)})"
    raise _Fault(Finding("runs", False, said))


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
        net = _built(make, 1.0, 1.0, classes)
        try:
            costs[side] = forward_counts(net, channels, side)[0]
        except (Exception, SystemExit) as e:  # whatever the user's code raises
            said = f"images of {side} px fail ({one_line(e)})"
            works = f", while {', '.join(map(str, costs))} px work" if costs else ""
            return Finding("any resolution", False, f"{said}{works}. Pool before the classifier."), costs
    return Finding("any resolution", True, f"images of {', '.join(map(str, costs))} px work"), costs


def check(make: Make, classes: int = 10, channels: int = 3, px: int = 32) -> list[Finding]:
    """Everything that a search needs of a base, in sentences; px is the side of the images at φ = 0.

    A network that is not built at some depth or width is the last finding: nothing after it could be looked at.
    """
    found: list[Finding] = []
    try:
        for finding in _findings(make, classes, channels, px):
            found.append(finding)
    except _Fault as fault:
        found.append(fault.finding)
    return found


def _findings(make: Make, classes: int, channels: int, px: int) -> Iterator[Finding]:
    """One finding after another, up to what makes others pointless."""
    yield _same(make, classes)
    works, by_px = _any_px(make, classes, channels, px)
    yield works
    if px not in by_px:
        return
    axes: list[tuple[str, Callable[[float], int]]] = [
        ("depth", lambda x: _macs(make, x, 1.0, classes, channels, px)),
        ("width", lambda x: _macs(make, 1.0, x, classes, channels, px)),
    ]
    for axis, macs in axes:
        costs = [macs(x) for x in STEPS]
        if not costs[0]:
            yield Finding(axis, False, f"the network has no convolution and no linear layer, so {axis} costs no MACs")
            continue
        yield _changes(axis, costs)
        yield _grows(axis, STEPS, costs)
    sides = sorted(by_px)
    yield _grows("resolution", sides, [by_px[s] for s in sides])
