"""What could be wrong with a choice, as numbers and in plain words: the cross-check, the fit's misses, short against long runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import f as f_distribution

from scaling_search.analysis.multimodality import Bimodality
from scaling_search.analysis.observations import Observations
from scaling_search.analysis.response_surface import Surface, columns
from scaling_search.networks.candidates import Candidate
from scaling_search.networks.coefficients import Shares

Array = npt.NDArray[np.float64]

DISAGREE = 0.9
"""Probability that the quadratic's choice is worse by more than the indifference, from which on that is said: no tie."""
TWO_TOPS = 0.5
"""Probability of two tops from which on that is said; how often rightly is measured in tests/benchmarks/selection, ties."""
MISFIT = 0.01
"""p-value under which the quadratic is said to miss the networks' means."""
CONFIRM_OFF = (
    "every run was short, so nothing shows how the ranking moves with longer training, which is known to favour depth: "
    "turn the confirm stage on (search.stages.confirm)"
)


@dataclass(frozen=True)
class ModelCheck:
    """What the plain quadratic would choose: ``behind`` the choice by the whole model's mean (points), and how surely.

    ``tops`` is what two-topped shapes say, which the quadratic cannot take.
    """

    key: str
    shares: Shares
    gap_points: float
    probability: float
    tops: Bimodality

    @property
    def disagrees(self) -> bool:
        """Whether its choice is worse by more than the indifference, by the whole model."""
        return self.probability >= DISAGREE

    @property
    def is_bimodal(self) -> bool:
        """Whether two tops are likelier than one or none."""
        return self.tops.probability >= TWO_TOPS

    def to_dict(self) -> dict[str, Any]:
        """The JSON form of a choice's ``cross_check``."""
        return {
            "key": self.key,
            "shares": self.shares,
            "behind": self.gap_points,
            "probability": self.probability,
            "tops": asdict(self.tops),
            "two_tops": self.is_bimodal,
            "disagrees": self.disagrees,
        }

    @property
    def words(self) -> list[str]:
        """What speaks against one plain hill; nothing if it fits."""
        first, second = (shown(shares) for shares in self.tops.shares)
        tops = (
            f"the surface may have two tops (probability {self.tops.probability:.0%}), near {first} and {second}: "
            "a family between them would be worse than either"
        )
        disagreement = (
            f"the cross-check disagrees: a plain quadratic would choose {shown(self.shares)}, {self.gap_points:.1f} points lower "
            "by the fit"
        )
        return [tops] * self.is_bimodal + [disagreement] * self.disagrees


def cross_check(
    plain: Surface,
    tops: Bimodality,
    values: Array,
    best: int,
    candidates: Sequence[Candidate],
    x: Array,
    far: float,
    long: bool,
) -> ModelCheck:
    """The plain quadratic's choice among candidates of shares ``x`` (n, 3), judged by the whole model's ``values`` (draws, n)."""
    other = int(plain.expected(x, long).argmax())
    gap = values[:, best] - values[:, other]
    chosen = candidates[other]
    return ModelCheck(chosen.key, chosen.shares, float(gap.mean()), float((gap > far).mean()), tops)


@dataclass(frozen=True)
class LackOfFit:
    """Misses of the quadratic's least squares over replicate noise: an F ratio, its degrees of freedom, its p-value."""

    ratio: float
    freedom: tuple[int, int]
    p_value: float

    @property
    def words(self) -> str:
        """What a small p-value means."""
        return (
            f"the networks' means lie {self.ratio:.1f} times farther from a quadratic than replicate noise explains (p {self.p_value:.1g}): "
            "rounding, or a surface with more structure"
        )


def lack_of_fit(data: Observations) -> LackOfFit | None:
    """Pure-error F test (Box & Draper 1987, ch. 3); None without replicates or with no more cells than coefficients."""
    x = columns(data.shares, data.long, False)
    rank = int(np.linalg.matrix_rank(x))
    freedom = (len(data.mean) - rank, data.runs - len(data.mean))
    if min(freedom) < 1 or data.within_ss <= 0:
        return None
    root = np.sqrt(data.count)
    solution = np.linalg.lstsq(x * root[:, np.newaxis], data.mean * root, rcond=None)[0]
    missed = float(((data.mean - x @ solution) ** 2 * data.count).sum())
    ratio = missed / freedom[0] / (data.within_ss / freedom[1])
    return LackOfFit(ratio, freedom, float(f_distribution.sf(ratio, *freedom)))


@dataclass(frozen=True)
class ShortVsLong:
    """Where the optimum lies in short and in long runs, how far apart (shares), and whether the short one still ties."""

    short: Shares
    long: Shares
    distance: float
    within_ties: bool

    @property
    def words(self) -> str:
        """The finding."""
        moved = f"short runs favour {shown(self.short)}, runs of the confirm stage {shown(self.long)}"
        return moved + (
            ", which tie" if self.within_ties else ": short runs mislead here; the choice is read at the longer ones"
        )


def movement(surface: Surface, x: Array, best: int, tied: set[int]) -> ShortVsLong:
    """The optimum of short runs against ``best``, that of long ones, among candidates of shares ``x`` (n, 3)."""
    before = int(surface.expected(x, long=False).argmax())
    (a, b, c), (d, e, f) = x[before].tolist(), x[best].tolist()
    return ShortVsLong((a, b, c), (d, e, f), float(np.linalg.norm(x[before] - x[best])), before in tied)


def shown(shares: Shares) -> str:
    """Depth / width / resolution in per cent."""
    return " / ".join(f"{100 * s:.0f}" for s in shares) + " % (depth / width / resolution)"


def warnings(check: ModelCheck, fit: LackOfFit | None, moved: ShortVsLong | None) -> list[str]:
    """What a person should know about a fitted choice, most important first."""
    said = [CONFIRM_OFF] if moved is None else [] if moved.within_ties else [moved.words]
    return said + check.words + ([fit.words] if fit is not None and fit.p_value < MISFIT else [])
