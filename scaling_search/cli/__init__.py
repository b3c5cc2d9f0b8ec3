"""The command line: each command is a few lines into the rooms below, which are imported only when a command needs them."""

from __future__ import annotations

import io
import sys

import typer

from scaling_search.cli import base, prices, results, service, study, tools, validation
from scaling_search.errors import ScalingSearchError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Finds how to spend a doubling of a convolutional network's cost on depth, width and resolution, and says how sure it is.",
)
app.add_typer(study.app)
app.add_typer(results.app)
app.add_typer(validation.app)
app.add_typer(prices.app)
app.add_typer(tools.app)
app.add_typer(base.app, name="base")
app.add_typer(service.app)


def main() -> None:
    """The console script: errors become one readable message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no α still gets the numbers
    try:
        app()
    except ScalingSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
