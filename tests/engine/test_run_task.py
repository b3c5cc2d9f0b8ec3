"""A task in, events out, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaling_search.engine import Failed, Finished, Progress, Task, protocol
from scaling_search.engine.run_task import run_task
from scaling_search.errors import DataError, Diverged
from scaling_search.spec.study_file import parse


@pytest.fixture
def task(tiny: Callable[..., str], tmp_path: Path) -> Task:
    spec = parse(tiny())
    return Task(7, spec.base_architecture(), 1, spec.proxy, str(tmp_path / "7.pt"), verify=False)


def test_a_trained_network_is_tested_once_where_that_is_wanted(task: Task) -> None:
    events = list(run_task(replace(task, test=True), "cpu"))
    assert [type(e) for e in events] == [Progress, Progress, protocol.Tested, Finished]
    assert {e.number for e in events} == {7}
    assert isinstance(events[2], protocol.Tested)
    assert 0 <= events[2].accuracy <= 1


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (DataError("the data are damaged", "download them"), (False, True, "the data are damaged\ndownload them")),
        (Diverged("the loss is not finite"), (False, False, "the loss is not finite")),
        (
            ZeroDivisionError("division by zero"),
            (True, False, "ZeroDivisionError: division by zero (test_run_task.py:"),
        ),
    ],
)
def test_every_error_is_the_last_event(
    task: Task, monkeypatch: pytest.MonkeyPatch, error: Exception, failed: tuple[bool, bool, str]
) -> None:
    def train(*_: Any) -> Iterator[Any]:
        raise error
        yield

    monkeypatch.setattr("scaling_search.engine.run_task.train", train)
    (event,) = run_task(task, "cpu")
    assert isinstance(event, Failed)
    crashed, outside, text = failed
    assert (event.number, event.crashed, event.outside) == (7, crashed, outside)
    assert event.error.startswith(text)
