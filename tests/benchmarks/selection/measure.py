"""What is measured: regret at equal cost, calibration, ties, warnings, and the confirm stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from scaling_search.analysis.response_surface import fit
from scaling_search.analysis.selection import choose_fitted, references
from scaling_search.records import Choice
from tests.benchmarks.selection.strategies import STRATEGIES, confirmed, gathered, short_runs, staged
from tests.benchmarks.selection.worlds import CLASSES, UNIMODAL, World, networks, world

Array = npt.NDArray[np.float64]
Regrets = dict[str, dict[str, Array]]
"""Class → strategy → regret of each study (studies,), points."""

SIGMAS = (0.2, 0.4, 0.8)
INDIFFERENCE = 0.2
RIVALS = ("grid + best", "random + best", "TPE + best")
FAVOUR = (1.5, 1.0)
"""Points that long runs add to all depth, and to all px, in the worlds with a planted width bias."""


def regrets(runs: int, studies: int, strategies: Sequence[str], tick: Callable[[], None]) -> Regrets:
    """Regret of strategies in every synthetic class but the flat one, whose regret is 0; noise levels alternate."""
    found: Regrets = {}
    for kind in [k for k in CLASSES if k != "flat"]:
        each = defaultdict[str, list[float]](list)
        for seed in range(studies):
            for name in strategies:
                made = world(kind, SIGMAS[seed % len(SIGMAS)], seed)
                each[name].append(made.regret(STRATEGIES[name](made, runs)))
                tick()
        found[kind] = {name: np.array(values) for name, values in each.items()}
    return found


def geometric(found: Regrets, name: str, picks: Mapping[str, Array] | None = None) -> float:
    """Geometric mean over classes of a strategy's mean regret; ``picks`` are the studies to take of each class."""
    means = [(r[name] if picks is None else r[name][picks[kind].astype(int)]).mean() for kind, r in found.items()]
    return float(np.exp(np.mean(np.log(np.maximum(means, 1e-3)))))


def ratio(found: Regrets, times: int = 1000) -> dict[str, Any]:
    """Our geometric mean over that of the best rival, with a 95 % bootstrap interval over studies."""

    def once(picks: Mapping[str, Array] | None) -> float:
        return geometric(found, "ours", picks) / min(geometric(found, rival, picks) for rival in RIVALS)

    random = np.random.default_rng(0)
    sizes = {kind: len(r["ours"]) for kind, r in found.items()}
    drawn = [once({k: random.integers(0, n, n).astype(float) for k, n in sizes.items()}) for _ in range(times)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    by_class = {k: float(r["ours"].mean() / min(r[v].mean() for v in RIVALS)) for k, r in found.items()}
    return {
        "ratio": once(None),
        "interval": [float(low), float(high)],
        "ratio_by_class_to_its_best_rival": by_class,
        "geometric_mean": {name: geometric(found, name) for name in next(iter(found.values()))},
        "mean": {kind: {name: float(v.mean()) for name, v in r.items()} for kind, r in found.items()},
    }


def judged(kind: str, runs: int, studies: int, tick: Callable[[], None]) -> Iterator[tuple[World, Choice]]:
    """Our search and choice in worlds of a class."""
    for seed in range(studies):
        made = world(kind, SIGMAS[seed % len(SIGMAS)], 10_000 + seed)
        yield made, choose_fitted(staged(made, runs), networks(), INDIFFERENCE, seed)
        tick()


def index_of(choice: Choice) -> int:
    """The chosen network's place."""
    return next(i for i, c in enumerate(networks()) if c.key == choice.key)


def calibration(runs: int, studies: int, tick: Callable[[], None]) -> dict[str, Any]:
    """In worlds drawn from the prior: how often the choice is better than a reference, by decile of what was said."""
    at = {
        name: next(i for i, c in enumerate(networks()) if c.key == r.key) for name, r in references(networks()).items()
    }
    said, true = [], []
    for made, choice in judged("prior", runs, studies, tick):
        best = index_of(choice)
        for name, p in choice.probability_better_than.items():
            if p is not None:
                said.append(p)
                true.append(made.smooth[best] > made.smooth[at[name]])
    stated, right = np.array(said), np.array(true, float)
    tenth = np.minimum((10 * stated).astype(int), 9)
    rows = [
        {
            "said": float(stated[tenth == k].mean()),
            "true": float(right[tenth == k].mean()),
            "n": int((tenth == k).sum()),
        }
        for k in range(10)
        if (tenth == k).any()
    ]
    return {"studies": studies, "runs": runs, "deciles": rows}


def ties(kind: str, runs: int, studies: int, tick: Callable[[], None]) -> dict[str, Any]:
    """Coverage of the optimum, size of the tie region, and what is said, in worlds of one class."""
    found = defaultdict[str, list[float]](list)
    for made, choice in judged(kind, runs, studies, tick):
        tied = {t.key for t in choice.tie_region}
        close = made.regret(index_of(choice)) <= INDIFFERENCE
        found["covered"].append(close or networks()[int(made.smooth.argmax())].key in tied)
        found["close"].append(close)
        found["area"].append(choice.tie_fraction)
        found["no_preference"].append(choice.verdict.startswith("no preference"))
        assert choice.cross_check is not None
        said = {"disagrees": choice.cross_check.disagrees, "two_tops": choice.cross_check.two_tops}
        for name, value in (said | {"warned": any(said.values())}).items():
            found[name].append(value)
        assert choice.expected_regret is not None
        found["expected_regret"].append(choice.expected_regret)
        found["regret"].append(made.regret(index_of(choice)))
    return shares_of(found) | {"area": float(np.median(found["area"])), "studies": studies, "runs": runs}


def moved(runs: int, confirm: int, studies: int, tick: Callable[[], None], sigma: float) -> dict[str, Any]:
    """With a planted width bias: how often the choice lies within the indifference of the long-run optimum.

    ``within_told`` is a choice from the short runs alone that is told exactly what longer ones add: the confirm stage's limit.
    """
    found = defaultdict[str, list[float]](list)
    for seed in range(studies):
        made = world(UNIMODAL[seed % len(UNIMODAL)], sigma, 20_000 + seed, FAVOUR)
        short = short_runs(made, runs)
        told = fit(gathered(made, *short), draws=1).expected(made.shares) + made.long - made.smooth
        found["within_told"].append(made.regret(int(told.argmax()), long=True) <= INDIFFERENCE)
        for name, gone in (("off", short), ("on", confirmed(made, short, confirm))):
            choice = choose_fitted(gathered(made, *gone), networks(), INDIFFERENCE, seed)
            found[f"within_{name}"].append(made.regret(index_of(choice), long=True) <= INDIFFERENCE)
            if name == "off":
                found["warned_off"].append(any("confirm" in words for words in choice.warnings))
        tick()
    return shares_of(found) | {"studies": studies, "runs": runs, "confirm": confirm, "favour": list(FAVOUR)}


def shares_of(found: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Mean of each measure; of those that are true or false, its 95 % interval too (Wilson 1927)."""
    made: dict[str, Any] = {name: float(np.mean(values)) for name, values in found.items()}
    for name, values in found.items():
        if set(map(float, values)) <= {0.0, 1.0}:
            interval = binomtest(int(np.sum(values)), len(values)).proportion_ci(method="wilson")
            made[f"{name}_interval"] = [float(interval.low), float(interval.high)]
    return made
