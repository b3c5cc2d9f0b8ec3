"""The `spec` command."""

from __future__ import annotations

from typing import Annotated

import typer

from scaling_search.cli.common import (
    Json,
    find_spec,
    print_json,
)
from scaling_search.errors import InputError

app = typer.Typer()


@app.command()
def spec(
    spec: Annotated[
        str | None, typer.Argument(metavar="SPEC", help="A study file, or the name of a shipped study.")
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of study files.")] = False,
    as_json: Json = False,
) -> None:
    """Print a study file with every default filled in, or the JSON Schema of study files."""
    if schema:
        from scaling_search.spec.study import StudySpec

        print_json(StudySpec.model_json_schema())
    elif spec is None:
        raise InputError("give a study file, or --schema")
    elif as_json:
        print_json(find_spec(spec).model_dump(mode="json"))
    else:
        print(find_spec(spec).to_yaml(), end="")
