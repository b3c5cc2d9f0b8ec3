"""A search in stages: explore fills the triangle, refine spends runs where doubt about the optimum is, confirm runs longer.

Explore takes the simplex lattice. Refine asks :mod:`design` (or Optuna's TPE or GP) in rounds that see all of explore and the
refine rounds up to two before. It ends with ``search.trials``, a budget, or an expected regret under the indifference. Confirm
is one round that sees everything before it. All of this is a function of the rows, so resuming proposes the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from scaling_search.analysis import validation
from scaling_search.analysis.acquisition import confirm_design, next_most_informative
from scaling_search.analysis.observations import observations_of, usable
from scaling_search.analysis.response_surface import Surface, fit
from scaling_search.analysis.selection import MODEL_NEEDS
from scaling_search.networks.candidates import Candidate, nearest, share_matrix
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.cost import cost
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.records import FINISHED, Proposal, TrialRow
from scaling_search.search import proposals
from scaling_search.search.optuna_sampler import OptunaSampler
from scaling_search.spec.search_space import proposed_triple, search_space, typical_macs
from scaling_search.spec.stages import StagesSpec
from scaling_search.spec.study import StudySpec

Stage = Literal["explore", "refine", "confirm"]
LARGEST_EXPLORE = 16
"""Networks after which filling the triangle further tells less than refining (measured: tests/benchmarks/selection)."""


def explore_trials(spec: StudySpec) -> int:
    """Trials of the explore stage."""
    stages = spec.search.stages
    assert stages is not None
    least = min(MODEL_NEEDS, spec.search.trials)
    return min(spec.search.trials, LARGEST_EXPLORE, max(least, round(stages.explore * spec.search.trials)))


def _explore_rounds(spec: StudySpec) -> int:
    return -(-explore_trials(spec) // spec.search.round)


def _seen(rows: Iterable[TrialRow], spec: StudySpec, k: int) -> list[TrialRow]:
    """The complete candidate runs whose results round k may see: all of explore, and rounds up to k − 2."""
    first = _explore_rounds(spec)
    return usable([r for r in rows if r.round < first or r.round <= k - 2])


def stage_of_round(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> Stage | None:
    """What round k is for, from the rows of earlier rounds; None when the search is over."""
    stages, first = spec.search.stages, _explore_rounds(spec)
    assert stages is not None
    if k < first:
        return "explore"
    earlier = [r for r in rows if r.round < k and r.role == "candidate"]
    short = [r for r in earlier if not r.is_long_run]
    if len(short) < spec.search.trials and not _enough(short, _seen(earlier, spec, k), spec, stages):
        return "refine"
    confirmed = max((r.round for r in earlier if r.is_long_run), default=-1)
    if stages.confirm and confirmed < max(r.round for r in short):
        return "confirm"
    return None


def _enough(short: Sequence[TrialRow], seen: Sequence[TrialRow], spec: StudySpec, stages: StagesSpec) -> bool:
    """Whether a budget is spent, or the expected regret of what would be chosen now is under the indifference."""
    if stages.training_tmacs is not None:
        longer = stages.confirm * stages.confirm_epochs * typical_macs(spec) * cost(spec.base_architecture()).macs
        if (sum(r.macs for r in short) + longer) * spec.proxy.passes() >= stages.training_tmacs * 1e12:
            return True
    if stages.hours is not None and sum(r.seconds or 0.0 for r in seen) >= stages.hours * 3600:
        return True
    if not stages.stop_early or len({r.key for r in seen}) < MODEL_NEEDS:
        return False
    candidates = search_space(spec)
    surface, x = _surface(seen, spec), share_matrix(candidates)
    values = surface.draws(x)
    best = int(surface.expected(x).argmax())
    return float((values.max(axis=1) - values[:, best]).mean()) < spec.search.indifference


def _surface(rows: Sequence[TrialRow], spec: StudySpec) -> Surface:
    return fit(observations_of(rows)[0], spec.search.seed)


def ready(rows: Iterable[TrialRow], spec: StudySpec, k: int) -> bool:
    """Whether all that round k may see is finished."""
    unfinished = {r.round for r in rows if r.state not in FINISHED}
    if spec.search.stages is None or k < _explore_rounds(spec):
        return not any(r <= k - 2 for r in unfinished)
    if any(r < _explore_rounds(spec) or r <= k - 2 for r in unfinished):
        return False
    return stage_of_round(list(rows), spec, k) != "confirm" or not any(r < k for r in unfinished)


def over(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> bool:
    """Whether there is no round k; ask only when :func:`ready` says so."""
    search = spec.search
    if search.stages is None:
        return k * search.round >= search.trials
    return not any(r.round == k for r in rows) and stage_of_round(rows, spec, k) is None


def propose(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> list[Proposal]:
    """The trials of round k that ``rows`` do not hold already: a pure function of the rows of rounds up to k − 2.

    A refine round sees all of explore too, and the confirm round everything before it.
    """
    if spec.validation is not None:
        return validation.propose_round(rows, spec, k)
    if spec.search.stages is None:
        return proposals.propose(rows, spec, k)
    if any(r.round == k for r in rows):
        return []
    stage, candidates = stage_of_round(rows, spec, k), search_space(spec)
    if stage is None:
        return []
    base = proposals.base_proposals(spec) if k == 0 else []
    earlier = [r for r in rows if r.round < k and r.role == "candidate"]
    picked = {"explore": _explore, "refine": _refine, "confirm": _confirm}[stage](earlier, spec, k, candidates)
    epochs = spec.proxy.epochs * spec.search.stages.confirm_epochs if stage == "confirm" else None
    first = max((r.number for r in rows), default=len(base) - 1) + 1
    return base + [
        Proposal(n, k, "candidate", spec.seed_of(n), proposed_triple(asked, spec), c, epochs)
        for n, (asked, c) in enumerate(picked, first)
    ]


Picks = list[tuple[Shares, Candidate]]


def _explore(earlier: Sequence[TrialRow], spec: StudySpec, k: int, candidates: Sequence[Candidate]) -> Picks:
    """The next points of the simplex lattice, corners first."""
    size, whole = spec.search.round, explore_trials(spec)
    points = simplex_lattice(whole)[k * size : min((k + 1) * size, whole)]
    used = Counter(r.key for r in earlier)
    picked: Picks = []
    for point in points:
        skip = used if len(used) < len(candidates) else ()
        picked.append((point, nearest(candidates, point, skip=skip)))
        used[picked[-1][1].key] += 1
    return picked


def _refine(earlier: Sequence[TrialRow], spec: StudySpec, k: int, candidates: Sequence[Candidate]) -> Picks:
    """Where the runs seen say that a further one tells most about the optimum; runs in flight count as run."""
    stages, seen = spec.search.stages, _seen(earlier, spec, k)
    assert stages is not None
    size = min(spec.search.round, spec.search.trials - sum(not r.is_long_run for r in earlier))
    if stages.refine != "doubt" or len({r.key for r in seen}) < MODEL_NEEDS:
        changed = {"sampler": stages.refine if stages.refine != "doubt" else "random"}
        asker = OptunaSampler(earlier, spec.model_copy(update={"search": spec.search.model_copy(update=changed)}), k)
        return _asked(asker, size, candidates)
    runs = Counter(r.key for r in earlier if not r.is_long_run)
    counts = np.array([runs[c.key] for c in candidates], float)
    picks = next_most_informative(_surface(seen, spec), share_matrix(candidates), counts, size)
    return [(candidates[i].shares, candidates[i]) for i in picks]


def _asked(asker: OptunaSampler, size: int, candidates: Sequence[Candidate]) -> Picks:
    """Optuna's proposals; the nearest network may be one that ran already, which is then a replicate."""
    picked: Picks = []
    for _ in range(size):
        asked = asker.ask()
        picked.append((asked, nearest(candidates, asked)))
        asker.became(picked[-1][1].shares)
    return picked


def _confirm(earlier: Sequence[TrialRow], spec: StudySpec, k: int, candidates: Sequence[Candidate]) -> Picks:
    """Leaders of the short runs, and networks that tell how depth and resolution shares gain from longer ones."""
    stages, seen = spec.search.stages, usable([r for r in earlier if r.round < k])
    assert stages is not None
    if len({r.key for r in seen}) < MODEL_NEEDS:
        mean = {r.key: r.shares for r in sorted(seen, key=lambda r: r.accuracy or 0.0) if r.shares}
        leaders = list(mean.values())[::-1][: stages.confirm]
        return [(s, nearest(candidates, s)) for s in leaders]
    picks = confirm_design(_surface(seen, spec), share_matrix(candidates), stages.confirm)
    return [(candidates[i].shares, candidates[i]) for i in picks]
