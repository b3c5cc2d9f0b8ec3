"""Is the choice better? Networks at equal real cost, trained longer with fresh seeds, judged once by the test split.

A validation is a study of its own, ``NAME.validate``: the unscaled base, the candidates nearest to depth only, width only,
resolution only and the paper's shares, and the chosen one, each with the same seeds. At φ = 2 the same shares are taken on
the set of networks that cost 2^φ as much. Pure: specs and rows in, what is run and what came of it out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from scaling_search.errors import InputError
from scaling_search.networks.candidates import Candidate, candidate, nearest, nearest_growth
from scaling_search.networks.coefficients import PAPER, Shares, Triple, nominal_shares
from scaling_search.records import Proposal, Role, TrialRow
from scaling_search.spec.search_space import networks_at
from scaling_search.spec.study import StudySpec, ValidationSpec

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
    candidates = networks_at(spec, spec.budget.target**validation.phi)
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
