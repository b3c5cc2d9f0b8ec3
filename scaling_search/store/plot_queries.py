"""Data of the study page's plots: curves thinned in SQL, the best accuracy so far, and when runs ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from scaling_search.store.tables import Epoch, Study, Trial
from scaling_search.store.transactions import Database

MAX_CURVES, MAX_POINTS, MAX_BARS = 120, 40, 240


@dataclass(frozen=True, slots=True)
class Curve:
    """A run's accuracies; ``points`` are (epoch from 1, accuracy) of its last attempt."""

    number: int
    key: str
    role: str
    points: list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """When a run ran; ``end`` is None while it runs."""

    number: int
    key: str
    state: str
    start: datetime
    end: datetime | None


class PlotQueries:
    """Reads the data of plots."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def curves(self, name: str, max_curves: int = MAX_CURVES, max_points: int = MAX_POINTS) -> list[Curve]:
        """Curves of about ``max_curves`` trials, evenly spread, of up to about ``max_points`` epochs each.

        Every running trial is included, and every curve's first and last epoch.
        """
        total = select(func.max(Trial.number) + max_curves).join(Study).where(Study.name == name).scalar_subquery()
        is_sampled = Trial.number % func.coalesce(func.nullif(total // max_curves, 0), 1) == 0
        epoch_step = (Trial.epochs + max_points - 1) // max_points
        on_step = Epoch.epoch % func.coalesce(func.nullif(epoch_step, 0), 1) == 0
        query = (
            select(Trial.number, Trial.key, Trial.role, Epoch.epoch, Epoch.accuracy)
            .join(Study)
            .join(Epoch, (Epoch.trial_id == Trial.id) & (Epoch.attempt == Trial.attempts))
            .where(Study.name == name, or_(is_sampled, Trial.state == "running"), Trial.epochs > 0)
            .where(or_(on_step, Epoch.epoch == Trial.epochs - 1))
            .order_by(Trial.number, Epoch.epoch)
        )
        curves: dict[int, Curve] = {}
        with self.database.transaction() as connection:
            for row in connection.execute(query):
                curve = curves.setdefault(row.number, Curve(row.number, row.key, row.role, []))
                curve.points.append((row.epoch + 1, row.accuracy))
        return list(curves.values())

    def best_so_far(self, name: str) -> list[tuple[float, float]]:
        """(training cost so far, best accuracy) at each new best. One run of the unscaled base costs 1."""
        order = Trial.finished_at, Trial.number
        complete_candidates = (Study.name == name) & (Trial.state == "complete") & (Trial.role == "candidate")
        cost = func.sum(Trial.macs_ratio).over(order_by=order).label("cost")
        best = func.max(Trial.accuracy).over(order_by=order).label("best")
        runs = select(cost, best).join(Study).where(complete_candidates).subquery()
        rises = select(func.min(runs.c.cost), runs.c.best).group_by(runs.c.best).order_by(runs.c.best)
        total = select(func.sum(Trial.macs_ratio)).join(Study).where(complete_candidates)
        with self.database.transaction() as connection:
            points = [(float(cost), float(best)) for cost, best in connection.execute(rises)]
            total_cost = float(connection.execute(total).scalar() or 0.0)
        return [*points, (total_cost, points[-1][1])] if points and total_cost > points[-1][0] else points

    def timeline(self, name: str, max_bars: int = MAX_BARS) -> list[Bar]:
        """When the ``max_bars`` runs with the highest numbers ran, in the order of their starts."""
        columns = Trial.number, Trial.key, Trial.state, Trial.started_at, Trial.finished_at
        query = select(*columns).join(Study).where(Study.name == name, Trial.started_at.is_not(None))
        query = query.where(Trial.state != "waiting").order_by(Trial.number.desc()).limit(max_bars)
        with self.database.transaction() as connection:
            rows = connection.execute(query).all()
        bars = [Bar(r.number, r.key, r.state, r.started_at, r.finished_at) for r in rows]
        return sorted(bars, key=lambda bar: (bar.start, bar.number))
