"""A validation as a table, as one sentence, and as files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from scaling_search.analysis.validation import ArmResult
from scaling_search.report.format import join_words
from scaling_search.report.labels import ARMS
from scaling_search.spec.study import StudySpec


def finding(arms: Sequence[ArmResult]) -> str:
    """The result in one sentence. The base is not compared: it costs less."""
    if not any(r.arm == "chosen" for r in arms):
        return "The chosen network has no complete run yet"
    return comparison_sentence({r.arm: r.lead_interval for r in arms if r.arm != "base"})


def comparison_sentence(leads: Mapping[str, Sequence[float] | None]) -> str:
    """One sentence: the networks that the chosen one beats or loses to, as the 95 % intervals of its leads exclude 0."""
    intervals = {arm: (interval[0], interval[1]) for arm, interval in leads.items() if interval is not None}
    beaten = [ARMS[arm] for arm, (low, _) in intervals.items() if low > 0]
    better = [ARMS[arm] for arm, (_, high) in intervals.items() if high < 0]
    if not intervals:
        return "There is nothing yet to tell the networks apart by"
    if not beaten + better:
        return "The chosen network cannot be told from the others"
    parts = []
    if better:
        parts.append(f"is beaten by {join_words(better)}")
    if beaten:
        parts.append(f"beats {join_words(beaten)}")
    rest = "" if len(beaten + better) == len(intervals) else "; the rest cannot be told from it"
    return f"The chosen network {' and '.join(parts)}{rest}"


FORMATS = ("json", "csv", "markdown")


COLUMNS = [
    "network",
    "shares d / w / r",
    "× base",
    "runs",
    "test accuracy",
    "95 % interval",
    "chosen leads by",
    "seconds",
]


def table_rows(arms: Sequence[ArmResult]) -> list[list[str]]:
    """One row per arm, in COLUMNS."""
    rows = []
    for r in arms:
        shares = "" if r.shares is None else " / ".join(f"{100 * s:.0f}" for s in r.shares)
        interval = "" if r.interval is None else f"{r.interval[0]:.2%} to {r.interval[1]:.2%}"
        lead = "" if r.lead is None else f"{r.lead:+.2f}"
        lead += "" if r.lead_interval is None else f" ({r.lead_interval[0]:+.2f} to {r.lead_interval[1]:+.2f})"
        cost = [f"{r.macs_ratio:.3f}", str(r.runs), f"{r.test:.2%}", interval, lead, f"{r.seconds:.0f}"]
        rows.append([ARMS[r.arm], shares, *cost])
    return rows


def render(spec: StudySpec, arms: Sequence[ArmResult], versions: dict[str, str], form: str) -> str:
    """The results in one of FORMATS; JSON and CSV have all numbers, Markdown is the table."""
    assert spec.validation is not None
    if form == "markdown":
        return str(pd.DataFrame(table_rows(arms), columns=COLUMNS).to_markdown(index=False)) + "\n"
    if form == "csv":
        return pd.DataFrame([asdict(r) for r in arms]).to_csv(index=False)
    facts = {"study": spec.name, "phi": spec.validation.phi, "seeds": spec.validation.seeds}
    document = {**facts, "epochs": spec.proxy.epochs, "arms": [asdict(r) for r in arms], "versions": versions}
    return json.dumps(document, indent=2) + "\n"
