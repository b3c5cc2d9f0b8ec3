"""The entry point: version, exit codes, unwritable output, what is loaded, and help."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import typer.main

from scaling_search.cli import app
from tests.support.cli import STUDY

COMMANDS = {"plan", "run", "list", "show", "trials", "choose", "export", "family", "spec", "db upgrade"}
WATCH = """
import contextlib, io, json, sys
from scaling_search.cli import app
loaded = {}
for args in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")), contextlib.suppress(SystemExit):
        app(args, standalone_mode=False)
    loaded[" ".join(args)] = sorted({"torch", "torchvision", "fvcore"} & set(sys.modules))
print(json.dumps(loaded))
"""


REFUSED: list[tuple[str, int, str]] = [
    ("nope", 2, "No such command 'nope'"),
]


def test_the_version_is_that_of_the_package(printed: Callable[..., bytes], tmp_path: Path) -> None:
    assert printed("--version", cwd=tmp_path).decode() == f"scaling-search {metadata.version('scaling-search')}\n"


def test_reading_and_planning_never_load_torch(study_dir: Path) -> None:
    commands = [
        ["--help"],
        ["plan", "study.yaml"],
        ["plan", "imagenet_b0", "--json"],
        ["family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15"],
        ["family", "--preset", "efficientnet", "--json"],
        ["spec", "study.yaml"],
        ["spec", "--schema"],
        ["list", "--db", "s.db"],
        ["show", *STUDY],
        ["show", *STUDY, "--json"],
        *(["trials", *STUDY, "--format", form] for form in ("csv", "json", "parquet")),
        *(["export", *STUDY, "--format", form] for form in ("json", "csv", "markdown", "python")),
        ["choose", *STUDY],
        ["db", "upgrade", "--db", "s.db"],
    ]
    watch = [sys.executable, "-c", WATCH, json.dumps(commands)]
    done = subprocess.run(watch, cwd=study_dir, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {" ".join(args): [] for args in commands}


def groups(command: Any, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every command and group by its words."""
    by_words = {" ".join(path): command}
    for name, inner in getattr(command, "commands", {}).items():
        by_words |= groups(inner, (*path, name))
    return by_words


EVERY = groups(typer.main.get_command(app))


def test_the_promised_commands_are_there() -> None:
    assert set(EVERY) >= COMMANDS


@pytest.mark.parametrize("words", EVERY)
def test_help_explains_every_command_and_option(printed: Callable[..., bytes], tmp_path: Path, words: str) -> None:
    command = EVERY[words]
    shown = " ".join(printed(*words.split(), "--help", cwd=tmp_path).decode().replace("│", " ").split())
    assert command.help
    assert command.help.split(".")[0] in shown
    for option in (p for p in command.params if p.param_type_name == "option" and not getattr(p, "hidden", False)):
        assert option.help
        assert all(name in shown for name in option.opts)
    assert all(inner in shown for inner in getattr(command, "commands", {}))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", ["--version", "family --preset efficientnet", "spec --schema"])
def test_an_output_that_cannot_be_written_is_one_message(command: str) -> None:
    with open("/dev/full", "w") as full:
        start = [sys.executable, "-m", "scaling_search.cli", *command.split()]
        done = subprocess.run(start, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "error: cannot write the output: No space left on device\n")


def test_an_output_that_is_closed_is_no_error() -> None:
    start = f"exec {sys.executable} -m scaling_search.cli family --preset efficientnet --format json >&-"
    done = subprocess.run(["sh", "-c", start], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("command", "code"), [("show x --db foreign.db", 1), ("family --preset resnet", 2)])
def test_a_process_ends_with_the_code_and_the_message(command: str, code: int, bad_files: Path) -> None:
    script = Path(sys.executable).with_name("scaling-search")
    for start in ([sys.executable, "-m", "scaling_search.cli"], [str(script)]):
        done = subprocess.run([*start, *command.split()], cwd=bad_files, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
