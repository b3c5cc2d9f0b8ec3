"""Updates of trials in bulk, and the rows they leave. Each kind of statement is built once and executed for many trials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, cast, get_args

from sqlalchemy import Connection, Table, Update, bindparam, case, func, or_, select, update

from scaling_search.errors import IllegalTransition
from scaling_search.records import EpochResult, TrialEnd, TrialRow, TrialState
from scaling_search.store.mapping import now, row_values, trial_row
from scaling_search.store.states import TRIAL_MOVES, Claim
from scaling_search.store.tables import Epoch, Trial

TRIAL = cast(Table, Trial.__table__)
EPOCH = cast(Table, Epoch.__table__)
MAX_PARAMETERS = 10_000
"""Parameters of one statement; SQLite allows 32,766 and PostgreSQL 65,535."""
NUMBERED_TRIALS = select(TRIAL).where(
    TRIAL.c.study_id == bindparam("study_id"), TRIAL.c.number.in_(bindparam("numbers", expanding=True))
)


@cache
def _trial_update(state: TrialState | None, *names: str) -> Update:
    """An update of one trial (``at_study``, ``at_number``): columns ``names``, and the state if the move is legal."""
    may_change = (TRIAL.c.study_id == bindparam("at_study")) & (TRIAL.c.number == bindparam("at_number"))
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    if state is not None:
        may_change &= or_(*(TRIAL.c.state == s for s, targets in TRIAL_MOVES.items() if state in targets))
        values["state"] = state
    if state == "running":
        values["attempts"] = case((TRIAL.c.attempts < 1, 1), else_=TRIAL.c.attempts)
        values["started_at"] = func.coalesce(TRIAL.c.started_at, bindparam("started_at", type_=TRIAL.c.started_at.type))
    elif state is not None:
        values["attempts"] = TRIAL.c.attempts + bindparam("again")
        for name in ("finished_at", "accuracy", "loss", "seconds", "test_accuracy"):
            values[name] = func.coalesce(bindparam(name, type_=TRIAL.c[name].type), TRIAL.c[name])
    return update(TRIAL).where(may_change).values(**values)


def _update_each(connection: Connection, claim: Claim, statement: Update, rows: Iterable[dict[str, Any]]) -> int:
    """Execute an update for each row; returns the number of trials changed."""
    parameters = [{"at_study": claim.study_id, **row} for row in rows]
    return connection.execute(statement, parameters).rowcount if parameters else 0


def _move(
    connection: Connection, claim: Claim, state: TrialState, names: Sequence[str], rows: list[dict[str, Any]]
) -> None:
    if rows and _update_each(connection, claim, _trial_update(state, *names), rows) != len(rows):
        numbers = ", ".join(str(r["at_number"]) for r in rows)
        raise IllegalTransition(
            f"trials {numbers} of {claim.name!r} cannot all become {state} from their current states"
        )


def start(connection: Connection, claim: Claim, numbers: Sequence[int]) -> None:
    """Move waiting trials to running.

    Raises:
        IllegalTransition: one was not waiting.
    """
    at = now()
    _move(connection, claim, "running", (), [{"at_number": n, "started_at": at} for n in numbers])


def count(connection: Connection, claim: Claim, counted: Sequence[tuple[int, int]]) -> None:
    """Set the counted MACs of trials' networks."""
    rows = ({"at_number": n, "counted_macs": macs} for n, macs in counted)
    _update_each(connection, claim, _trial_update(None, "counted_macs"), rows)


def add_epochs(
    connection: Connection, claim: Claim, insert_new: Callable[[Table], Any], epochs: Sequence[tuple[int, EpochResult]]
) -> None:
    """Insert epochs of trials' current attempts. An epoch that exists already is skipped."""
    numbers = {n for n, _ in epochs}
    query = select(TRIAL.c.number, TRIAL.c.id, TRIAL.c.attempts)
    query = query.where(TRIAL.c.study_id == claim.study_id, TRIAL.c.number.in_(numbers))
    known = {row.number: row for row in connection.execute(query)}
    rows = [{"trial_id": known[n].id, "attempt": known[n].attempts, **row_values(e, EpochResult)} for n, e in epochs]
    connection.execute(insert_new(EPOCH), rows)
    reached = {n: e.epoch + 1 for n, e in sorted(epochs, key=lambda pair: pair[1].epoch)}
    _update_each(
        connection, claim, _trial_update(None, "epochs"), ({"at_number": n, "epochs": e} for n, e in reached.items())
    )


def end(connection: Connection, claim: Claim, ended: Sequence[TrialEnd]) -> None:
    """End attempts, each in its own state. Values that an end does not have stay unchanged.

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


def read_numbered(connection: Connection, claim: Claim, numbers: Sequence[int]) -> list[TrialRow]:
    """The rows of these trials, in the order given."""
    by_number: dict[int, TrialRow] = {}
    for start in range(0, len(numbers), MAX_PARAMETERS):
        chunk = numbers[start : start + MAX_PARAMETERS]
        rows = connection.execute(NUMBERED_TRIALS, {"study_id": claim.study_id, "numbers": chunk})
        by_number |= {row.number: trial_row(row) for row in rows}
    return [by_number[number] for number in numbers]
