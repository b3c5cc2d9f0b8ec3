"""What plots read: curves thinned in SQL, the best so far, and when runs ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from scaling_search.store.ledger import Store
from scaling_search.store.tables import Epoch, Study, Trial

MOST_CURVES, MOST_POINTS, MOST_BARS = 120, 40, 240


@dataclass(frozen=True, slots=True)
class Curve:
    """A run's accuracies after some of its epochs (from 1), of its last attempt."""

    number: int
    key: str
    role: str
    points: list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """When a run ran; ``end`` is None while it does."""

    number: int
    key: str
    state: str
    start: datetime
    end: datetime | None


class PlotQueries:
    """The store as plots see it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def curves(self, name: str, most: int = MOST_CURVES, points: int = MOST_POINTS) -> list[Curve]:
        """Curves of up to about ``most`` trials, evenly spread over a study's, of up to ``points`` epochs each.

        The first and last epochs are always among them, and runs in flight are too.
        """
        total = select(func.max(Trial.number) + most).join(Study).where(Study.name == name).scalar_subquery()
        some = Trial.number % func.coalesce(func.nullif(total // most, 0), 1) == 0
        every = (Trial.epochs + points - 1) // points
        query = (
            select(Trial.number, Trial.key, Trial.role, Epoch.epoch, Epoch.accuracy)
            .join(Study)
            .join(Epoch, (Epoch.trial_id == Trial.id) & (Epoch.attempt == Trial.attempts))
            .where(Study.name == name, or_(some, Trial.state == "running"), Trial.epochs > 0)
            .where(or_(Epoch.epoch % func.coalesce(func.nullif(every, 0), 1) == 0, Epoch.epoch == Trial.epochs - 1))
            .order_by(Trial.number, Epoch.epoch)
        )
        found: dict[int, Curve] = {}
        with self.store._transaction() as connection:
            for row in connection.execute(query):
                curve = found.setdefault(row.number, Curve(row.number, row.key, row.role, []))
                curve.points.append((row.epoch + 1, row.accuracy))
        return list(found.values())

    def best_so_far(self, name: str) -> list[tuple[float, float]]:
        """(training cost so far, best accuracy) at each rise; the cost counts runs of the unscaled base."""
        order = Trial.finished_at, Trial.number
        here = (Study.name == name) & (Trial.state == "complete") & (Trial.role == "candidate")
        cost = func.sum(Trial.macs_ratio).over(order_by=order).label("cost")
        best = func.max(Trial.accuracy).over(order_by=order).label("best")
        runs = select(cost, best).join(Study).where(here).subquery()
        rises = select(func.min(runs.c.cost), runs.c.best).group_by(runs.c.best).order_by(runs.c.best)
        with self.store._transaction() as connection:
            points = [(float(cost), float(best)) for cost, best in connection.execute(rises)]
            whole = connection.execute(select(func.sum(Trial.macs_ratio)).join(Study).where(here)).scalar()
        last = float(whole or 0.0)
        return [*points, (last, points[-1][1])] if points and last > points[-1][0] else points

    def timeline(self, name: str, most: int = MOST_BARS) -> list[Bar]:
        """When the newest ``most`` runs by number ran, in the order in which they started."""
        columns = Trial.number, Trial.key, Trial.state, Trial.started_at, Trial.finished_at
        query = select(*columns).join(Study).where(Study.name == name, Trial.started_at.is_not(None))
        query = query.where(Trial.state != "waiting").order_by(Trial.number.desc()).limit(most)
        with self.store._transaction() as connection:
            rows = connection.execute(query).all()
        bars = [Bar(r.number, r.key, r.state, r.started_at, r.finished_at) for r in rows]
        return sorted(bars, key=lambda bar: (bar.start, bar.number))
