"""What a study came to, in values that must be equal however it was disturbed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scaling_search.store import Store


@dataclass(frozen=True)
class Outcome:
    """Trials, the curves of their last attempts (times left out), the choice."""

    trials: list[tuple[Any, ...]]
    curves: list[tuple[Any, ...]]
    choice: dict[str, Any] | None


def outcome(store: Store, name: str = "tiny") -> Outcome:
    """What is stored of a study. Every epoch is there once in the last attempt, and no trial twice."""
    rows = store.trials(name)
    attempts = {t.number: t.attempts for t in rows}
    last = [(n, e) for n, attempt, e in store.epochs(name) if attempt == attempts[n]]
    assert [t.number for t in rows] == list(range(len(rows)))
    assert len({(n, e.epoch) for n, e in last}) == len(last) == sum(t.epochs for t in rows)
    return Outcome(
        [(t.number, t.round, t.key, t.seed, t.state, t.accuracy, t.loss) for t in rows],
        [(n, e.epoch, e.train_loss, e.validation_loss, e.accuracy, e.learning_rate) for n, e in last],
        store.choice(name),
    )
