"""The `db` commands: upgrade, current, copy."""

from __future__ import annotations

from typing import Annotated

import typer

from scaling_search.cli.common import (
    Db,
    Json,
    open_store,
    print_json,
    with_db,
)
from scaling_search.errors import StudyExists

app = typer.Typer(no_args_is_help=True, help="Upgrade the database, show its schema, and copy studies to another one.")


@app.command("upgrade")
def db_upgrade(db: Db = None) -> None:
    """Upgrade the database to the newest schema; create it if there is none."""
    from scaling_search.paths import default_database
    from scaling_search.store import upgrade_database
    from scaling_search.store.database import shown

    location = db or default_database()
    before, after = upgrade_database(location)
    print(
        f"{shown(location)}: schema {after}"
        + (" (nothing to do)" if before == after else f" (was {before or 'empty'})")
    )


@app.command("current")
def db_current(db: Db = None, as_json: Json = False) -> None:
    """Show the schema of the database, and whether it is the newest; the exit code is 1 if it is not. Nothing is changed."""
    from scaling_search.paths import default_database
    from scaling_search.store import current_schema
    from scaling_search.store.database import HEAD, schema_state, shown

    location = db or default_database()
    schema = current_schema(location)
    state = schema_state(schema)
    upgrade = f"the newest is {HEAD}; run: {with_db('scaling-search db upgrade', db)}"
    too_old = f"this program knows {HEAD} and is too old for it; upgrade scaling-search"
    remark = {"empty": upgrade, "older": upgrade, "newest": "the newest", "newer": too_old}[state]
    if as_json:
        print_json({"database": shown(location), "schema": schema, "newest": HEAD, "state": state})
    else:
        print(f"{shown(location)}: schema {schema or 'empty'} ({remark})")
    if state != "newest":
        raise typer.Exit(1)


@app.command("copy")
def db_copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Database file or URL.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Database file or URL; created if there is none.")],
    study: Annotated[list[str] | None, typer.Option(help="Copy only this study. Repeatable. Default: all.")] = None,
    as_json: Json = False,
) -> None:
    """Copy studies to another SQLite or PostgreSQL database and verify every row. Tokens and the audit trail are not copied."""
    from scaling_search.store.copy import copy_studies

    try:
        copied = copy_studies(open_store(source), open_store(target, create=True), study or ())
    except StudyExists as e:
        raise StudyExists(
            e.message, f"{e.hint}; for its pages run: {with_db('scaling-search serve', target)}"
        ) from None
    if as_json:
        print_json(copied)
        return
    for name, rows in copied.items():
        print(f"{name}: " + ", ".join(f"{n} {table}" for table, n in rows.items() if n and table != "study"))
