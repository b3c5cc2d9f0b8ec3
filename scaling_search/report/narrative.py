"""The finding in plain words: what is chosen, how sure that is, what it cannot tell apart, what would make it surer."""

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

TIES_ALL, TIES_MOST = NO_PREFERENCE, 0.5
"""Parts of the networks that tie, from which on nothing, or little, is found."""
GOAL = 0.5
"""Points between corners that a surer study would show."""


def shares_words(shares: Sequence[float]) -> str:
    """depth 64% and resolution 36%; axes that get nothing are left out; depth alone."""
    if max(shares) >= 0.995:
        return AXIS_ALONE[AXES[int(np.argmax(shares))]]
    return join_words([f"{axis} {s:.0%}" for axis, s in zip(AXES, shares, strict=True) if s >= 0.005])


def headline(found: StudyData) -> str:
    """The finding in one line."""
    choice = found.choice
    if choice is None:
        return "Nothing is chosen yet"
    split = shares_words(choice["shares"])
    if found.surface is None:
        return f"Best seen so far: {split}"
    tied = choice["tie_fraction"]
    if tied >= TIES_ALL:
        return "No preference: every way to spend a doubling ties"
    rest = f"{tied:.0%} of the networks tie with it"
    return f"It leans towards {split}, but {rest}" if tied > TIES_MOST else f"Spend a doubling on {split}; {rest}"


def map_title(found: StudyData, surface: SurfaceGrid | None, probability: float) -> str:
    """What the triangle shows."""
    if found.choice is None or surface is None:
        means = [n.mean for n in found.networks if n.mean is not None]
        return (
            f"{len(means)} networks ran: {min(means):.1%} to {max(means):.1%}" if means else "No network has finished"
        )
    tied = found.choice["tie_fraction"]
    if tied < 1 - TIES_MOST:
        return f"All but {tied:.0%} of the networks are ruled out"
    ruled = surface.shares[surface.worse >= probability]
    if not len(ruled):
        return "Nothing is ruled out"
    mean, part = ruled.mean(axis=0), f"{1 - tied:.0%} of the networks"
    most = f", those that spend most on {AXES[int(mean.argmax())]}" if mean.max() > 0.5 else ", the hatched ones"
    return f"Ruled out so far: {part}{most}"


def paragraphs(found: StudyData) -> list[tuple[str, str]]:
    """(lead, words) of the four paragraphs."""
    choice = found.choice
    if choice is None:
        done = sum(r.state == "complete" for r in found.rows)
        words = f"{done} of {len(found.rows)} planned runs are complete. A choice is made when a round of runs is."
        return [("What is chosen.", words)]
    parts = [("What is chosen.", _chosen(found, choice)), ("How sure that is.", _sure(found, choice))]
    parts.append(("What it cannot tell apart.", _ties(found, choice)))
    return [*parts, ("What would make it surer.", _surer(found, choice))]


def _chosen(found: StudyData, choice: dict[str, Any]) -> str:
    nothing = found.surface is not None and choice["tie_fraction"] >= TIES_ALL
    words = "Nothing is preferred; if one way must be named, spend" if nothing else "Spend"
    words += f" each doubling of cost on {shares_words(choice['shares'])}. "
    words += f"For {found.spec.family.base} at {found.spec.family.resolution} px that is "
    words += (
        f"α = {choice['alpha']:.3f} (depth), β = {choice['beta']:.3f} (width), γ = {choice['gamma']:.3f} (resolution). "
    )
    held = "" if found.spec.budget.cost == "macs" else f" in {found.spec.budget.cost}"
    if found.surface is not None:
        return words + (
            f"It is where a surface fitted to {choice['runs']} runs of {choice['networks']} networks is highest, "
            f"among the {round(len(choice['tie_region']) / choice['tie_fraction'])} real networks that cost "
            f"{found.spec.budget.target:g}× the base{held}."
        )
    return words + f"It is the best observed mean of {choice['networks']} networks ({choice['runs']} runs), not a fit."


def _sure(found: StudyData, choice: dict[str, Any]) -> str:
    low, high = choice["accuracy_interval"]
    length = "the longer runs" if found.long else "runs this short"
    words = (
        f"Its accuracy in {length} is expected to be {choice['accuracy']:.1%} (90% interval {low:.1%} to {high:.1%})"
    )
    if found.surface is None:
        return words + ", which is optimistic: the best of several noisy means always is."
    words += (
        f". On average the choice falls {max(choice['expected_regret'], 0.01):.2f} points short of the best there is. "
    )
    better = {k: p for k, p in choice["probability_better_than"].items() if p is not None}
    likely = [f"{_sureness(p)} against {REFERENCES[k]}" for k, p in better.items()]
    return words + (f"The probability that it is better is {join_words(likely)}." if likely else "")


def _sureness(p: float) -> str:
    """A probability, never as certainty."""
    return "over 99%" if p > 0.99 else "under 1%" if p < 0.01 else f"{p:.0%}"


def _ties(found: StudyData, choice: dict[str, Any]) -> str:
    if found.spec.budget.mode == "nominal":
        ratios = [c.macs_ratio for c in found.candidates]
        return (
            f"More accurate from more expensive: on this nominal grid the networks really cost from {min(ratios):.2f}× to "
            f"{max(ratios):.2f}× the base, so their accuracies partly rank their cost. No network is ruled out."
        )
    if found.surface is None:
        return f"Anything: with {choice['networks']} networks there is no surface, and no network is ruled out."
    shares = np.array([t["shares"] for t in choice["tie_region"]])
    ranges = [f"{axis} {lo:.0%} to {hi:.0%}" for axis, lo, hi in zip(AXES, shares.min(0), shares.max(0), strict=True)]
    tied = choice["tie_fraction"]
    part = "All" if tied >= 1 else f"{tied:.0%}"
    return (
        f"{part} of the networks may be as good: for them, being worse than the choice by more than "
        f"{found.spec.search.indifference:g} points is less than 90% sure. They reach over {join_words(ranges)} of the "
        f"doubling. {_lengths(found, choice)}"
    ) + "".join(f" {w[0].upper()}{w[1:]}." for w in choice.get("warnings", []) if w != CONFIRM_OFF)


def _lengths(found: StudyData, choice: dict[str, Any]) -> str:
    """What short runs say of longer ones."""
    moved = choice.get("movement")
    if moved is not None:
        return f"{moved['words'][0].upper()}{moved['words'][1:]}." if moved["within_ties"] else ""
    return (
        f"And whatever the number of runs, runs of {_length(found)} do not say how long ones would rank: "
        "short training favours width, long training depth."
    )


def _length(found: StudyData) -> str:
    proxy = found.spec.proxy
    return f"{proxy.epochs} epoch{'s' * (proxy.epochs != 1)} over {proxy.train_size:,} images"


def _surer(found: StudyData, choice: dict[str, Any]) -> str:
    if found.spec.budget.mode == "nominal":
        return (
            "A search at equal real cost (" + Markup("<code>budget: {{mode: real}}</code>").format() + " in the spec)."
        )
    if found.surface is None:
        missing = MODEL_NEEDS - choice["networks"]
        words = f"More networks: from {MODEL_NEEDS} on, a surface is fitted. "
        return words + _extend(found, max(missing, 1)) + " adds runs."
    done = [n for n in found.networks if n.accuracies]
    shares, counts = np.array([n.shares for n in done]), np.array([len(n.accuracies) for n in done], float)
    now = detectable_difference(shares, counts, found.surface.sigma, found.surface.tau)
    words = f"These runs show a difference between two corners of the triangle if it is at least {now:.1f} points (80% power)"
    if now <= GOAL:
        return f"{words}, which is fine enough to settle most questions; longer runs would say more than further ones."
    more = round_up(counts.sum() * ((now / GOAL) ** 2 - 1))
    words += f". To see {GOAL:g} points, about {more} more runs of further networks are needed"
    seconds = [r.seconds for r in found.rows if r.role == "candidate" and r.seconds is not None]
    words += f" (some {rough_duration(more * float(np.mean(seconds)))} of training)" if seconds else ""
    return f"{words}: " + _extend(found, more) + ". Longer runs would help in another way, as said above."


def _extend(found: StudyData, trials: int) -> Markup:
    """The command that adds runs."""
    return Markup("<code>scaling-search extend {} --trials {}</code>").format(found.study.name, trials)
