"""A search in stages: explore fills the triangle, refine narrows down the optimum, confirm trains longer.

Explore takes the simplex lattice. Refine takes the most informative networks (or Optuna's TPE or GP) in rounds that see all of
explore and the refine rounds up to two before. It ends with ``search.trials``, a budget, or an expected regret under the
indifference. Confirm is one round that sees everything before it. All are functions of the rows, so a resumed study proposes
the same trials.
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
Picks = list[tuple[Shares, Candidate]]
"""(suggested shares, the real network taken for them)."""
MAX_EXPLORE_TRIALS = 16
"""Beyond this many networks, refining is worth more than filling the triangle further (tests/benchmarks/selection)."""


def explore_trials(spec: StudySpec) -> int:
    """Number of trials of the explore stage."""
    stages = spec.search.stages
    assert stages is not None
    min_trials = min(MODEL_NEEDS, spec.search.trials)
    return min(spec.search.trials, MAX_EXPLORE_TRIALS, max(min_trials, round(stages.explore * spec.search.trials)))


def _explore_rounds(spec: StudySpec) -> int:
    return -(-explore_trials(spec) // spec.search.round)


def _visible_runs(rows: Iterable[TrialRow], spec: StudySpec, k: int) -> list[TrialRow]:
    """The complete candidate runs whose results round k may see: all of explore, and rounds up to k − 2."""
    first_refine = _explore_rounds(spec)
    return usable([r for r in rows if r.round < first_refine or r.round <= k - 2])


def stage_of_round(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> Stage | None:
    """The stage of round k, from the rows of earlier rounds; None when the search is over."""
    stages = spec.search.stages
    assert stages is not None
    if k < _explore_rounds(spec):
        return "explore"
    earlier = [r for r in rows if r.round < k and r.role == "candidate"]
    short = [r for r in earlier if not r.is_long_run]
    if len(short) < spec.search.trials and not _refined_enough(short, _visible_runs(earlier, spec, k), spec, stages):
        return "refine"
    confirmed = max((r.round for r in earlier if r.is_long_run), default=-1)
    if stages.confirm and confirmed < max(r.round for r in short):
        return "confirm"
    return None


def _refined_enough(
    short: Sequence[TrialRow], visible: Sequence[TrialRow], spec: StudySpec, stages: StagesSpec
) -> bool:
    """Whether a budget is spent, or the expected regret of the present choice is under the indifference."""
    if stages.training_tmacs is not None:
        confirm_macs = stages.confirm * stages.confirm_epochs * typical_macs(spec) * cost(spec.base_architecture()).macs
        if (sum(r.macs for r in short) + confirm_macs) * spec.proxy.passes() >= stages.training_tmacs * 1e12:
            return True
    if stages.hours is not None and sum(r.seconds or 0.0 for r in visible) >= stages.hours * 3600:
        return True
    if not stages.stop_early or len({r.key for r in visible}) < MODEL_NEEDS:
        return False
    candidates = search_space(spec)
    surface, x = _surface(visible, spec), share_matrix(candidates)
    values = surface.draws(x)
    best = int(surface.expected(x).argmax())
    return float((values.max(axis=1) - values[:, best]).mean()) < spec.search.indifference


def _surface(rows: Sequence[TrialRow], spec: StudySpec) -> Surface:
    return fit(observations_of(rows)[0], spec.search.seed)


def round_is_ready(rows: Iterable[TrialRow], spec: StudySpec, k: int) -> bool:
    """Whether every trial whose result round k may see is finished."""
    unfinished = {r.round for r in rows if r.state not in FINISHED}
    if spec.search.stages is None or k < _explore_rounds(spec):
        return not any(r <= k - 2 for r in unfinished)
    if any(r < _explore_rounds(spec) or r <= k - 2 for r in unfinished):
        return False
    return stage_of_round(list(rows), spec, k) != "confirm" or not any(r < k for r in unfinished)


def search_is_over(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> bool:
    """Whether there is no round k. Valid only if :func:`round_is_ready`."""
    search = spec.search
    if search.stages is None:
        return k * search.round >= search.trials
    return not any(r.round == k for r in rows) and stage_of_round(rows, spec, k) is None


def propose(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> list[Proposal]:
    """The trials of round k that ``rows`` do not hold yet. It sees the results of rounds up to k − 2.

    A refine round also sees all of explore; the confirm round sees everything before it.
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
    picks = {"explore": _explore, "refine": _refine, "confirm": _confirm}[stage](earlier, spec, k, candidates)
    epochs = spec.proxy.epochs * spec.search.stages.confirm_epochs if stage == "confirm" else None
    first_number = max((r.number for r in rows), default=len(base) - 1) + 1
    return base + [
        Proposal(n, k, "candidate", spec.seed_of(n), proposed_triple(point, spec), c, epochs)
        for n, (point, c) in enumerate(picks, first_number)
    ]


def _explore(earlier: Sequence[TrialRow], spec: StudySpec, k: int, candidates: Sequence[Candidate]) -> Picks:
    """The networks nearest to the next points of the simplex lattice, corners first."""
    size, total = spec.search.round, explore_trials(spec)
    points = simplex_lattice(total)[k * size : min((k + 1) * size, total)]
    used = {r.key for r in earlier}
    picks: Picks = []
    for point in points:
        network = nearest(candidates, point, skip=used if len(used) < len(candidates) else ())
        picks.append((point, network))
        used.add(network.key)
    return picks


def _refine(earlier: Sequence[TrialRow], spec: StudySpec, k: int, candidates: Sequence[Candidate]) -> Picks:
    """The networks on which a further run is most informative about the optimum; runs in flight count as run."""
    stages, visible = spec.search.stages, _visible_runs(earlier, spec, k)
    assert stages is not None
    size = min(spec.search.round, spec.search.trials - sum(not r.is_long_run for r in earlier))
    if stages.refine != "doubt" or len({r.key for r in visible}) < MODEL_NEEDS:
        name = stages.refine if stages.refine != "doubt" else "random"
        search = spec.search.model_copy(update={"sampler": name})
        sampler = OptunaSampler(earlier, spec.model_copy(update={"search": search}), k)
        return _by_sampler(sampler, size, candidates)
    runs = Counter(r.key for r in earlier if not r.is_long_run)
    counts = np.array([runs[c.key] for c in candidates], float)
    picks = next_most_informative(_surface(visible, spec), share_matrix(candidates), counts, size)
    return [(candidates[i].shares, candidates[i]) for i in picks]


def _by_sampler(sampler: OptunaSampler, size: int, candidates: Sequence[Candidate]) -> Picks:
    """The networks nearest to Optuna's suggestions; one that has run before becomes a replicate."""
    picks: Picks = []
    for _ in range(size):
        point = sampler.suggest()
        network = nearest(candidates, point)
        picks.append((point, network))
        sampler.observe(network.shares)
    return picks


def _confirm(earlier: Sequence[TrialRow], spec: StudySpec, k: int, candidates: Sequence[Candidate]) -> Picks:
    """The leaders of the short runs, and networks that show how depth and resolution shares gain from longer training."""
    stages, visible = spec.search.stages, usable([r for r in earlier if r.round < k])
    assert stages is not None
    if len({r.key for r in visible}) < MODEL_NEEDS:
        by_accuracy = {r.key: r.shares for r in sorted(visible, key=lambda r: r.accuracy or 0.0) if r.shares}
        leaders = list(by_accuracy.values())[::-1][: stages.confirm]
        return [(s, nearest(candidates, s)) for s in leaders]
    picks = confirm_design(_surface(visible, spec), share_matrix(candidates), stages.confirm)
    return [(candidates[i].shares, candidates[i]) for i in picks]
