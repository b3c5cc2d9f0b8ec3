"""The finding in sentences: what is chosen, how sure that is, which networks tie with it, and what would reduce the doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from scaling_search.analysis.diagnostics import CONFIRM_OFF
from scaling_search.analysis.response_surface import detectable_difference
from scaling_search.analysis.selection import MODEL_NEEDS, NO_PREFERENCE
from scaling_search.networks.coefficients import AXES
from scaling_search.report.format import join_words, rough_duration, round_up
from scaling_search.report.labels import AXIS_ALONE, REFERENCES
from scaling_search.report.study_data import StudyData, SurfaceGrid

WEAK_PREFERENCE = 0.5
"""If more than this part of the networks ties with the choice, the headline only says "leans towards"."""
GOAL_POINTS = 0.5
"""The difference between two corners that the suggested number of further runs would show."""


def shares_text(shares: Sequence[float]) -> str:
    """``depth 64% and resolution 36%``, without axes that get nothing; or ``depth alone``."""
    if max(shares) >= 0.995:
        return AXIS_ALONE[AXES[int(np.argmax(shares))]]
    return join_words([f"{axis} {s:.0%}" for axis, s in zip(AXES, shares, strict=True) if s >= 0.005])


def headline(data: StudyData) -> str:
    """The finding in one line, as the page's title."""
    choice = data.choice
    if choice is None:
        return "Nothing is chosen yet"
    split = shares_text(choice["shares"])
    if data.surface is None:
        return f"Best seen so far: {split}"
    tied = choice["tie_fraction"]
    if tied >= NO_PREFERENCE:
        return "No preference: every way to spend a doubling ties"
    rest = f"{tied:.0%} of the networks tie with it"
    return f"It leans towards {split}, but {rest}" if tied > WEAK_PREFERENCE else f"Spend a doubling on {split}; {rest}"


def map_title(data: StudyData, surface: SurfaceGrid | None, probability: float) -> str:
    """The triangle's title; networks are ruled out if they are worse with at least this ``probability``."""
    if data.choice is None or surface is None:
        means = [n.mean for n in data.networks if n.mean is not None]
        return (
            f"{len(means)} networks ran: {min(means):.1%} to {max(means):.1%}" if means else "No network has finished"
        )
    tied = data.choice["tie_fraction"]
    if tied < 1 - WEAK_PREFERENCE:
        return f"All but {tied:.0%} of the networks are ruled out"
    ruled_out = surface.shares[surface.worse >= probability]
    if not len(ruled_out):
        return "Nothing is ruled out"
    mean, part = ruled_out.mean(axis=0), f"{1 - tied:.0%} of the networks"
    most = f", those that spend most on {AXES[int(mean.argmax())]}" if mean.max() > 0.5 else ", the hatched ones"
    return f"Ruled out so far: {part}{most}"


def paragraphs(data: StudyData) -> list[tuple[str, str]]:
    """(lead, text) of each paragraph: one without a choice, else four."""
    choice = data.choice
    if choice is None:
        done = sum(r.state == "complete" for r in data.rows)
        text = f"{done} of {len(data.rows)} planned runs are complete. A choice is made when a round of runs is."
        return [("What is chosen.", text)]
    return [
        ("What is chosen.", _chosen(data, choice)),
        ("How sure that is.", _certainty(data, choice)),
        ("What it cannot tell apart.", _ties(data, choice)),
        ("What would make it surer.", _next_runs(data, choice)),
    ]


def _chosen(data: StudyData, choice: dict[str, Any]) -> str:
    nothing = data.surface is not None and choice["tie_fraction"] >= NO_PREFERENCE
    text = "Nothing is preferred; if one way must be named, spend" if nothing else "Spend"
    text += f" each doubling of cost on {shares_text(choice['shares'])}. "
    text += f"For {data.spec.family.base} at {data.spec.family.resolution} px that is "
    text += (
        f"α = {choice['alpha']:.3f} (depth), β = {choice['beta']:.3f} (width), γ = {choice['gamma']:.3f} (resolution). "
    )
    held = "" if data.spec.budget.cost == "macs" else f" in {data.spec.budget.cost}"
    if data.surface is not None:
        return text + (
            f"It is where a surface fitted to {choice['runs']} runs of {choice['networks']} networks is highest, "
            f"among the {round(len(choice['tie_region']) / choice['tie_fraction'])} real networks that cost "
            f"{data.spec.budget.target:g}× the base{held}."
        )
    return text + f"It is the best observed mean of {choice['networks']} networks ({choice['runs']} runs), not a fit."


def _certainty(data: StudyData, choice: dict[str, Any]) -> str:
    low, high = choice["accuracy_interval"]
    length = "the longer runs" if data.long else "runs this short"
    text = f"Its accuracy in {length} is expected to be {choice['accuracy']:.1%} (90% interval {low:.1%} to {high:.1%})"
    if data.surface is None:
        return text + ", which is optimistic: the best of several noisy means always is."
    text += (
        f". On average the choice falls {max(choice['expected_regret'], 0.01):.2f} points short of the best there is. "
    )
    better = {k: p for k, p in choice["probability_better_than"].items() if p is not None}
    comparisons = [f"{_probability(p)} against {REFERENCES[k]}" for k, p in better.items()]
    return text + (f"The probability that it is better is {join_words(comparisons)}." if comparisons else "")


def _probability(p: float) -> str:
    """A percentage, never 0% or 100%."""
    return "over 99%" if p > 0.99 else "under 1%" if p < 0.01 else f"{p:.0%}"


def _ties(data: StudyData, choice: dict[str, Any]) -> str:
    if data.spec.budget.mode == "nominal":
        ratios = [c.macs_ratio for c in data.candidates]
        return (
            f"More accurate from more expensive: on this nominal grid the networks really cost from {min(ratios):.2f}× to "
            f"{max(ratios):.2f}× the base, so their accuracies partly rank their cost. No network is ruled out."
        )
    if data.surface is None:
        return f"Anything: with {choice['networks']} networks there is no surface, and no network is ruled out."
    shares = np.array([t["shares"] for t in choice["tie_region"]])
    ranges = [f"{axis} {lo:.0%} to {hi:.0%}" for axis, lo, hi in zip(AXES, shares.min(0), shares.max(0), strict=True)]
    tied = choice["tie_fraction"]
    part = "All" if tied >= 1 else f"{tied:.0%}"
    return (
        f"{part} of the networks may be as good: for them, being worse than the choice by more than "
        f"{data.spec.search.indifference:g} points is less than 90% sure. They reach over {join_words(ranges)} of the "
        f"doubling. {_lengths(data, choice)}"
    ) + "".join(f" {w[0].upper()}{w[1:]}." for w in choice.get("warnings", []) if w != CONFIRM_OFF)


def _lengths(data: StudyData, choice: dict[str, Any]) -> str:
    """What short runs say about longer ones."""
    movement = choice.get("movement")
    if movement is not None:
        return f"{movement['words'][0].upper()}{movement['words'][1:]}." if movement["within_ties"] else ""
    return (
        f"And whatever the number of runs, runs of {_length(data)} do not say how long ones would rank: "
        "short training favours width, long training depth."
    )


def _length(data: StudyData) -> str:
    proxy = data.spec.proxy
    return f"{proxy.epochs} epoch{'s' * (proxy.epochs != 1)} over {proxy.train_size:,} images"


def _next_runs(data: StudyData, choice: dict[str, Any]) -> str:
    if data.spec.budget.mode == "nominal":
        return (
            "A search at equal real cost (" + Markup("<code>budget: {{mode: real}}</code>").format() + " in the spec)."
        )
    if data.surface is None:
        missing = MODEL_NEEDS - choice["networks"]
        text = f"More networks: from {MODEL_NEEDS} on, a surface is fitted. "
        return text + _extend(data, max(missing, 1)) + " adds runs."
    ran = [n for n in data.networks if n.accuracies]
    shares, counts = np.array([n.shares for n in ran]), np.array([len(n.accuracies) for n in ran], float)
    detectable = detectable_difference(shares, counts, data.surface.sigma, data.surface.tau)
    text = f"These runs show a difference between two corners of the triangle if it is at least {detectable:.1f} points (80% power)"
    if detectable <= GOAL_POINTS:
        return f"{text}, which is fine enough to settle most questions; longer runs would say more than further ones."
    more = round_up(counts.sum() * ((detectable / GOAL_POINTS) ** 2 - 1))
    text += f". To see {GOAL_POINTS:g} points, about {more} more runs of further networks are needed"
    seconds = [r.seconds for r in data.rows if r.role == "candidate" and r.seconds is not None]
    text += f" (some {rough_duration(more * float(np.mean(seconds)))} of training)" if seconds else ""
    return f"{text}: " + _extend(data, more) + ". Longer runs would help in another way, as said above."


def _extend(data: StudyData, trials: int) -> Markup:
    return Markup("<code>scaling-search extend {} --trials {}</code>").format(data.study.name, trials)
