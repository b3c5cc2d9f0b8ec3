"""Checkpoints in a local folder and on a real S3 server: whole or not at all, damage seen, no place that cannot serve."""

from __future__ import annotations

import builtins
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.engine import Engine, Event, Failed, LocalEngine, Progress, make_engine
from scaling_search.errors import CheckpointError, InputError, SpecError
from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.paths import runs_folder
from scaling_search.search.run import run_study
from scaling_search.search.studies import submit_study
from scaling_search.search.worker import Worker
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.run import RunSpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from scaling_search.training.checkpoints import absolute, checkpoint_of, folder_of, make_folder, read, remove, write
from scaling_search.training.proxy_run import train
from tests.faults.disturbed import Disturbed, runs
from tests.support.outcomes import outcome
from tests.support.s3 import find_it, s3_server

NETWORK = scale(
    replace(B0, stages=B0.stages[:3], head=64, classes=10, image_channels=1), width=0.25, resolution=8
).with_strides((1, 1, 1, 2))


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A folder in a bucket of an S3 server, which every process started from here finds."""
    with s3_server() as address, pytest.MonkeyPatch.context() as patch:
        find_it(patch, address)
        yield "s3://runs/of-mine"


@pytest.fixture(params=["path", "file", "local", "s3"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder of each kind."""
    places = {"path": tmp_path / "runs", "file": f"file://{tmp_path}/runs", "local": f"local://{tmp_path}/runs"}
    where = str(places[request.param]) if request.param in places else str(request.getfixturevalue("bucket"))
    make_folder(where)
    return where


def names(folder: str) -> list[str]:
    files, inside = fsspec.core.url_to_fs(folder)
    files.invalidate_cache()
    return sorted(name.rsplit("/", 1)[-1] for name in files.find(inside))


def test_what_is_written_is_read_until_it_is_removed(folder: str) -> None:
    place = checkpoint_of(folder, 7)
    assert read(place) is None
    write(place, b"one")
    write(place, b"two")
    assert read(place) == b"two"
    assert names(folder) == ["7.pt"]  # nothing is left beside it
    remove(place)
    remove(place)
    assert read(place) is None
    assert names(folder) == []


def test_damage_is_seen(folder: str) -> None:
    place = checkpoint_of(folder, 8)
    write(place, b"whole")
    files, inside = fsspec.core.url_to_fs(place)
    sealed = files.cat_file(inside)
    for damaged in (sealed[:-1], sealed[:-1] + b"x", sealed[:5], b""):
        files.pipe_file(inside, damaged)
        assert read(place) is None
    remove(place)


@pytest.mark.parametrize("at", ["pipe_file", "mv"])
def test_what_a_killed_writer_leaves_is_no_checkpoint(bucket: str, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    make_folder(bucket)
    place = checkpoint_of(bucket, 9)
    write(place, b"before")
    files, _ = fsspec.core.url_to_fs(place)

    def cut(*_: object, **__: object) -> None:
        raise OSError("the connection was cut")

    with monkeypatch.context() as patch:
        patch.setattr(files, at, cut)
        with pytest.raises(CheckpointError, match=r"cannot write the checkpoint s3://.*: the connection was cut"):
            write(place, b"after")
    assert read(place) == b"before"
    remove(place)
    assert names(bucket) == []


def test_a_run_goes_on_from_s3_to_the_same_bits(bucket: str, digits_root: Path) -> None:
    recipe = ProxySpec(
        dataset="digits", root=str(digits_root), train_size=128, validation_size=64, epochs=3, batch_size=32
    )
    make_folder(bucket)
    place = checkpoint_of(bucket, 1)
    whole = [replace(e, seconds=0, images_per_second=0) for e in train(NETWORK, 0, recipe)]
    stopped = train(NETWORK, 0, recipe, place)
    first = next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    resumed = list(train(NETWORK, 0, recipe, place))
    assert resumed[0] == first  # its time too: it is told again, not trained again
    assert [replace(e, seconds=0, images_per_second=0) for e in resumed] == whole
    remove(place)


# --- where they lie


def test_the_spec_decides_then_the_environment_then_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}\n"
    monkeypatch.delenv("SCALING_SEARCH_CHECKPOINTS", raising=False)
    assert folder_of(parse(text), runs_folder("here/s.db")) == "here/s.runs/s"
    assert folder_of(parse(text), runs_folder("postgresql://x/y")) == "scaling_search.runs/s"
    monkeypatch.setenv("SCALING_SEARCH_CHECKPOINTS", "s3://ours/runs/")
    assert folder_of(parse(text), runs_folder("here/s.db")) == "s3://ours/runs/s"
    assert folder_of(parse(text + "run: {checkpoints: /nfs/runs}"), runs_folder(None)) == "/nfs/runs/s"


def test_a_worker_elsewhere_finds_the_same_place() -> None:
    assert absolute("s3://runs/1.pt") == "s3://runs/1.pt"
    assert absolute("runs/1.pt") == str(Path.cwd() / "runs" / "1.pt")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("s4://runs", "there are no s4:// URLs"),
        ("memory://runs", "each process's own"),
        ("dir::s3://x", "there are no dir::s3:// URLs"),
    ],
)
def test_a_place_that_cannot_serve_is_refused(tiny: Callable[..., str], tmp_path: Path, place: str, words: str) -> None:
    text = tiny() + f"run: {{checkpoints: '{place}'}}\n"
    with pytest.raises(SpecError, match=words):
        parse(text)
    (tmp_path / "s.yaml").write_text(text)
    done = CliRunner().invoke(app, ["run", str(tmp_path / "s.yaml"), "--db", str(tmp_path / "s.db")])
    assert isinstance(done.exception, SpecError)
    assert done.exception.exit_code == 2
    with pytest.raises(InputError, match=words) as raised:  # from the environment
        make_folder(f"{place}/tiny")
    assert "SCALING_SEARCH_CHECKPOINTS" in raised.value.hint


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *more: Any, **others: Any) -> Any:
        if name.partition(".")[0] == "adlfs":
            raise ImportError("No module named 'adlfs'")
        return found(name, *more, **others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match="adlfs"):
        make_folder("abfs://runs")


def test_a_place_that_cannot_be_written_stops_before_anything_trains(tiny: Callable[..., str], tmp_path: Path) -> None:
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    with pytest.raises(CheckpointError, match="cannot write the checkpoint http://"):
        run_study(parse(tiny()), store, LocalEngine(1), "http://127.0.0.1:9/runs")
    assert store.trials("tiny") == []
    store.close()


def test_a_worker_that_cannot_write_there_fails_the_study(tiny: Callable[..., str], tmp_path: Path) -> None:
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    submit_study(store, parse(tiny()), "ann")
    leave = threading.Event()
    worker = threading.Thread(target=Worker(store, "http://127.0.0.1:9/runs", 1).run, args=(leave,))
    worker.start()
    while store.study("tiny").state == "queued":
        leave.wait(0.05)
    leave.set()
    worker.join()
    row = store.study("tiny")
    assert (row.state, str(row.reason)[:33]) == ("failed", "cannot write the checkpoint http:")
    assert store.holder("tiny") is None
    store.close()


def test_who_comes_over_the_network_names_no_place(tiny: Callable[..., str]) -> None:
    with pytest.raises(SpecError, match=r"run\.checkpoints names a place to write to"):
        parse(tiny() + "run: {checkpoints: runs}\n").refuse_user_code()


def test_one_that_cannot_be_removed_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "1.pt").mkdir()
    with caplog.at_level(logging.WARNING):
        remove(tmp_path / "1.pt")
    assert "cannot remove the checkpoint" in caplog.text


# --- whole studies


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "ray"])
def test_killed_runs_go_on_from_s3(
    bucket: str, tiny: Callable[..., str], tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    text = tiny(epochs="4")
    stores = [Store(open_database(str(tmp_path / f"{i}.db"), create=True)) for i in range(2)]
    assert run_study(parse(text), stores[0], LocalEngine(2), tmp_path / "runs").state == "complete"
    made: Engine = LocalEngine(2)
    if engine == "ray":
        request.getfixturevalue("ray_here")
        made = make_engine(RunSpec(engine="ray", slots=2))
    left: list[list[str]] = []
    heard: dict[int, list[int]] = {}

    def kill(events: list[Event]) -> None:
        for e in events:
            if isinstance(e, Progress):
                heard.setdefault(e.number, []).append(e.result.epoch)
                if not left and e.number == 4:
                    left.append(names(f"{bucket}/{engine}"))
                    for run in runs():
                        run.kill()
            elif isinstance(e, Failed):
                heard[e.number] = []

    kept = parse(text + f"run: {{checkpoints: '{bucket}/{engine}', keep_checkpoints: true}}\n")
    where = f"{bucket}/{engine}"
    assert run_study(kept, stores[1], Disturbed(made, kill), where).state == "complete"
    assert "4.pt" in left[0]
    assert outcome(stores[1]) == outcome(stores[0])
    assert names(where) == sorted(f"{t.number}.pt" for t in stores[1].trials("tiny"))
    if engine == "local":
        assert max(t.attempts for t in stores[1].trials("tiny")) == 2
    for store in stores:
        store.close()
