"""What pages and lists read: aggregates, pages and decimated curves, all made in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, SQLColumnExpression, case, func, or_, select

from scaling_search.errors import InputError, NotFound
from scaling_search.networks.coefficients import AXES
from scaling_search.records import TRIAL_STATES, EpochResult, StudyRow, TrialRow
from scaling_search.store.keyset import page
from scaling_search.store.ledger import Store
from scaling_search.store.mapping import row_values, trial_row
from scaling_search.store.summaries import ChoiceRow, NetworkRow, Summary, TrialFilter, TrialPage
from scaling_search.store.tables import Choice, Epoch, Study, Trial

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
"""What trials can be sorted by."""


EVERY = TrialFilter()


def contains(column: SQLColumnExpression[str], text: str) -> ColumnElement[bool]:
    """Whether a column holds a text, whatever its case; % and _ mean themselves."""
    plain = text.lower().replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
    return func.lower(column).like(f"%{plain}%", escape=ESCAPE)


class StudyQueries:
    """The store as those who look at studies see it."""

    def __init__(self, store: Store) -> None:
        self.store = store

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
            InputError: the cursor is none of this list's.
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
        with self.store._transaction() as connection:
            rows, following = page(connection, query, keys[sort], Study.id, descending, after, limit)
            return _summaries(connection, rows), following

    def summary(self, name: str) -> Summary:
        """One study.

        Raises:
            NotFound: there is none of that name.
        """
        with self.store._transaction() as connection:
            rows = connection.execute(select(Study.__table__).where(Study.name == name)).all()
            if not rows:
                raise NotFound(f"there is no study {name!r}", "see the list of studies")
            return _summaries(connection, rows)[0]

    def choice(self, name: str) -> ChoiceRow | None:
        """The newest choice with its portrait, or None."""
        columns = Choice.id, Choice.made_at, Choice.result, Choice.portrait
        query = select(*columns).join(Study).where(Study.name == name).order_by(Choice.id.desc()).limit(1)
        with self.store._transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else ChoiceRow(**row_values(row, ChoiceRow))

    def beginning(self, text: str) -> list[str]:
        """Names of the studies that begin so."""
        query = select(Study.name).where(Study.name.startswith(text, autoescape=True))
        with self.store._transaction() as connection:
            return list(connection.scalars(query))

    def totals(self) -> tuple[dict[str, int], dict[str, int]]:
        """Studies, and trials, by state."""
        with self.store._transaction() as connection:
            studies = connection.execute(select(Study.state, func.count()).group_by(Study.state)).all()
            trials = connection.execute(select(Trial.state, func.count()).group_by(Trial.state)).all()
        return {r[0]: r[1] for r in studies}, {r[0]: r[1] for r in trials}

    # --- trials

    def trials(
        self,
        name: str,
        wanted: TrialFilter = EVERY,
        sort: str = "number",
        descending: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> TrialPage:
        """A page of a study's trials.

        Raises:
            InputError: there is no such column, or the cursor is none of this list's.
        """
        if sort not in TRIAL_SORTS:
            raise InputError(f"sort: there is no column {sort!r}", f"choose one of: {', '.join(TRIAL_SORTS)}")
        query = select(Trial.__table__).join(Study).where(Study.name == name, *_conditions(wanted))
        with self.store._transaction() as connection:
            matching = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
            rows, following = page(connection, query, TRIAL_SORTS[sort], Trial.number, descending, after, limit)
        return TrialPage([trial_row(row) for row in rows], matching, following)

    def trial(self, name: str, number: int) -> TrialRow:
        """One trial.

        Raises:
            NotFound: there is no such study or trial.
        """
        query = select(Trial.__table__).join(Study).where(Study.name == name, Trial.number == number)
        with self.store._transaction() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"there is no trial {number} in study {name!r}", "see the list of its trials")
        return trial_row(row)

    def trial_epochs(self, name: str, number: int) -> list[tuple[int, EpochResult]]:
        """(attempt, epoch) of one trial, in that order."""
        query = select(Epoch.__table__).join(Trial).join(Study).where(Study.name == name, Trial.number == number)
        with self.store._transaction() as connection:
            rows = connection.execute(query.order_by(Epoch.attempt, Epoch.epoch)).all()
        return [(row.attempt, EpochResult(**row_values(row, EpochResult))) for row in rows]

    def networks(self, name: str) -> list[NetworkRow]:
        """Every candidate network with a complete, failed or running run, in the order of first runs."""
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
        facts = select(query, Trial.shares, Trial.macs_ratio, Trial.alpha, Trial.beta, Trial.gamma).select_from(query)
        facts = facts.join(Trial, Trial.number == query.c.first).join(Study).where(Study.name == name)
        with self.store._transaction() as connection:
            rows = connection.execute(facts.order_by(query.c.first)).all()
        return [_network(r) for r in rows if r.shares]

    def base_mean(self, name: str) -> float | None:
        """Mean accuracy of the unscaled base's complete runs."""
        here = (Study.name == name) & (Trial.role == "base") & (Trial.state == "complete")
        with self.store._transaction() as connection:
            return connection.execute(select(func.avg(Trial.accuracy)).join(Study).where(here)).scalar()


def _conditions(wanted: TrialFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if (
        len(wanted.state) > len(TRIAL_STATES) / 2
    ):  # most rows match, so rather than these an index should give their order
        found.append(Trial.state.not_in(set(TRIAL_STATES) - set(wanted.state)))
    elif wanted.state:
        found.append(Trial.state.in_(wanted.state))
    if wanted.text:
        found.append(or_(contains(Trial.key, wanted.text), contains(func.coalesce(Trial.error, ""), wanted.text)))
    if wanted.least is not None:
        found.append(Trial.accuracy >= wanted.least)
    for name in ("role", "key", "round"):
        if (value := getattr(wanted, name)) is not None:
            found.append(getattr(Trial, name) == value)
    return found


def _network(row: Row[Any]) -> NetworkRow:
    a, b, c = row.shares
    product = row.alpha * row.beta**2 * row.gamma**2
    return NetworkRow(row.key, (a, b, c), row.macs_ratio, product, row.mean, row.complete, row.failed, row.running)


def _summaries(connection: Connection, rows: Sequence[Row[Any]]) -> list[Summary]:
    """Studies with the sums over their trials, in two queries for all of them."""
    ids = [row.id for row in rows]
    done, candidate = Trial.state == "complete", Trial.role == "candidate"
    sums = select(
        Trial.study_id,
        Trial.state,
        func.count().label("n"),
        func.max(case((done & candidate, Trial.accuracy))).label("best"),
        func.sum(case((done, Trial.seconds))).label("seconds"),
        func.sum(case((done, Trial.macs_ratio * Trial.epochs))).label("work"),
    ).where(Trial.study_id.in_(ids))
    found: dict[int, list[Row[Any]]] = {i: [] for i in ids}
    for row in connection.execute(sums.group_by(Trial.study_id, Trial.state)):
        found[row.study_id].append(row)
    choices = _choices(connection, ids)
    made = []
    for row in rows:
        parts = found[row.id]
        counts: dict[str, int] = {s: next((p.n for p in parts if p.state == s), 0) for s in TRIAL_STATES}
        best = max((p.best for p in parts if p.best is not None), default=None)
        seconds, work = (sum(getattr(p, k) or 0.0 for p in parts) for k in ("seconds", "work"))
        study = StudyRow(**row_values(row, StudyRow))
        made.append(Summary(study, counts, best, seconds, work, choices.get(row.id)))
    return made


def _choices(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    newest = select(func.max(Choice.id)).where(Choice.study_id.in_(ids)).group_by(Choice.study_id)
    names = ("alpha", "beta", "gamma", "shares", "accuracy")
    columns = [getattr(Choice, n) for n in names]
    tied = Choice.result["tie_fraction"].as_float().label("tie_fraction")
    query = select(Choice.study_id, *columns, tied).where(Choice.id.in_(newest))
    return {r.study_id: {n: getattr(r, n) for n in (*names, "tie_fraction")} for r in connection.execute(query)}
