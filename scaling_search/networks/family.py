"""A choice → the networks B1 … Bn with their real cost, and α, β, γ of given shares.

Under ``nearest`` each network is solved so that its real MACs are 2^φ times the base's: first along the triple, then among
the networks around that point, for blocks and px are steps; a network that still misses is noted. Under ``official`` (the
released code) the multipliers are used as they are, and the ratio comes out as it may.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture, Rounding, round_blocks, scale, widen
from scaling_search.networks.bases import EFFICIENTNET_B0, FACTS, largest_px
from scaling_search.networks.coefficients import PAPER, PUBLISHED_PHI, Shares, Triple, fit_phi, multipliers, triple_of
from scaling_search.networks.cost import cost, cost_curve
from scaling_search.networks.released import RELEASED, dropout_at

SHRINKING_NOTE = (
    "The rule found at larger sizes is not the best for smaller ones: when shrinking, resolution and depth matter more than width "
    "(TinyNet, Han et al. 2020, arXiv 2010.14819). Search there (budget.target: 0.5) instead of inverting."
)
"""What is said wherever coefficients are used with negative φ."""

CLOSE, NEAR = 0.004, 0.01
"""Relative errors of real MACs: any network within CLOSE of 2^φ will do, the nearest to the triple is taken; else NEAR."""

MISSED = 0.02
"""Relative error of real MACs above which a family says that 2^φ was not reached."""


@dataclass(frozen=True, slots=True)
class Model:
    """One network of a family. ``resolution`` in px; ``macs_ratio`` is over b0, ``target_ratio`` is 2^φ.

    ``repeats`` are blocks a stage, ``channels`` those of the stem, each stage and the head. ``phi_fitted`` is set where φ
    is only fitted to released numbers.
    """

    name: str
    phi: float | None
    depth: float
    width: float
    resolution: int
    dropout: float
    repeats: list[int]
    channels: list[int]
    params: int
    macs: int
    macs_ratio: float
    target_ratio: float
    phi_fitted: float | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """B0 … Bn of one base and one triple; ``network`` is the base where no registered one has its name.

    ``notes`` say in words which networks are missing or miss 2^φ, and why.
    """

    base: str
    rounding: Rounding
    triple: Triple
    models: tuple[Model, ...]
    network: Architecture | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON form that `family --json` prints; notes only where there are some."""
        models = [asdict(m) for m in self.models]
        for m in models:
            if m["phi_fitted"] is None:
                del m["phi_fitted"]
        made = {"base": self.base, "rounding": self.rounding, **self.triple._asdict(), "models": models}
        made |= {} if self.network is None else {"network": self.network.to_dict()}
        return {**made, "notes": list(self.notes)} if self.notes else made


def _model(name: str, base: Architecture, arch: Architecture, **given: Any) -> Model:
    its = cost(arch)
    ratio = its.macs / cost(base).macs
    found: dict[str, Any] = {
        "resolution": arch.resolution,
        "repeats": list(arch.blocks),
        "channels": list(arch.channels),
    }
    return Model(name=name, params=its.params, macs=its.macs, macs_ratio=ratio, **found, **given)


def _around(base: Architecture, at: Triple, divisor: int, reach: int) -> Iterator[tuple[float, float, Architecture]]:
    """(depth, width, network) of ±1 block (later 3 % of them), ±3 % width, times ``reach``; no axis under the base's if growing."""
    total, up = sum(base.blocks), at.gamma > base.resolution or at.alpha > 1 or at.beta > 1
    most = max(reach, round(total * at.alpha * 0.03 * (reach - 1)))
    steps = range(-most, most + 1) if base.factory is None else (-50, 0, 50)  # thousandths
    blocks = {round(total * at.alpha) + step for step in steps}
    blocks = {max(total, n) if up else min(total, max(len(base.blocks), n)) for n in blocks}
    widths: dict[tuple[int, ...], float] = {}
    for factor in np.linspace(1 - 0.03 * reach, 1 + 0.03 * reach, 12 * reach + 1).tolist():
        w = max(1.0, at.beta * factor) if up else min(1.0, at.beta * factor)
        widths.setdefault(widen(base, w, "nearest", divisor), w)
    for t, w in product(sorted(blocks), sorted(widths.values())):
        yield t / total, w, scale(base, t / total, w, base.resolution, "nearest", divisor)


def solve(base: Architecture, triple: Triple, phi: float, divisor: int) -> tuple[float, float, Architecture]:
    """(depth, width, network) under ``nearest`` whose real MACs are 2^φ times the base's.

    Of the networks around the point of the triple where cost is nearest, those within CLOSE of the target count as equal
    and the one fewest doublings from the point is taken; where there is none, the nearest in cost. A base with a largest px
    (EfficientNetV2) stops there, and depth and width take what is left.

    Raises:
        InputError: the triple is (1, 1, 1), so no step changes the cost, or px alone grows and would pass the largest.
    """
    if triple.product <= 1:
        raise InputError("alpha, beta and gamma are all 1: nothing grows", "give a triple with a product near 2")
    target, cap = cost(base).macs * 2.0**phi, largest_px(base) or 10**6
    until = math.log(cap / base.resolution, triple.gamma) if triple.gamma > 1 else math.inf  # steps to the largest px

    def at(step: float) -> Triple:
        px = base.resolution * triple.gamma ** min(step, until)  # γ^step alone can overflow
        return Triple(triple.alpha**step, triple.beta**step, min(cap, px))

    def macs(step: float) -> int:
        d, w, r = at(step)
        return cost(scale(base, d, w, max(1, round(r)), "nearest", divisor)).macs

    low, high = sorted((0.0, 2.5 * phi / math.log2(triple.product)))  # real cost may grow slower than the product
    if high > until:
        high, reached, growth = until, macs(until), triple.alpha * triple.beta**2
        if reached < target and growth > 1:
            low, high = until, until + 2.5 * phi / math.log2(growth)
        elif reached < target * (1 - NEAR):
            raise _past(cap, base, phi, target)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if macs(middle) < target else (low, middle)
    limits = (base.resolution, cap) if phi > 0 else (1, base.resolution)
    for reach in (1, 2, 3, 4):
        grade, depth, width, arch = _best(base, at(high), limits, target, divisor, reach)
        if grade <= 1:
            break
    return depth, width, arch


def _past(cap: int, base: Architecture, phi: float, target: float) -> InputError:
    """What to say when px alone grows, and the target (MACs) lies past the largest, ``cap``."""
    curve, sides = cost_curve(base), range(cap, round(base.resolution * 2.0 ** (phi + 1)))
    needed = sides[bisect_left(sides, target, key=lambda px: curve.at_resolution(px).macs)]
    words = f"φ = {phi:g} needs {needed} px where nothing else grows, and {base.base} stops at {cap} px"
    return InputError(words, "give alpha or beta more than 1, or a smaller φ")


def _best(
    base: Architecture, point: Triple, limits: tuple[int, int], target: float, divisor: int, reach: int
) -> tuple[float, float, float, Architecture]:
    """(grade, depth, width, network) of the best network up to ``reach`` steps around the point; grades over 1 are misses."""
    found, (floor, cap) = [], limits
    for depth, width, arch in _around(base, point, divisor, reach):
        curve = cost_curve(arch)
        away = abs(math.log2(depth / point.alpha)) + 2 * abs(math.log2(width / point.beta))
        middle = min(cap, max(floor, round(point.gamma)))
        away_px = 6 * reach if base.factory is None else reach  # each network of a factory is built to be measured
        for px in range(max(floor, middle - away_px), min(cap, middle + away_px) + 1):
            error = abs(curve.at_resolution(px).macs / target - 1)
            distance = away + 2 * abs(math.log2(px / point.gamma))
            grade = 0.0 if error <= CLOSE else 1.0 if error <= NEAR else 1 + error
            found.append(((grade, distance), depth, width, replace(arch, resolution=px)))
    (grade, _), depth, width, arch = min(found, key=lambda f: f[0])
    return grade, depth, width, arch


def _member(
    base: Architecture, triple: Triple, phi: float, rounding: Rounding, divisor: int
) -> tuple[float, float, Architecture]:
    """(depth, width, network) of one φ.

    Raises:
        InputError: a coefficient is out of range, or see :func:`solve`.
    """
    for name, value in triple._asdict().items():
        if not 1 <= value <= 4:
            raise InputError(
                f"{name} is {value:g}; it must be from 1 to 4", "coefficients are growth factors of one step of φ"
            )
    if rounding == "nearest":
        return solve(base, triple, phi, divisor)
    depth, width, growth = multipliers(triple, phi)
    px = min(largest_px(base) or 10**6, round(base.resolution * growth))
    return depth, width, scale(base, depth, width, px, rounding, divisor)


def _missed(m: Model, base: Architecture, triple: Triple, divisor: int) -> list[str]:
    """What to say of a network whose real MACs are not 2^φ times the base's; nothing where they are."""
    if abs(m.macs_ratio / m.target_ratio - 1) <= MISSED:
        return []
    least = {
        "one block a stage": triple.alpha > 1 and m.repeats == list(round_blocks(base.blocks, 0, "nearest")),
        f"{divisor} channels a stage": triple.beta > 1 and m.channels == list(widen(base, 0, "nearest", divisor)),
        "1 px": triple.gamma > 1 and m.resolution == 1,
    }
    left = " and ".join(words for words, reached in least.items() if reached and m.target_ratio < 1)
    why = f"{left} is left" if left else "blocks, channels and px are too coarse steps there"
    cost_words = f"{m.macs_ratio:.3g}× the MACs of B0 instead of {m.target_ratio:.3g}×"
    return [f"{m.name.upper()}: φ = {m.phi:g} cannot be reached, it has {cost_words}: {why}"]


def family(
    triple: Triple,
    base: Architecture = EFFICIENTNET_B0,
    phi: Sequence[float] = PUBLISHED_PHI,
    rounding: Rounding = "nearest",
    divisor: int = 8,
    lenient: bool = False,
) -> Family:
    """B0 (the base) and a network for each φ; ``lenient`` leaves out those that cannot be built, and says so in the notes.

    Raises:
        InputError: the triple cannot grow anything, an axis would shrink, or px would pass the base's largest.
    """
    home = {"phi": 0.0, "depth": 1.0, "width": 1.0, "target_ratio": 1.0, "dropout": dropout_at(0)}
    models = [_model("b0", base, base, **home)]
    notes, refused = list[str](), dict[float, str]()
    for i, step in enumerate(phi, 1):
        try:
            depth, width, arch = _member(base, triple, step, rounding, divisor)
        except InputError as e:
            if not lenient:
                raise
            refused[step] = e.message
            continue
        name = f"b{i}" if step > 0 else f"b-{i}"
        sizes = {"phi": step, "depth": depth, "width": width, "target_ratio": 2.0**step, "dropout": dropout_at(step)}
        models.append(_model(name, base, arch, **sizes))
        notes += _missed(models[-1], base, triple, divisor) if rounding == "nearest" else []
    if refused:
        missing, why = ", ".join(f"{step:g}" for step in refused), next(iter(refused.values()))
        notes.append(f"the family has no network at φ = {missing}: {why}")
    return Family(base.base, rounding, triple, tuple(models), None if base.base in FACTS else base, tuple(notes))


def released() -> Family:
    """The released EfficientNets: literals that are no powers of one triple, with the φ that fits each best."""
    models = []
    for i, (depth, width, px, dropout) in enumerate(RELEASED):
        arch = scale(EFFICIENTNET_B0, depth, width, px, "official")
        phi = fit_phi(PAPER, depth, width, px / EFFICIENTNET_B0.resolution)
        given = {"depth": depth, "width": width, "dropout": dropout, "phi": None}
        models.append(_model(f"b{i}", EFFICIENTNET_B0, arch, phi_fitted=phi, target_ratio=2.0**phi, **given))
    return Family("efficientnet_b0", "official", PAPER, tuple(models))


def triple_for(
    shares: Shares, base: Architecture, rounding: Rounding = "nearest", divisor: int = 8, down: bool = False
) -> Triple:
    """α = 2^(ta), β = 2^(tb/2), γ = 2^(tc/2) with t such that the base's real MACs double at φ = 1, or halve at −1 (``down``).

    t is near 1. Real MACs step with t, so it is the one t at which they pass 2, or ½.
    """

    def macs(t: float) -> int:
        d, w, r = triple_of(shares, -t if down else t)
        return cost(scale(base, d, w, max(1, round(base.resolution * r)), rounding, divisor)).macs

    once = cost(base).macs
    low, high = 0.25, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        short = 2 * macs(middle) > once if down else macs(middle) < 2 * once
        low, high = (middle, high) if short else (low, middle)
    return triple_of(shares, high)
