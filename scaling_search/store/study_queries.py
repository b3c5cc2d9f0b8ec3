"""Queries of the dashboard and API: pages of studies and trials, and aggregates, computed in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, SQLColumnExpression, case, func, or_, select

from scaling_search.errors import InputError, NotFound
from scaling_search.networks.coefficients import AXES
from scaling_search.records import TRIAL_STATES, EpochResult, StudyRow, TrialRow
from scaling_search.store.keyset import page
from scaling_search.store.mapping import row_values, trial_row
from scaling_search.store.summaries import ChoiceRow, NetworkRow, Summary, TrialFilter, TrialPage
from scaling_search.store.tables import Choice, Epoch, Study, Trial
from scaling_search.store.transactions import Database

Sort = Literal["created", "name", "state", "best"]
ESCAPE = "\\"
TRIAL_SORTS: dict[str, ColumnElement[Any]] = {
    name: getattr(Trial, name)
    for name in (
        *("number", "round", "role", "state", "key", "alpha", "beta", "gamma", "depth", "width", "resolution"),
        *("macs", "macs_ratio", "params", "activations", "attempts", "epochs", "accuracy", "loss", "seconds"),
        *("started_at", "finished_at", "error", "seed"),
    )
} | {f"share_{axis}": Trial.shares[i].as_float() for i, axis in enumerate(AXES)}
"""Columns by which trials can be sorted."""
ALL_TRIALS = TrialFilter()


def contains(column: SQLColumnExpression[str], text: str) -> ColumnElement[bool]:
    """Whether a column contains a text, ignoring case; % and _ match only themselves."""
    escaped = text.lower().replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
    return func.lower(column).like(f"%{escaped}%", escape=ESCAPE)


class StudyQueries:
    """Reads studies and trials for the dashboard and API."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def studies(
        self,
        state: Sequence[str] = (),
        text: str | None = None,
        archived: bool = False,
        sort: Sort = "created",
        descending: bool = True,
        after: str | None = None,
        limit: int = 50,
    ) -> tuple[list[Summary], str | None]:
        """A page of studies, and the cursor of the next one.

        Raises:
            InputError: invalid page cursor.
        """
        best = select(func.max(Trial.accuracy)).where(
            Trial.study_id == Study.id, Trial.state == "complete", Trial.role == "candidate"
        )
        keys: dict[str, Any] = {
            "created": Study.created_at,
            "name": Study.name,
            "state": Study.state,
            "best": best.scalar_subquery(),
        }
        query = select(Study.__table__).where(Study.archived.is_(archived))
        query = query.where(Study.state.in_(state)) if state else query
        if text:
            query = query.where(or_(contains(Study.name, text), contains(Study.description, text)))
        with self.database.transaction() as connection:
            rows, next_cursor = page(connection, query, keys[sort], Study.id, descending, after, limit)
            return _summaries(connection, rows), next_cursor

    def summary(self, name: str) -> Summary:
        """One study.

        Raises:
            NotFound: there is no study of that name.
        """
        with self.database.transaction() as connection:
            rows = connection.execute(select(Study.__table__).where(Study.name == name)).all()
            if not rows:
                raise NotFound(f"there is no study {name!r}", "see the list of studies")
            return _summaries(connection, rows)[0]

    def choice(self, name: str) -> ChoiceRow | None:
        """The newest choice with its portrait, or None."""
        columns = Choice.id, Choice.made_at, Choice.result, Choice.portrait
        query = select(*columns).join(Study).where(Study.name == name).order_by(Choice.id.desc()).limit(1)
        with self.database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else ChoiceRow(**row_values(row, ChoiceRow))

    def names_with_prefix(self, prefix: str) -> list[str]:
        """Names of the studies that start with ``prefix``."""
        query = select(Study.name).where(Study.name.startswith(prefix, autoescape=True))
        with self.database.transaction() as connection:
            return list(connection.scalars(query))

    def totals(self) -> tuple[dict[str, int], dict[str, int]]:
        """(number of studies, number of trials), each by state."""
        with self.database.transaction() as connection:
            studies = connection.execute(select(Study.state, func.count()).group_by(Study.state)).all()
            trials = connection.execute(select(Trial.state, func.count()).group_by(Trial.state)).all()
        return {r[0]: r[1] for r in studies}, {r[0]: r[1] for r in trials}

    # --- trials

    def trials(
        self,
        name: str,
        wanted: TrialFilter = ALL_TRIALS,
        sort: str = "number",
        descending: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> TrialPage:
        """A page of a study's trials.

        Raises:
            InputError: unknown column, or invalid page cursor.
        """
        if sort not in TRIAL_SORTS:
            raise InputError(f"sort: unknown column {sort!r}", f"choose one of: {', '.join(TRIAL_SORTS)}")
        query = select(Trial.__table__).join(Study).where(Study.name == name, *_conditions(wanted))
        with self.database.transaction() as connection:
            matching = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
            rows, next_cursor = page(connection, query, TRIAL_SORTS[sort], Trial.number, descending, after, limit)
        return TrialPage([trial_row(row) for row in rows], matching, next_cursor)

    def trial(self, name: str, number: int) -> TrialRow:
        """One trial.

        Raises:
            NotFound: there is no such study or trial.
        """
        query = select(Trial.__table__).join(Study).where(Study.name == name, Trial.number == number)
        with self.database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"there is no trial {number} in study {name!r}", "see the list of its trials")
        return trial_row(row)

    def trial_epochs(self, name: str, number: int) -> list[tuple[int, EpochResult]]:
        """(attempt, epoch result) of one trial, sorted by attempt, then epoch."""
        query = select(Epoch.__table__).join(Trial).join(Study).where(Study.name == name, Trial.number == number)
        with self.database.transaction() as connection:
            rows = connection.execute(query.order_by(Epoch.attempt, Epoch.epoch)).all()
        return [(row.attempt, EpochResult(**row_values(row, EpochResult))) for row in rows]

    def networks(self, name: str) -> list[NetworkRow]:
        """Every candidate network with a complete, failed or running run, in the order of their first runs."""
        complete = Trial.state == "complete"
        query = (
            select(
                Trial.key,
                func.min(Trial.number).label("first"),
                func.avg(case((complete, Trial.accuracy))).label("mean"),
                *(func.count(case((Trial.state == s, 1))).label(s) for s in ("complete", "failed", "running")),
            )
            .join(Study)
            .where(Study.name == name, Trial.role == "candidate", Trial.state.in_(("complete", "failed", "running")))
            .group_by(Trial.key)
            .subquery()
        )
        columns = Trial.shares, Trial.macs_ratio, Trial.alpha, Trial.beta, Trial.gamma
        with_first = select(query, *columns).select_from(query).join(Trial, Trial.number == query.c.first)
        with_first = with_first.join(Study).where(Study.name == name).order_by(query.c.first)
        with self.database.transaction() as connection:
            rows = connection.execute(with_first).all()
        return [_network(r) for r in rows if r.shares]

    def base_mean(self, name: str) -> float | None:
        """Mean accuracy of the unscaled base's complete runs; None without one."""
        base_runs = (Study.name == name) & (Trial.role == "base") & (Trial.state == "complete")
        with self.database.transaction() as connection:
            return connection.execute(select(func.avg(Trial.accuracy)).join(Study).where(base_runs)).scalar()


def _conditions(wanted: TrialFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if len(wanted.state) > len(TRIAL_STATES) / 2:
        # Most rows match, so an index should serve the sorting; NOT IN keeps it from serving this condition.
        conditions.append(Trial.state.not_in(set(TRIAL_STATES) - set(wanted.state)))
    elif wanted.state:
        conditions.append(Trial.state.in_(wanted.state))
    if wanted.text:
        conditions.append(or_(contains(Trial.key, wanted.text), contains(func.coalesce(Trial.error, ""), wanted.text)))
    if wanted.least is not None:
        conditions.append(Trial.accuracy >= wanted.least)
    for name in ("role", "key", "round"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(getattr(Trial, name) == value)
    return conditions


def _network(row: Row[Any]) -> NetworkRow:
    a, b, c = row.shares
    product = row.alpha * row.beta**2 * row.gamma**2
    return NetworkRow(row.key, (a, b, c), row.macs_ratio, product, row.mean, row.complete, row.failed, row.running)


def _summaries(connection: Connection, rows: Sequence[Row[Any]]) -> list[Summary]:
    """Studies with the sums over their trials, in two queries for all of them."""
    ids = [row.id for row in rows]
    complete, candidate = Trial.state == "complete", Trial.role == "candidate"
    sums = select(
        Trial.study_id,
        Trial.state,
        func.count().label("n"),
        func.max(case((complete & candidate, Trial.accuracy))).label("best"),
        func.sum(case((complete, Trial.seconds))).label("seconds"),
        func.sum(case((complete, Trial.macs_ratio * Trial.epochs))).label("work"),
    ).where(Trial.study_id.in_(ids))
    sums_of: dict[int, list[Row[Any]]] = {i: [] for i in ids}
    for row in connection.execute(sums.group_by(Trial.study_id, Trial.state)):
        sums_of[row.study_id].append(row)
    choices = _choices(connection, ids)
    summaries = []
    for row in rows:
        by_state = sums_of[row.id]
        counts: dict[str, int] = {s: next((r.n for r in by_state if r.state == s), 0) for s in TRIAL_STATES}
        best = max((r.best for r in by_state if r.best is not None), default=None)
        seconds, work = (sum(getattr(r, k) or 0.0 for r in by_state) for k in ("seconds", "work"))
        study = StudyRow(**row_values(row, StudyRow))
        summaries.append(Summary(study, counts, best, seconds, work, choices.get(row.id)))
    return summaries


def _choices(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    newest = select(func.max(Choice.id)).where(Choice.study_id.in_(ids)).group_by(Choice.study_id)
    names = ("alpha", "beta", "gamma", "shares", "accuracy")
    columns = [getattr(Choice, n) for n in names]
    tied = Choice.result["tie_fraction"].as_float().label("tie_fraction")
    query = select(Choice.study_id, *columns, tied).where(Choice.id.in_(newest))
    return {r.study_id: {n: getattr(r, n) for n in (*names, "tie_fraction")} for r in connection.execute(query)}
