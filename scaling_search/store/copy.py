"""Copy studies between databases of either kind. Every row is verified before the copy is committed.

A study's results are copied: trials, epochs, choices, families, activation maps. Tokens, the audit trail, events and
webhook calls belong to a service and are not. Rows get new ids; every other value is equal to the digit.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice, zip_longest
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, inspect, select
from sqlalchemy.engine import RowMapping

from scaling_search.errors import NotFound, StoreError, StudyExists
from scaling_search.store.ledger import Store
from scaling_search.store.tables import ActivationMaps, Base, Choice, Epoch, FamilyMember, Study, Trial

BATCH = 1000
LOCAL_COLUMNS: dict[type[Base], set[str]] = {
    Study: {"id", "owner", "lease_until"},
    Trial: {"id", "study_id"},
    Epoch: {"trial_id"},
    Choice: {"id", "study_id"},
    FamilyMember: {"id", "choice_id"},
    ActivationMaps: {"study_id"},
}
"""Columns that differ between databases and are not copied."""


def _table(kind: type[Base]) -> Table:
    return cast(Table, inspect(kind).local_table)


def _values(row: RowMapping, kind: type[Base]) -> dict[str, Any]:
    return {c.name: row[c.name] for c in _table(kind).columns if c.name not in LOCAL_COLUMNS[kind]}


def _queries(study_id: int) -> dict[type[Base], Select[Any]]:
    """Queries of all rows of a study, by table. ``parent`` identifies the row that a row refers to."""
    trial, epoch, choice, member = (_table(k) for k in (Trial, Epoch, Choice, FamilyMember))
    epochs = select(epoch, trial.c.number.label("parent")).join(trial).where(trial.c.study_id == study_id)
    members = select(member, choice.c.id.label("parent")).join(choice).where(choice.c.study_id == study_id)
    return {
        Study: select(_table(Study)).where(Study.id == study_id),
        Trial: select(trial).where(trial.c.study_id == study_id).order_by(trial.c.number),
        Epoch: epochs.order_by(trial.c.number, epoch.c.attempt, epoch.c.epoch),
        Choice: select(choice).where(choice.c.study_id == study_id).order_by(choice.c.id),
        FamilyMember: members.order_by(choice.c.id, member.c.id),
        ActivationMaps: select(_table(ActivationMaps)).where(ActivationMaps.study_id == study_id),
    }


def _rows(connection: Connection, query: Select[Any]) -> Generator[RowMapping, None, None]:
    with connection.execution_options(yield_per=BATCH).execute(query) as result:
        yield from result.mappings()


def copy_studies(source: Store, target: Store, names: Sequence[str] = ()) -> dict[str, dict[str, int]]:
    """Copy the named studies, or all; each study completely or not at all. Returns study → table → number of rows.

    Raises:
        NotFound: the source has no such study.
        StudyExists: the target has a study of that name.
        StoreError: a coordinator runs the study, or a row was not copied exactly.
    """
    known = [row.name for row in reversed(source.studies())]
    for name in names:
        if name not in known:
            raise NotFound(f"there is no study {name!r}", f"known: {', '.join(known) or 'none'}")
    taken = {row.name for row in target.studies()}
    wanted = list(dict.fromkeys(names)) or known
    for name in wanted:
        if name in taken:
            delete = f"the button on its page, or DELETE /api/v1/studies/{name}"
            raise StudyExists(
                f"the target has a study {name!r} already", f"delete it there ({delete}), or copy others with --study"
            )
        if (lease := source.holder(name)) is not None:
            raise StoreError(f"study {name!r} is being run by {lease[0]}", "pause or stop it first")
    return {name: _copy(source, target, name) for name in wanted}


def _copy(source: Store, target: Store, name: str) -> dict[str, int]:
    with source.transaction() as old, target.transaction(write=True) as new:
        if source.engine.dialect.name == "postgresql":
            old.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        study_id = old.execute(select(Study.id).where(Study.name == name)).scalar_one()
        copies = _queries(_insert(old, new, study_id))
        return {_table(k).name: _verify(_rows(old, q), _rows(new, copies[k]), k) for k, q in _queries(study_id).items()}


def _verify(old: Generator[RowMapping, None, None], new: Generator[RowMapping, None, None], kind: type[Base]) -> int:
    """Compare the rows of both databases; returns their number.

    Raises:
        StoreError: two rows differ, or one is missing.
    """
    n = 0
    with closing(old), closing(new):
        for one, other in zip_longest(old, new):
            n += 1
            if one is None or other is None or _values(one, kind) != _values(other, kind):
                raise StoreError(
                    f"row {n} of {_table(kind).name} differs after copying", "the study was not copied; try again"
                )
    return n


def _insert(old: Connection, new: Connection, study_id: int) -> int:
    """Insert a study with all its rows; returns its id in the target."""
    queries = _queries(study_id)
    (study,) = _rows(old, queries[Study])
    new_study = _table(Study).insert().values(**_values(study, Study)).returning(Study.id)
    new_id: int = new.execute(new_study).scalar_one()
    _insert_all(new, Trial, (_values(r, Trial) | {"study_id": new_id} for r in _rows(old, queries[Trial])))
    trials = {row.number: row.id for row in new.execute(select(Trial.number, Trial.id).where(Trial.study_id == new_id))}
    _insert_all(new, Epoch, (_values(r, Epoch) | {"trial_id": trials[r["parent"]]} for r in _rows(old, queries[Epoch])))
    choices = {}
    for r in _rows(old, queries[Choice]):
        statement = _table(Choice).insert().values(**_values(r, Choice), study_id=new_id).returning(Choice.id)
        choices[r["id"]] = new.execute(statement).scalar_one()
    members = _rows(old, queries[FamilyMember])
    _insert_all(new, FamilyMember, (_values(r, FamilyMember) | {"choice_id": choices[r["parent"]]} for r in members))
    maps = _rows(old, queries[ActivationMaps])
    _insert_all(new, ActivationMaps, (_values(r, ActivationMaps) | {"study_id": new_id} for r in maps))
    return new_id


def _insert_all(new: Connection, kind: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, BATCH)):
        new.execute(_table(kind).insert(), batch)
