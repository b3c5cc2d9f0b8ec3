"""How a search may spend its runs and choose: the literature's ways, and ours. Each takes a world and a number of runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import optuna

from scaling_search.analysis.acquisition import confirm_design, next_most_informative
from scaling_search.analysis.observations import Observations, group_by_network
from scaling_search.analysis.response_surface import fit
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.search.optuna_sampler import UNIFORMS, to_shares
from tests.benchmarks.selection.worlds import World

Array = npt.NDArray[np.float64]
ROUND, EXPLORE, SEARCH_DRAWS = 8, 0.5, 500


def nearest(world: World, point: Sequence[float], used: Collection[int] = ()) -> int:
    """The network nearest to shares, leaving out used ones as long as there are others."""
    away = ((world.shares - np.array(point)) ** 2).sum(axis=1)
    if len(set(used)) < len(away):
        away[list(used)] = np.inf
    return int(away.argmin())


def spread(world: World, points: Iterable[Sequence[float]]) -> list[int]:
    """Distinct networks nearest to the points, in turn."""
    used: list[int] = []
    for point in points:
        used.append(nearest(world, point, used))
    return used


@lru_cache(maxsize=64)
def _points(points: int) -> tuple[Shares, ...]:
    return simplex_lattice(points)[:points]


def lattice(world: World, points: int) -> list[int]:
    """Networks nearest to a simplex lattice, corners first; a world of few networks repeats them."""
    first = spread(world, _points(min(points, len(world.shares))))
    return (first * -(-points // len(first)))[:points]


def best_observed(world: World, order: Iterable[int]) -> int:
    """The network with the best mean."""
    seen = defaultdict[int, list[float]](list)
    for network in order:
        seen[network].append(world.run(network))
    return max(seen, key=lambda i: float(np.mean(seen[i])))


def grid(world: World, runs: int) -> int:
    """The literature: a grid, one run each, the best observed."""
    return best_observed(world, lattice(world, runs))


def random(world: World, runs: int) -> int:
    """Random shares, one run each, the best observed."""
    return best_observed(world, spread(world, world.random.dirichlet([1, 1, 1], runs).tolist()))


def tpe(world: World, runs: int) -> int:
    """Optuna's TPE, told each result at once, and the best observed."""
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=int(world.random.integers(2**31)))
    )
    seen = defaultdict[int, list[float]](list)
    for _ in range(runs):
        trial = study.ask(UNIFORMS)
        network = nearest(world, to_shares(trial.params["u"], trial.params["v"]), seen)
        seen[network].append(world.run(network))
        study.tell(trial, seen[network][-1])
    return max(seen, key=lambda i: float(np.mean(seen[i])))


def halving(world: World, runs: int) -> int:
    """Successive halving over seeds: half of the runs on a grid, then further seeds of the better half, and so on."""
    alive = list(dict.fromkeys(lattice(world, max(2, runs // 2))))
    seen = {i: [world.run(i)] for i in alive}
    left = runs - len(alive)
    while left > 0:
        alive = sorted(alive, key=lambda i: -np.mean(seen[i]))[: max(1, len(alive) // 2)]
        for network in alive[:left]:
            seen[network].append(world.run(network))
        left -= len(alive)
    return max(alive, key=lambda i: float(np.mean(seen[i])))


def gathered(world: World, order: list[tuple[int, bool]], values: list[float]) -> Observations:
    """Runs as cells; ``order`` says of each its network and whether it was long."""
    found: dict[tuple[int, bool], list[float]] = {}
    for place, value in zip(order, values, strict=True):
        found.setdefault(place, []).append(value)
    made = [np.array(v) for v in found.values()]
    return group_by_network(
        world.shares[[i for i, _ in found]], made, [long for _, long in found], [str(i) for i, _ in found]
    )


Runs = tuple[list[tuple[int, bool]], list[float]]
"""Each run's network and whether it was long, and its accuracy."""


def short_runs(world: World, runs: int) -> Runs:
    """The short runs of our search: explore, then refine in rounds that see all but the round before."""
    order = [(i, False) for i in lattice(world, max(8, round(EXPLORE * runs)) if runs <= 32 else 16)]
    values = [world.run(i) for i, _ in order]
    seen = len(order)
    while len(order) < runs:
        surface = fit(gathered(world, order[:seen], values[:seen]), draws=SEARCH_DRAWS)
        counts = np.bincount([i for i, _ in order], minlength=len(world.shares)).astype(float)
        new = next_most_informative(surface, world.shares, counts, min(ROUND, runs - len(order)))
        seen = len(order)
        order += [(i, False) for i in new]
        values += [world.run(i) for i in new]
    return order, values


def confirmed(world: World, short: Runs, confirm: int) -> Runs:
    """Short runs, and those of the confirm stage."""
    order, values = short
    picks = confirm_design(fit(gathered(world, order, values), draws=SEARCH_DRAWS), world.shares, confirm)
    return order + [(i, True) for i in picks], values + [world.run(i, long=True) for i in picks]


def staged(world: World, runs: int) -> Observations:
    """Our search's short runs, as cells."""
    return gathered(world, *short_runs(world, runs))


def ours(world: World, runs: int) -> int:
    """Our search; the highest mean of the smooth surface."""
    return int(fit(staged(world, runs), draws=1).expected(world.shares).argmax())


STRATEGIES: dict[str, Callable[[World, int], int]] = {
    "grid + best": grid,
    "random + best": random,
    "TPE + best": tpe,
    "halving": halving,
    "ours": ours,
}
