"""Validation of a choice: networks of equal real cost, trained longer with new seeds and compared on the test split.

A validation is a separate study, ``NAME.validate``. Its arms are the unscaled base, the candidates nearest to depth only,
width only, resolution only and the paper's shares, and the chosen network, each trained with the same seeds. At φ the
same shares are taken on networks that cost target^φ times the base.
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
"""Epochs of a validation run, relative to the study's proxy runs."""


def validation_name(name: str, phi: float) -> str:
    """Name of the study that validates study ``name`` at φ."""
    return f"{name[:44]}.validate" + (f"-phi{phi:g}" if phi != 1 else "")


def validation_spec(spec: StudySpec, shares: Sequence[float], seeds: int, phi: float, epochs: int | None) -> StudySpec:
    """The study that validates ``shares``, with ``seeds`` runs of each arm.

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
    renamed = spec.model_copy(
        update={"name": validation_name(spec.name, phi), "validation": validation, "proxy": proxy}
    )
    arms = len(arms_of(renamed)) - 1
    runs = {"trials": arms * seeds, "base_runs": seeds, "round": arms, "replicates": 0, "seed": spec.search.seed + 1}
    search = spec.search.model_copy(update=runs | {"stages": None, "patience": None, "pruner": "none"})
    return renamed.model_copy(update={"search": search, "description": f"Validation of {spec.name}."})


def arms_of(spec: StudySpec) -> dict[str, Candidate]:
    """Arm → network, the base first; an arm that would repeat the chosen network is left out."""
    validation, base = spec.validation, spec.base_architecture()
    assert validation is not None
    candidates = networks_at(spec, spec.budget.target**validation.phi)
    chosen = nearest(candidates, validation.shares)
    corners: dict[str, Shares] = {
        "depth": (1.0, 0.0, 0.0),
        "width": (0.0, 1.0, 0.0),
        "resolution": (0.0, 0.0, 1.0),
    }
    others = {name: nearest(candidates, shares) for name, shares in corners.items()}
    others["paper"] = nearest_growth(candidates, nominal_shares(PAPER))
    distinct = {name: c for name, c in others.items() if c.key != chosen.key}
    return {"base": candidate(base, base), **distinct, "chosen": chosen}


def propose_round(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> list[Proposal]:
    """Round k: every arm with the k-th seed, without the trials that ``rows`` already hold."""
    validation = spec.validation
    assert validation is not None
    arms, existing = arms_of(spec), {row.number for row in rows}
    if k >= validation.seeds:
        return []
    proposals = []
    for number, (name, network) in enumerate(arms.items(), k * len(arms)):
        role: Role = "base" if name == "base" else "candidate"
        asked = Triple(1.0, 1.0, 1.0) if role == "base" else network.triple
        if number not in existing:
            proposals.append(Proposal(number, k, role, spec.seed_of(k), asked, network))
    return proposals


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm's complete runs: mean test and validation accuracy (fractions), and the chosen network's lead (points).

    ``interval`` is the 95 % t interval of the test mean; ``lead`` is chosen minus this arm, with Welch's 95 % interval.
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


def arm_results(spec: StudySpec, rows: Sequence[TrialRow]) -> list[ArmResult]:
    """Results of a validation by arm, the base first; arms without a complete run are left out."""
    by_key = {c.key: name for name, c in arms_of(spec).items()}
    runs_of_arm: dict[str, list[TrialRow]] = {name: [] for name in by_key.values()}
    for row in rows:
        if row.state == "complete" and row.test_accuracy is not None:
            runs_of_arm[by_key[row.key]].append(row)
    return [_result(name, runs, runs_of_arm["chosen"]) for name, runs in runs_of_arm.items() if runs]


def _test_accuracies(runs: Sequence[TrialRow]) -> list[float]:
    return [r.test_accuracy for r in runs if r.test_accuracy is not None]


def _result(name: str, runs: Sequence[TrialRow], chosen: Sequence[TrialRow]) -> ArmResult:
    test, best = np.array(_test_accuracies(runs)), np.array(_test_accuracies(chosen))
    interval = lead = lead_interval = None
    if len(test) > 1:
        half = float(stats.t.ppf(0.975, len(test) - 1) * test.std(ddof=1) / math.sqrt(len(test)))
        interval = (float(test.mean()) - half, float(test.mean()) + half)
    if name != "chosen" and len(best):
        lead = 100 * float(best.mean() - test.mean())
        if min(len(best), len(test)) > 1 and np.ptp(best) + np.ptp(test) > 0:
            welch = stats.ttest_ind(best, test, equal_var=False).confidence_interval(0.95)
            lead_interval = (100 * float(welch.low), 100 * float(welch.high))
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
        lead_interval=lead_interval,
    )
