"""Is the choice better? Networks at equal real cost, trained longer with fresh seeds, judged once by the test split.

A validation is a study of its own, ``NAME.validate``: the unscaled base, the candidates nearest to depth only, width only,
resolution only and the paper's shares, and the chosen one, each with the same seeds. At φ = 2 the same shares are taken on
the set of networks that cost 2^φ as much. Pure: specs and rows in, what is run and what came of it out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import stats

from scaling_search.errors import InputError
from scaling_search.networks.candidates import Candidate, candidate, nearest, nearest_growth
from scaling_search.networks.coefficients import PAPER, Shares, Triple, nominal_shares
from scaling_search.records import Proposal, Role, TrialRow
from scaling_search.spec.search_space import candidates_at
from scaling_search.spec.study import StudySpec, ValidationSpec

NAMES = {
    "base": "unscaled base",
    "depth": "depth only",
    "width": "width only",
    "resolution": "resolution only",
    "paper": "the paper's shares",
    "chosen": "chosen",
}
LONGER = 5
"""Epochs of a validation run over those of the study's proxy runs."""


def validation_name(name: str, phi: float) -> str:
    """The name of a study's validation."""
    return f"{name[:44]}.validate" + (f"-phi{phi:g}" if phi != 1 else "")


def validation_spec(spec: StudySpec, shares: Sequence[float], seeds: int, phi: float, epochs: int | None) -> StudySpec:
    """The study that validates these shares.

    Raises:
        InputError: the study searches a nominal grid, whose networks do not cost the same.
    """
    if spec.budget.mode == "nominal":
        raise InputError(
            f"study {spec.name!r} is a nominal grid: its networks differ in real cost", "set budget.mode: real"
        )
    a, b, c = shares
    validation = ValidationSpec(shares=(a, b, c), seeds=seeds, phi=phi)
    proxy = spec.proxy.model_copy(update={"epochs": epochs or LONGER * spec.proxy.epochs})
    made = spec.model_copy(update={"name": validation_name(spec.name, phi), "validation": validation, "proxy": proxy})
    arms = len(arms_of(made)) - 1
    runs = {"trials": arms * seeds, "base_runs": seeds, "round": arms, "replicates": 0, "seed": spec.search.seed + 1}
    search = spec.search.model_copy(update=runs | {"stages": None, "patience": None, "pruner": "none"})
    return made.model_copy(update={"search": search, "description": f"Validation of {spec.name}."})


def arms_of(spec: StudySpec) -> dict[str, Candidate]:
    """Arm → network, the base first; an arm whose network is the chosen one is left out."""
    validation, base = spec.validation, spec.base_architecture()
    assert validation is not None
    candidates = candidates_at(spec, spec.budget.target**validation.phi)
    chosen = nearest(candidates, validation.shares)
    aims: dict[str, Shares] = {
        "depth": (1.0, 0.0, 0.0),
        "width": (0.0, 1.0, 0.0),
        "resolution": (0.0, 0.0, 1.0),
    }
    others = {name: nearest(candidates, aim) for name, aim in aims.items()}
    others["paper"] = nearest_growth(candidates, nominal_shares(PAPER))
    apart = {name: c for name, c in others.items() if c.key != chosen.key}
    return {"base": candidate(base, base), **apart, "chosen": chosen}


def propose(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> list[Proposal]:
    """Round k: every arm with the k-th seed, those that ``rows`` hold already left out."""
    validation = spec.validation
    assert validation is not None
    arms, have = arms_of(spec), {row.number for row in rows}
    if k >= validation.seeds:
        return []
    made = []
    for number, (name, network) in enumerate(arms.items(), k * len(arms)):
        role: Role = "base" if name == "base" else "candidate"
        asked = Triple(1.0, 1.0, 1.0) if role == "base" else network.triple
        if number not in have:
            made.append(Proposal(number, k, role, spec.seed_of(k), asked, network))
    return made


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One network's complete runs: test accuracy and validation accuracy (fractions), and the chosen one's lead (points).

    ``interval`` is the 95 % t interval of the test mean; ``lead`` and ``lead_interval`` (Welch) are chosen minus this.
    """

    arm: str
    key: str
    shares: Shares | None
    macs_ratio: float
    runs: int
    test: float
    interval: tuple[float, float] | None
    validation: float
    seconds: float
    lead: float | None
    lead_interval: tuple[float, float] | None


def results(spec: StudySpec, rows: Sequence[TrialRow]) -> list[ArmResult]:
    """What came of a validation, the base first; arms without a complete run are left out."""
    by_key = {c.key: name for name, c in arms_of(spec).items()}
    found: dict[str, list[TrialRow]] = {name: [] for name in by_key.values()}
    for row in rows:
        if row.state == "complete" and row.test_accuracy is not None:
            found[by_key[row.key]].append(row)
    return [_result(name, runs, found["chosen"]) for name, runs in found.items() if runs]


def _tested(runs: Sequence[TrialRow]) -> list[float]:
    return [r.test_accuracy for r in runs if r.test_accuracy is not None]


def _result(name: str, runs: Sequence[TrialRow], chosen: Sequence[TrialRow]) -> ArmResult:
    test, best = np.array(_tested(runs)), np.array(_tested(chosen))
    interval = lead = between = None
    if len(test) > 1:
        half = float(stats.t.ppf(0.975, len(test) - 1) * test.std(ddof=1) / math.sqrt(len(test)))
        interval = (float(test.mean()) - half, float(test.mean()) + half)
    if name != "chosen" and len(best):
        lead = 100 * float(best.mean() - test.mean())
        if min(len(best), len(test)) > 1 and np.ptp(best) + np.ptp(test) > 0:
            welch = stats.ttest_ind(best, test, equal_var=False).confidence_interval(0.95)
            between = (100 * float(welch.low), 100 * float(welch.high))
    return ArmResult(
        arm=name,
        key=runs[0].key,
        shares=runs[0].shares,
        macs_ratio=runs[0].macs_ratio,
        runs=len(runs),
        test=float(test.mean()),
        interval=interval,
        validation=float(np.mean([r.accuracy for r in runs if r.accuracy is not None])),
        seconds=float(np.mean([r.seconds for r in runs if r.seconds is not None])),
        lead=lead,
        lead_interval=between,
    )


def finding(found: Sequence[ArmResult]) -> str:
    """What a validation shows, in a sentence; the base, which costs less, is not judged."""
    if not any(r.arm == "chosen" for r in found):
        return "The chosen network has no complete run yet"
    return told_apart({r.arm: r.lead_interval for r in found if r.arm != "base"})


def told_apart(leads: Mapping[str, Sequence[float] | None]) -> str:
    """Which networks the chosen one beats or loses to: those with a 95 % interval of its lead on one side of 0."""
    judged = {arm: (between[0], between[1]) for arm, between in leads.items() if between is not None}
    beaten = [NAMES[arm] for arm, (low, _) in judged.items() if low > 0]
    better = [NAMES[arm] for arm, (_, high) in judged.items() if high < 0]
    if not judged:
        return "There is nothing yet to tell the networks apart by"
    if not beaten + better:
        return "The chosen network cannot be told from the others"
    said = [f"is beaten by {listed(better)}"] * bool(better) + [f"beats {listed(beaten)}"] * bool(beaten)
    rest = "" if len(beaten + better) == len(judged) else "; the rest cannot be told from it"
    return f"The chosen network {' and '.join(said)}{rest}"


def listed(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


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
        rows.append([NAMES[r.arm], shares, *cost])
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
