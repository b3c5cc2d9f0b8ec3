"""Which candidates are run next, round by round: a pure function of the rows."""

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
    """Whether the index-th of a study's candidate runs repeats a network; repeats are spread evenly."""
    return (index + 1) * replicates // trials > index * replicates // trials


def _points(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> Iterator[tuple[Shares, OptunaSampler | None]]:
    """Points of the triangle in the order in which the sampler wants them tried."""
    search = spec.search
    if search.sampler == "lattice":
        seen = len({row.key for row in rows if row.role == "candidate"})
        yield from ((point, None) for point in simplex_lattice(search.trials - search.replicates)[seen:])
    asker = OptunaSampler(rows, spec, k) if search.sampler != "lattice" else OptunaSampler([], _with_random(spec), k)
    while True:
        yield asker.ask(), asker


def _with_random(spec: StudySpec) -> StudySpec:
    """For a lattice that has run out of points."""
    return spec.model_copy(update={"search": spec.search.model_copy(update={"sampler": "random"})})


def _least_run(runs: Counter[str], order: Sequence[Candidate]) -> list[Candidate]:
    fewest = min(runs[c.key] for c in order)
    return [c for c in order if runs[c.key] == fewest]


def base_proposals(spec: StudySpec) -> list[Proposal]:
    """Runs of the unscaled base, which come first and never enter the fit."""
    base = spec.base_architecture()
    itself = candidate(base, base)
    return [
        Proposal(n, 0, "base", spec.seed_of(n), Triple(1.0, 1.0, 1.0), itself) for n in range(spec.search.base_runs)
    ]


def _open_places(spec: StudySpec, k: int, have: set[int]) -> Iterator[tuple[int, int]]:
    """(index among candidate runs, trial number) of round k's trials that do not exist yet."""
    search = spec.search
    for index in range(k * search.round, min((k + 1) * search.round, search.trials)):
        if search.base_runs + index not in have:
            yield index, search.base_runs + index


def _in_turn(spec: StudySpec, k: int, have: set[int], grid: Sequence[tuple[Triple, Candidate]]) -> list[Proposal]:
    """Round k of a search that runs given networks in order, then again from the first."""
    places = [(number, *grid[index % len(grid)]) for index, number in _open_places(spec, k, have)]
    return [Proposal(n, k, "candidate", spec.seed_of(n), triple, network) for n, triple, network in places]


def propose(rows: Sequence[TrialRow], spec: StudySpec, k: int) -> list[Proposal]:
    """The trials of round k, those that ``rows`` hold already left out.

    A pure function: it sees the results of rounds ≤ k − 2 and only the networks of round k − 1, so what is run depends
    neither on slots nor on timing. With round 0 come the runs of the base.
    """
    search = spec.search
    have = {row.number for row in rows}
    proposals = [p for p in base_proposals(spec) if p.number not in have] if k == 0 else []
    if spec.budget.mode == "nominal":
        return proposals + _in_turn(spec, k, have, nominal_grid_at(spec))
    candidates = search_space(spec)
    if search.sampler == "extremes":
        return proposals + _in_turn(spec, k, have, [(c.triple, c) for c in extremes(candidates).values()])
    tried = [row for row in rows if row.role == "candidate" and row.round <= k]
    runs = Counter(row.key for row in tried)
    order = [candidates.by_key[key] for key in dict.fromkeys(row.key for row in tried) if key in candidates.by_key]
    points = _points(tried, spec, k)
    for index, number in _open_places(spec, k, have):
        repeat = bool(order) and (
            is_replicate(index, search.trials, search.replicates) or len(order) == len(candidates)
        )
        if repeat and search.sampler == "lattice":
            chosen = _least_run(runs, order)[0]
            asked = chosen.shares
        else:
            asked, asker = next(points)
            chosen = nearest(_least_run(runs, order), asked) if repeat else nearest(candidates, asked, skip=runs)
            if asker is not None:
                asker.became(chosen.shares)
        if runs[chosen.key] == 0:
            order.append(chosen)
        runs[chosen.key] += 1
        triple = proposed_triple(asked, spec)
        proposals.append(Proposal(number, k, "candidate", spec.seed_of(number), triple, chosen))
    return proposals
