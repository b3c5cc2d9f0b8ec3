"""A disk that is full for the checkpoints, the cache or the database: the study stops with the reason, and goes on with space."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaling_search.engine import Event, LocalEngine, Progress
from scaling_search.errors import StoreError
from scaling_search.search.run import run_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.faults.disturbed import Disturbed, runs
from tests.support.outcomes import Outcome, outcome

pytestmark = pytest.mark.slow


class Disk:
    """A small disk; ``fill`` writes it full, ``free`` undoes that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        try:
            with (self.folder / "ballast").open("wb") as file:
                while True:
                    file.write(bytes(4096))
                    file.flush()
        except OSError:
            pass

    def free(self) -> None:
        (self.folder / "ballast").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A tmpfs of 16 MiB as a disk; skips where mounting is refused."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode != 0:
        pytest.skip(f"mount is refused: {done.stderr.strip() if done else 'there is none'}")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Filler:
    """Fills the disk when trial 2 has ended its first epoch."""

    def __init__(self, disk: Disk) -> None:
        self.disk, self.full = disk, False

    def __call__(self, events: list[Event]) -> None:
        if not self.full and any(isinstance(e, Progress) and e.number == 2 for e in events):
            self.disk.fill()
            self.full = True


def go_on(text: str, db_path: Path, runs_folder: Path, disk: Disk) -> tuple[Outcome, float]:
    """Free the disk and run to the end; returns the outcome and the seconds to the first new epoch."""
    disk.free()
    began = time.monotonic()
    first_epoch_s: list[float] = []

    def listen(events: list[Event]) -> None:
        if not first_epoch_s and any(isinstance(e, Progress) for e in events):
            first_epoch_s.append(time.monotonic() - began)

    store = Store(open_database(str(db_path)))
    assert run_study(parse(text), store, Disturbed(LocalEngine(2), listen), runs_folder).state == "complete"
    result = outcome(store)
    store.close()
    assert runs() == []
    return result, first_epoch_s[0]


def test_a_full_disk_for_checkpoints(
    tiny: Callable[..., str], tmp_path: Path, disk: Disk, calm: Callable[[str], Outcome], record: Callable[..., None]
) -> None:
    text, db_path = tiny(epochs="4"), tmp_path / "s.db"
    store = Store(open_database(str(db_path), create=True))
    row = run_study(parse(text), store, Disturbed(LocalEngine(2), Filler(disk)), disk.folder / "runs")
    assert row.state == "failed"
    assert "cannot write the checkpoint" in (row.reason or "")
    assert all(t.state != "failed" for t in store.trials("tiny"))  # the networks are not at fault
    store.close()
    assert runs() == []
    result, seconds = go_on(text, db_path, disk.folder / "runs", disk)
    assert result == calm(text)
    record("disk full for checkpoints", "the study fails with the reason, no trial does; run again it goes on", seconds)


def test_a_full_disk_for_the_database(
    tiny: Callable[..., str], tmp_path: Path, disk: Disk, calm: Callable[[str], Outcome], record: Callable[..., None]
) -> None:
    text, db_path = tiny(epochs="4"), disk.folder / "s.db"
    store = Store(open_database(str(db_path), create=True))
    with pytest.raises(StoreError, match="full"):
        run_study(parse(text), store, Disturbed(LocalEngine(2), Filler(disk)), tmp_path / "runs")
    store.close()
    assert runs() == []
    result, seconds = go_on(text, db_path, tmp_path / "runs", disk)
    assert result == calm(text)
    record("disk full for the database", "the run ends with the reason; run again it goes on", seconds)


def test_a_full_disk_for_the_cache_of_images(
    tiny: Callable[..., str], tmp_path: Path, disk: Disk, calm: Callable[[str], Outcome], record: Callable[..., None]
) -> None:
    text, db_path = tiny(epochs="4", root=str(disk.folder / "data")), tmp_path / "s.db"
    disk.fill()
    store = Store(open_database(str(db_path), create=True))
    row = run_study(parse(text), store, LocalEngine(2), tmp_path / "runs")
    assert row.state == "failed"
    assert all(t.state == "waiting" for t in store.trials("tiny"))
    store.close()
    assert runs() == []
    result, seconds = go_on(text, db_path, tmp_path / "runs", disk)
    assert result == calm(tiny(epochs="4"))
    record(
        "disk full for the cache of images",
        "the study fails with the reason, no trial does; run again it goes on",
        seconds,
    )
