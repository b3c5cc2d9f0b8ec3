"""Runs are killed, and their checkpoints damaged before they are tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scaling_search.engine import Event, Failed, LocalEngine, Progress
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.faults.disturbed import Disturbed, runs
from tests.support.outcomes import Outcome, outcome

pytestmark = pytest.mark.slow


def corrupt(path: Path) -> None:
    """Change a byte in the middle."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def truncate(path: Path) -> None:
    """Keep the first half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGE: dict[str, Callable[[Path], None]] = {
    "kill -9 of a run": lambda _: None,
    "a corrupted checkpoint": corrupt,
    "a truncated checkpoint": truncate,
}


class Killer:
    """Kills the runs in flight at the first epoch of each of three trials, and damages their checkpoints."""

    def __init__(self, folder: Path, damage: Callable[[Path], None]) -> None:
        self.folder, self.damage = folder, damage
        self.struck: set[int] = set()
        self.killed_at: dict[int, float] = {}
        self.seconds: list[float] = []

    def __call__(self, events: list[Event]) -> None:
        for e in events:
            if isinstance(e, Failed):
                if (self.folder / f"{e.number}.pt").exists():  # it was killed after its first epoch
                    self.damage(self.folder / f"{e.number}.pt")
                self.killed_at[e.number] = time.monotonic()
            elif isinstance(e, Progress) and e.number in self.killed_at:
                self.seconds.append(time.monotonic() - self.killed_at.pop(e.number))
            elif isinstance(e, Progress) and e.number in (0, 4, 8) and e.number not in self.struck:
                self.struck.add(e.number)
                for run in runs():
                    run.kill()


@pytest.mark.parametrize("fault", DAMAGE)
def test_runs_that_are_killed_lose_nothing(
    tiny: Callable[..., str],
    tmp_path: Path,
    calm: Callable[[str], Outcome],
    record: Callable[..., None],
    fault: str,
) -> None:
    text = tiny(epochs="4")
    whole = calm(text)
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    killer = Killer(tmp_path / "runs", DAMAGE[fault])
    engine = Disturbed(LocalEngine(2), killer)
    assert run_study(parse(text), store, engine, tmp_path / "runs").state == "complete"
    assert outcome(store) == whole
    assert max(t.attempts for t in store.trials("tiny")) >= 2
    assert killer.struck == {0, 4, 8}
    assert runs() == []
    assert list((tmp_path / "runs").iterdir()) == []
    store.close()
    for seconds in killer.seconds:
        how = (
            "goes on from its checkpoint"
            if fault in ("kill -9 of a run",)
            else "the damage is seen; its run begins anew"
        )
        record(fault, how, seconds)
