"""Families: the networks B1 … Bn of a triple with their real cost, and the triple of given shares.

With ``nearest`` rounding each network is solved so that its real MACs are 2^φ times the base's; a network that still misses is
noted. With ``official`` rounding (the released code's) the multipliers are used as they are, and the ratio of MACs follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture, Rounding, round_blocks, scale, widen
from scaling_search.networks.bases import EFFICIENTNET_B0, FACTS, base_network, largest_px
from scaling_search.networks.coefficients import PAPER, PUBLISHED_PHI, Shares, Triple, fit_phi, multipliers, triple_of
from scaling_search.networks.cost import cost
from scaling_search.networks.phi_solver import MAX_PX, solve
from scaling_search.networks.released import RELEASED, dropout_at

SHRINKING_NOTE = (
    "Coefficients found for larger networks are not the best for smaller ones: when shrinking, resolution and depth matter more "
    "than width (TinyNet, Han et al. 2020, arXiv 2010.14819). Search below the base (budget.target: 0.5) instead."
)
"""The warning wherever coefficients are used with a negative φ."""

NOTED_ERROR = 0.02
"""Relative error of real MACs above which a family notes that 2^φ was not reached."""


class FamilyMember(BaseModel):
    """One network of a family. ``resolution`` is in px, ``macs_ratio`` is relative to b0, ``target_ratio`` is 2^φ.

    ``repeats`` are the blocks of each stage, ``channels`` those of the stem, each stage and the head. ``phi_fitted`` is set
    only for released networks, whose φ is fitted to their literals.
    """

    model_config = ConfigDict(frozen=True)

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


class Family(BaseModel):
    """B0 … Bn of one base and one triple. ``network`` is the base in JSON form if it is not a registered one, else None.

    ``notes`` are sentences about networks that are missing or miss 2^φ.
    """

    model_config = ConfigDict(frozen=True)

    base: str
    rounding: Rounding
    alpha: float
    beta: float
    gamma: float
    models: tuple[FamilyMember, ...]
    network: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

    @property
    def base_architecture(self) -> Architecture:
        """The network that the family scales."""
        return base_network(self.base) if self.network is None else Architecture.from_dict(self.network)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form that `family --json` prints; fields that were never set are absent."""
        return self.model_dump(mode="json", exclude_unset=True)


def family_member(name: str, base: Architecture, arch: Architecture, **fields: Any) -> FamilyMember:
    """The member of an architecture; ``fields`` are those that the architecture does not determine."""
    total = cost(arch)
    return FamilyMember(
        name=name,
        resolution=arch.resolution,
        repeats=list(arch.blocks),
        channels=list(arch.channels),
        params=total.params,
        macs=total.macs,
        macs_ratio=total.macs / cost(base).macs,
        **fields,
    )


def _member(
    base: Architecture, triple: Triple, phi: float, rounding: Rounding, divisor: int
) -> tuple[float, float, Architecture]:
    """(depth, width, network) at one φ.

    Raises:
        InputError: a coefficient is out of range, nothing grows, or px would exceed the base's largest.
    """
    for name, value in triple._asdict().items():
        if not 1 <= value <= 4:
            raise InputError(
                f"{name} is {value:g}; it must be from 1 to 4", "coefficients are growth factors of one step of φ"
            )
    if rounding == "nearest":
        return solve(base, triple, phi, divisor)
    depth, width, growth = multipliers(triple, phi)
    px = min(largest_px(base) or MAX_PX, round(base.resolution * growth))
    return depth, width, scale(base, depth, width, px, rounding, divisor)


def _miss_notes(m: FamilyMember, base: Architecture, triple: Triple, divisor: int) -> list[str]:
    """A note if the model's real MACs are not 2^φ times the base's."""
    if abs(m.macs_ratio / m.target_ratio - 1) <= NOTED_ERROR:
        return []
    at_minimum = {
        "one block a stage": triple.alpha > 1 and m.repeats == list(round_blocks(base.blocks, 0, "nearest")),
        f"{divisor} channels a stage": triple.beta > 1 and m.channels == list(widen(base, 0, "nearest", divisor)),
        "1 px": triple.gamma > 1 and m.resolution == 1,
    }
    minima = " and ".join(size for size, reached in at_minimum.items() if reached and m.target_ratio < 1)
    reason = f"{minima} is left" if minima else "blocks, channels and px are too coarse steps there"
    ratios = f"{m.macs_ratio:.3g}× the MACs of B0 instead of {m.target_ratio:.3g}×"
    return [f"{m.name.upper()}: φ = {m.phi:g} cannot be reached, it has {ratios}: {reason}"]


def family(
    triple: Triple,
    base: Architecture = EFFICIENTNET_B0,
    phi: Sequence[float] = PUBLISHED_PHI,
    rounding: Rounding = "nearest",
    divisor: int = 8,
    lenient: bool = False,
) -> Family:
    """B0 (the base) and a network for each φ. With ``lenient``, networks that cannot be built are left out and noted.

    Raises:
        InputError: a coefficient is out of range, nothing grows, or px would exceed the base's largest.
    """
    b0 = {"phi": 0.0, "depth": 1.0, "width": 1.0, "target_ratio": 1.0, "dropout": dropout_at(0)}
    models = [family_member("b0", base, base, **b0)]
    notes, failures = list[str](), dict[float, str]()
    for i, step in enumerate(phi, 1):
        try:
            depth, width, arch = _member(base, triple, step, rounding, divisor)
        except InputError as e:
            if not lenient:
                raise
            failures[step] = e.message
            continue
        name = f"b{i}" if step > 0 else f"b-{i}"
        fields = {"phi": step, "depth": depth, "width": width, "target_ratio": 2.0**step, "dropout": dropout_at(step)}
        models.append(family_member(name, base, arch, **fields))
        if rounding == "nearest":
            notes += _miss_notes(models[-1], base, triple, divisor)
    if failures:
        missing, reason = ", ".join(f"{step:g}" for step in failures), next(iter(failures.values()))
        notes.append(f"the family has no network at φ = {missing}: {reason}")
    values: dict[str, Any] = {"base": base.base, "rounding": rounding, **triple._asdict(), "models": tuple(models)}
    if base.base not in FACTS:
        values["network"] = base.to_dict()
    if notes:
        values["notes"] = tuple(notes)
    return Family(**values)


def released() -> Family:
    """The released EfficientNets. Their literals are not powers of one triple; ``phi_fitted`` is the φ that fits best."""
    models = []
    for i, (depth, width, px, dropout) in enumerate(RELEASED):
        arch = scale(EFFICIENTNET_B0, depth, width, px, "official")
        phi = fit_phi(PAPER, depth, width, px / EFFICIENTNET_B0.resolution)
        fields = {"depth": depth, "width": width, "dropout": dropout, "phi": None}
        models.append(family_member(f"b{i}", EFFICIENTNET_B0, arch, phi_fitted=phi, target_ratio=2.0**phi, **fields))
    return Family(base="efficientnet_b0", rounding="official", **PAPER._asdict(), models=tuple(models))


def triple_for(
    shares: Shares, base: Architecture, rounding: Rounding = "nearest", divisor: int = 8, down: bool = False
) -> Triple:
    """α = 2^(ta), β = 2^(tb/2), γ = 2^(tc/2) for shares (a, b, c), with t such that real MACs double at φ = 1.

    With ``down``, t is such that they halve at φ = −1. Real MACs are a step function of t; t, which is near 1, is the point
    where they pass 2 (or ½) times the base's.
    """

    def macs(t: float) -> int:
        d, w, r = triple_of(shares, -t if down else t)
        return cost(scale(base, d, w, max(1, round(base.resolution * r)), rounding, divisor)).macs

    base_macs = cost(base).macs
    low, high = 0.25, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        too_small = 2 * macs(middle) > base_macs if down else macs(middle) < 2 * base_macs
        low, high = (middle, high) if too_small else (low, middle)
    return triple_of(shares, high)
