"""What runs did, written down in as few statements as it takes, however many runs there are; each built once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, cast, get_args

from sqlalchemy import Connection, Table, Update, bindparam, case, func, or_, select, update

from scaling_search.errors import IllegalTransition
from scaling_search.records import EpochResult, TrialEnd, TrialState
from scaling_search.store.mapping import now, row_values
from scaling_search.store.states import TRIAL_MOVES, Claim
from scaling_search.store.tables import Epoch, Trial

TRIAL = cast(Table, Trial.__table__)
EPOCH = cast(Table, Epoch.__table__)


@cache
def _at(state: TrialState | None, *names: str) -> Update:
    """An update of one trial, named by ``at_study`` and ``at_number``; to ``state`` only from a state it may follow."""
    here = (TRIAL.c.study_id == bindparam("at_study")) & (TRIAL.c.number == bindparam("at_number"))
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    if state is not None:
        here &= or_(*(TRIAL.c.state == s for s, targets in TRIAL_MOVES.items() if state in targets))
        values["state"] = state
    if state == "running":
        values["attempts"] = case((TRIAL.c.attempts < 1, 1), else_=TRIAL.c.attempts)
        values["started_at"] = func.coalesce(TRIAL.c.started_at, bindparam("started_at", type_=TRIAL.c.started_at.type))
    elif state is not None:
        values["attempts"] = TRIAL.c.attempts + bindparam("again")
        for name in ("finished_at", "accuracy", "loss", "seconds", "test_accuracy"):
            values[name] = func.coalesce(bindparam(name, type_=TRIAL.c[name].type), TRIAL.c[name])
    return update(TRIAL).where(here).values(**values)


def _each(connection: Connection, claim: Claim, statement: Update, rows: Iterable[dict[str, Any]]) -> int:
    """Carry out an update for each row; how many trials there were to change."""
    found = [{"at_study": claim.study_id, **row} for row in rows]
    return connection.execute(statement, found).rowcount if found else 0


def _move(
    connection: Connection, claim: Claim, state: TrialState, names: Sequence[str], rows: list[dict[str, Any]]
) -> None:
    if rows and _each(connection, claim, _at(state, *names), rows) != len(rows):
        numbers = ", ".join(str(r["at_number"]) for r in rows)
        raise IllegalTransition(
            f"trials {numbers} of {claim.name!r} cannot all become {state} from their present states"
        )


def start(connection: Connection, claim: Claim, numbers: Sequence[int]) -> None:
    """Waiting trials run.

    Raises:
        IllegalTransition: one was not waiting.
    """
    at = now()
    _move(connection, claim, "running", (), [{"at_number": n, "started_at": at} for n in numbers])


def count(connection: Connection, claim: Claim, counted: Sequence[tuple[int, int]]) -> None:
    """The MACs counted of trials' networks."""
    rows = ({"at_number": n, "counted_macs": macs} for n, macs in counted)
    _each(connection, claim, _at(None, "counted_macs"), rows)


def add_epochs(
    connection: Connection, claim: Claim, insert_new: Any, epochs: Sequence[tuple[int, EpochResult]]
) -> None:
    """Epochs of trials' present attempts; one that is there already stays as it is."""
    numbers = {n for n, _ in epochs}
    query = select(TRIAL.c.number, TRIAL.c.id, TRIAL.c.attempts)
    query = query.where(TRIAL.c.study_id == claim.study_id, TRIAL.c.number.in_(numbers))
    known = {row.number: row for row in connection.execute(query)}
    rows = [{"trial_id": known[n].id, "attempt": known[n].attempts, **row_values(e, EpochResult)} for n, e in epochs]
    connection.execute(insert_new(EPOCH).on_conflict_do_nothing(), rows)
    reached = {n: e.epoch + 1 for n, e in sorted(epochs, key=lambda pair: pair[1].epoch)}
    _each(connection, claim, _at(None, "epochs"), ({"at_number": n, "epochs": e} for n, e in reached.items()))


def end(connection: Connection, claim: Claim, ended: Sequence[TrialEnd]) -> None:
    """Attempts end, each in its state; what an end does not say stays as it was.

    Raises:
        IllegalTransition: a trial was not running.
    """
    at = now()
    for state in get_args(TrialState):
        rows = []
        for e in (e for e in ended if e.state == state):
            last = e.last
            rows.append(
                {
                    "at_number": e.number,
                    "error": e.error,
                    "again": int(e.crashed and state == "waiting"),
                    "finished_at": None if state == "waiting" else at,
                    "accuracy": last and last.accuracy,
                    "loss": last and last.validation_loss,
                    "seconds": e.seconds,
                    "test_accuracy": e.test_accuracy,
                }
            )
        _move(connection, claim, state, ("error",), rows)
