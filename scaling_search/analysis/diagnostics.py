"""Diagnostics of a choice: the cross-check, lack of fit, and short against long runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import f as f_distribution

from scaling_search.analysis.multimodality import Bimodality
from scaling_search.analysis.observations import Observations
from scaling_search.analysis.response_surface import Surface, columns
from scaling_search.networks.candidates import Candidate
from scaling_search.networks.coefficients import Shares
from scaling_search.records import CrossCheck, LackOfFit, Movement, Peaks

Array = npt.NDArray[np.float64]

DISAGREEMENT_PROBABILITY = 0.9
"""Warn if the quadratic's choice is worse by more than the indifference with at least this probability."""
BIMODAL_PROBABILITY = 0.5
"""Warn of two maxima from this probability on; its error rates are measured in tests/benchmarks/selection."""
MISFIT_P_VALUE = 0.01
"""Warn of lack of fit under this p-value."""
CONFIRM_OFF = (
    "every run was short, so nothing shows how the ranking moves with longer training, which is known to favour depth: "
    "turn the confirm stage on (search.stages.confirm)"
)


@dataclass(frozen=True)
class ModelCheck:
    """The plain quadratic's choice, judged by the whole model.

    ``gap_points`` is how much lower its posterior mean is than the choice's; ``probability`` that it is worse by more than
    the indifference. ``bimodality`` tests for two maxima, which a quadratic cannot have.
    """

    key: str
    shares: Shares
    gap_points: float
    probability: float
    bimodality: Bimodality

    @property
    def disagrees(self) -> bool:
        """Whether the quadratic's choice is worse by more than the indifference."""
        return self.probability >= DISAGREEMENT_PROBABILITY

    @property
    def is_bimodal(self) -> bool:
        """Whether two maxima are likelier than one or none."""
        return self.bimodality.probability >= BIMODAL_PROBABILITY

    def record(self) -> CrossCheck:
        """The check as part of a choice."""
        return CrossCheck(
            key=self.key,
            shares=self.shares,
            behind=self.gap_points,
            probability=self.probability,
            tops=Peaks(**asdict(self.bimodality)),
            two_tops=self.is_bimodal,
            disagrees=self.disagrees,
        )

    @property
    def messages(self) -> list[str]:
        """Warnings about the fitted surface; empty if there are none."""
        messages = []
        if self.is_bimodal:
            first, second = (percent_text(shares) for shares in self.bimodality.shares)
            messages.append(
                f"the surface may have two tops (probability {self.bimodality.probability:.0%}), near {first} and {second}: "
                "a family between them would be worse than either"
            )
        if self.disagrees:
            messages.append(
                f"the cross-check disagrees: a plain quadratic would choose {percent_text(self.shares)}, "
                f"{self.gap_points:.1f} points lower by the fit"
            )
        return messages


def cross_check(
    plain: Surface,
    peaks: Bimodality,
    values: Array,
    best: int,
    candidates: Sequence[Candidate],
    x: Array,
    indifference: float,
    long: bool,
) -> ModelCheck:
    """The plain quadratic's choice among candidates of shares ``x`` (n, 3), judged by the whole model's ``values`` (draws, n)."""
    other = int(plain.expected(x, long).argmax())
    gap = values[:, best] - values[:, other]
    chosen = candidates[other]
    return ModelCheck(chosen.key, chosen.shares, float(gap.mean()), float((gap > indifference).mean()), peaks)


def lack_of_fit(data: Observations) -> LackOfFit | None:
    """Pure-error F test (Box & Draper 1987, ch. 3); None without replicates or with no more groups than coefficients."""
    x = columns(data.shares, data.long, False)
    rank = int(np.linalg.matrix_rank(x))
    freedom = (len(data.mean) - rank, data.runs - len(data.mean))
    if min(freedom) < 1 or data.within_ss <= 0:
        return None
    root = np.sqrt(data.count)
    solution = np.linalg.lstsq(x * root[:, np.newaxis], data.mean * root, rcond=None)[0]
    lack_ss = float(((data.mean - x @ solution) ** 2 * data.count).sum())
    ratio = lack_ss / freedom[0] / (data.within_ss / freedom[1])
    return LackOfFit(ratio=ratio, freedom=freedom, p_value=float(f_distribution.sf(ratio, *freedom)))


def misfit_message(fit: LackOfFit) -> str:
    """What a small p-value means."""
    return (
        f"the networks' means lie {fit.ratio:.1f} times farther from a quadratic than replicate noise explains "
        f"(p {fit.p_value:.1g}): rounding, or a surface with more structure"
    )


@dataclass(frozen=True)
class ShortVsLong:
    """The optimum of short and of long runs, their distance (in shares), and whether the short one ties at long runs."""

    short: Shares
    long: Shares
    distance: float
    within_ties: bool

    @property
    def message(self) -> str:
        """Both optima, and whether they tie."""
        optima = f"short runs favour {percent_text(self.short)}, runs of the confirm stage {percent_text(self.long)}"
        if self.within_ties:
            return f"{optima}, which tie"
        return f"{optima}: short runs mislead here; the choice is read at the longer ones"

    def record(self) -> Movement:
        """The comparison as part of a choice."""
        return Movement(**asdict(self), words=self.message)


def short_vs_long(surface: Surface, x: Array, best: int, tied: set[int]) -> ShortVsLong:
    """The optimum of short runs against ``best``, that of long ones, among candidates of shares ``x`` (n, 3)."""
    short_best = int(surface.expected(x, long=False).argmax())
    (a, b, c), (d, e, f) = x[short_best].tolist(), x[best].tolist()
    return ShortVsLong((a, b, c), (d, e, f), float(np.linalg.norm(x[short_best] - x[best])), short_best in tied)


def percent_text(shares: Shares) -> str:
    """Depth / width / resolution in per cent."""
    return " / ".join(f"{100 * s:.0f}" for s in shares) + " % (depth / width / resolution)"


def warnings(check: ModelCheck, fit: LackOfFit | None, lengths: ShortVsLong | None) -> list[str]:
    """Warnings about a fitted choice, most important first."""
    messages = []
    if lengths is None:
        messages.append(CONFIRM_OFF)
    elif not lengths.within_ties:
        messages.append(lengths.message)
    messages += check.messages
    if fit is not None and fit.p_value < MISFIT_P_VALUE:
        messages.append(misfit_message(fit))
    return messages
