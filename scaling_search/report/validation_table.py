"""A validation as a table and as one sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from scaling_search.analysis.validation import ArmResult
from scaling_search.report.format import join_words
from scaling_search.report.labels import ARMS
from scaling_search.spec.study import StudySpec


def finding(found: Sequence[ArmResult]) -> str:
    """What a validation shows, in a sentence; the base, which costs less, is not judged."""
    if not any(r.arm == "chosen" for r in found):
        return "The chosen network has no complete run yet"
    return comparison_sentence({r.arm: r.lead_interval for r in found if r.arm != "base"})


def comparison_sentence(leads: Mapping[str, Sequence[float] | None]) -> str:
    """Which networks the chosen one beats or loses to: those with a 95 % interval of its lead on one side of 0."""
    judged = {arm: (between[0], between[1]) for arm, between in leads.items() if between is not None}
    beaten = [ARMS[arm] for arm, (low, _) in judged.items() if low > 0]
    better = [ARMS[arm] for arm, (_, high) in judged.items() if high < 0]
    if not judged:
        return "There is nothing yet to tell the networks apart by"
    if not beaten + better:
        return "The chosen network cannot be told from the others"
    said = [f"is beaten by {join_words(better)}"] * bool(better) + [f"beats {join_words(beaten)}"] * bool(beaten)
    rest = "" if len(beaten + better) == len(judged) else "; the rest cannot be told from it"
    return f"The chosen network {' and '.join(said)}{rest}"


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


def table_rows(found: Sequence[ArmResult]) -> list[list[str]]:
    """The table's cells, one row an arm."""
    rows = []
    for r in found:
        shares = "" if r.shares is None else " / ".join(f"{100 * s:.0f}" for s in r.shares)
        interval = "" if r.interval is None else f"{r.interval[0]:.2%} to {r.interval[1]:.2%}"
        lead = "" if r.lead is None else f"{r.lead:+.2f}"
        lead += "" if r.lead_interval is None else f" ({r.lead_interval[0]:+.2f} to {r.lead_interval[1]:+.2f})"
        cost = [f"{r.macs_ratio:.3f}", str(r.runs), f"{r.test:.2%}", interval, lead, f"{r.seconds:.0f}"]
        rows.append([ARMS[r.arm], shares, *cost])
    return rows


def render(spec: StudySpec, found: Sequence[ArmResult], versions: dict[str, str], form: str) -> str:
    """The results as JSON, CSV (all numbers) or a Markdown table."""
    assert spec.validation is not None
    if form == "markdown":
        return str(pd.DataFrame(table_rows(found), columns=COLUMNS).to_markdown(index=False)) + "\n"
    if form == "csv":
        return pd.DataFrame([asdict(r) for r in found]).to_csv(index=False)
    facts = {"study": spec.name, "phi": spec.validation.phi, "seeds": spec.validation.seeds}
    whole = {**facts, "epochs": spec.proxy.epochs, "arms": [asdict(r) for r in found], "versions": versions}
    return json.dumps(whole, indent=2) + "\n"
