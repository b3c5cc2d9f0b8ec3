"""The command line and its exit codes. Commands import what they need when they run, so that --help is quick."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Annotated

import typer

from scaling_search.cli import bases, cost, data, db, family, results, service, spec, study, validation
from scaling_search.errors import ScalingSearchError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Finds how to spend a doubling of a convolutional network's cost on depth, width and resolution, and says how sure it is.",
)
for commands in (study, results, validation, cost, family, spec):
    app.add_typer(commands.app)
app.add_typer(db.app, name="db")
app.add_typer(data.app, name="data")
app.add_typer(bases.app, name="base")
app.add_typer(service.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from scaling_search.search.versions import program_version

        print(f"scaling-search {program_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before a command."""


OUTPUT_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""Error numbers of writing to a redirected output."""


def _drop_output() -> None:
    """Discard what is still buffered for standard output: Python would try to write it again at exit, and fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """The console script: an error becomes one message and an exit code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack characters such as α
        elif stream is None:  # closed by the parent process
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except ScalingSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        _drop_output()
        sys.exit(0)
    except OSError as error:
        if error.errno not in OUTPUT_ERRORS or error.filename is not None:
            raise
        _drop_output()
        print(f"error: cannot write the output: {error.strerror}", file=sys.stderr)
        sys.exit(1)
