"""Proposes the trials of a round from the rows of earlier rounds. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from scaling_search.networks.candidates import Candidate, candidate, extremes, nearest
from scaling_search.networks.coefficients import Shares, Triple
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.records import Proposal, TrialRow
from scaling_search.search.optuna_sampler import OptunaSampler
from scaling_search.spec.search_space import nominal_grid_at, proposed_triple, search_space
from scaling_search.spec.study import StudySpec


def is_replicate(index: int, trials: int, replicates: int) -> bool:
    """Whether the index-th candidate run repeats a network; ``replicates`` repeats are spread evenly over ``trials``."""
    return (index + 1) * replicates // trials > index * replicates // trials


def base_proposals(spec: StudySpec) -> list[Proposal]:
    """Runs of the unscaled base, which come first and never enter the fit."""
    base = spec.base_architecture()
    unscaled = candidate(base, base)
    return [
        Proposal(n, 0, "base", spec.seed_of(n), Triple(1.0, 1.0, 1.0), unscaled) for n in range(spec.search.base_runs)
    ]


def _points(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> Iterator[tuple[Shares, OptunaSampler | None]]:
    """Points of the triangle in the order to try them, each with the sampler that is to observe the network taken for it."""
    search = spec.search
    if search.sampler == "lattice":
        n_networks = len({row.key for row in rows if row.role == "candidate"})
        yield from ((point, None) for point in simplex_lattice(search.trials - search.replicates)[n_networks:])
        sampler = OptunaSampler([], _with_random_sampler(spec), k)  # the lattice has no more points
    else:
        sampler = OptunaSampler(rows, spec, k)
    while True:
        yield sampler.suggest(), sampler


def _with_random_sampler(spec: StudySpec) -> StudySpec:
    return spec.model_copy(update={"search": spec.search.model_copy(update={"sampler": "random"})})


def _least_run(runs: Counter[str], networks: Sequence[Candidate]) -> list[Candidate]:
    fewest = min(runs[c.key] for c in networks)
    return [c for c in networks if runs[c.key] == fewest]


def _missing_trials(spec: StudySpec, k: int, existing: set[int]) -> Iterator[tuple[int, int]]:
    """(index among candidate runs, trial number) of round k's trials that do not exist yet."""
    search = spec.search
    for index in range(k * search.round, min((k + 1) * search.round, search.trials)):
        if search.base_runs + index not in existing:
            yield index, search.base_runs + index


def _propose_in_turn(
    spec: StudySpec, k: int, existing: set[int], grid: Sequence[tuple[Triple, Candidate]]
) -> list[Proposal]:
    """Round k of a search that runs given networks in order, then again from the first."""
    return [
        Proposal(number, k, "candidate", spec.seed_of(number), *grid[index % len(grid)])
        for index, number in _missing_trials(spec, k, existing)
    ]


def _propose_by_sampler(rows: Sequence[TrialRow], spec: StudySpec, k: int, existing: set[int]) -> list[Proposal]:
    """Round k of a search whose sampler suggests points: new networks near them, with replicates between."""
    search, candidates = spec.search, search_space(spec)
    tried = [row for row in rows if row.role == "candidate" and row.round <= k]
    runs = Counter(row.key for row in tried)
    networks = [candidates.by_key[key] for key in dict.fromkeys(row.key for row in tried) if key in candidates.by_key]
    points = _points(tried, spec, k)
    proposals = []
    for index, number in _missing_trials(spec, k, existing):
        repeat = bool(networks) and (
            is_replicate(index, search.trials, search.replicates) or len(networks) == len(candidates)
        )
        if repeat and search.sampler == "lattice":
            chosen = _least_run(runs, networks)[0]
            point = chosen.shares
        else:
            point, sampler = next(points)
            chosen = nearest(_least_run(runs, networks), point) if repeat else nearest(candidates, point, skip=runs)
            if sampler is not None:
                sampler.observe(chosen.shares)
        if runs[chosen.key] == 0:
            networks.append(chosen)
        runs[chosen.key] += 1
        triple = proposed_triple(point, spec)
        proposals.append(Proposal(number, k, "candidate", spec.seed_of(number), triple, chosen))
    return proposals


def propose(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> list[Proposal]:
    """The trials of round k that ``rows`` do not hold yet; with round 0 come the runs of the base.

    It sees the results of rounds ≤ k − 2 and only the networks of round k − 1, so the proposals depend neither on slots nor on
    timing.
    """
    existing = {row.number for row in rows}
    base_runs = [p for p in base_proposals(spec) if p.number not in existing] if k == 0 else []
    if spec.budget.mode == "nominal":
        return base_runs + _propose_in_turn(spec, k, existing, nominal_grid_at(spec))
    if spec.search.sampler == "extremes":
        corners = [(c.triple, c) for c in extremes(search_space(spec)).values()]
        return base_runs + _propose_in_turn(spec, k, existing, corners)
    return base_runs + _propose_by_sampler(rows, spec, k, existing)
