"""Workers report themselves and are lost after a silence, on each kind of database."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.search.studies import submit_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, Workers
from scaling_search.store.service_tables import Worker

SPEC = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}")


@pytest.fixture
def workers(store: Store) -> Workers:
    return Workers(store)


def silent(store: Store, number: int, seconds: float) -> None:
    """Move a worker's last heartbeat into the past; a negative number moves it into the future."""
    with store.transaction(write=True) as connection:
        connection.execute(update(Worker).where(Worker.id == number).values(beat_at=Worker.beat_at - seconds))


def test_a_worker_is_idle_busy_lost_and_deleted(store: Store, workers: Workers, database: str) -> None:
    number = workers.arrive("here", 7, 2)
    silent(store, number, -3600)
    (row,) = workers.all()
    assert (row.host, row.pid, row.state, row.slots, row.study, row.runs) == ("here", 7, "idle", 2, None, 0)
    assert row.heard == 0

    submit_study(store, SPEC, "ann")
    claim = store.claim("s", "here:7", 7200)
    assert claim is not None
    (row,) = workers.all()
    assert (row.state, row.study, row.runs) == ("busy", "s", 0)

    silent(store, number, 3630)
    (row,) = workers.all()
    assert (row.state, row.study) == ("lost", None)
    assert row.heard >= 30
    assert workers.beat(number)
    assert workers.all()[0].heard < row.heard
    silent(store, number, -3600)

    printed = CliRunner().invoke(app, ["workers", "--db", database, "--json"])
    assert [(w["host"], w["state"], w["study"]) for w in json.loads(printed.output)] == [("here", "busy", "s")]
    assert "busy" in CliRunner().invoke(app, ["workers", "--db", database]).output
    workers.leave(number)
    assert workers.all() == []


def test_a_long_silent_worker_is_deleted_and_may_arrive_again(store: Store, workers: Workers) -> None:
    number = workers.arrive("here", 7, 2)
    silent(store, number, 100_000)
    other = workers.arrive("there", 8, 4)
    assert [w.host for w in workers.all()] == ["there"]
    assert not workers.beat(number)
    assert workers.beat(other)
