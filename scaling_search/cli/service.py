"""Commands of the service: serve, work, workers, submit, token."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from scaling_search.cli.common import Db, Json, Slots, SpecArgument, console, find_spec, open_store, print_json
from scaling_search.paths import runs_folder

app = typer.Typer()
token_app = typer.Typer(no_args_is_help=True, help="Tokens: who may use the service.")
app.add_typer(token_app, name="token")


def _log_to_stderr() -> None:
    import logging

    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, stream=sys.stderr)


def _user() -> str:
    """Who runs this: the name, or the number of a user who has none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError from Python 3.13 on
        return str(os.getuid())


@app.command()
def submit(
    spec: SpecArgument,
    priority: Annotated[int, typer.Option(min=-100, max=100, help="Higher ones start first.")] = 0,
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Queue a study for a worker (`serve` has one; `work` is one)."""
    from scaling_search.search.studies import submit_study

    study = find_spec(spec)
    row = submit_study(open_store(db, create=True), study, _user(), priority, slots)
    if as_json:
        print_json({"study": row.name, "state": row.state, "priority": priority, "slots": slots})
    else:
        print(f"study {study.name!r} is queued")


@app.command()
def work(
    db: Db = None,
    slots: Slots = None,
    tied: Annotated[bool, typer.Option("--tied", hidden=True, help="Leave when standard input closes.")] = False,
) -> None:
    """Run queued studies, one after the other, until SIGTERM; any number of workers may share a database."""
    from scaling_search.search.worker import run_worker

    _log_to_stderr()
    run_worker(open_store(db, create=True), runs_folder(db), slots, tied)


@app.command()
def workers(db: Db = None, as_json: Json = False) -> None:
    """List the worker processes: what each runs, and when it was last heard of."""
    from dataclasses import asdict

    from scaling_search.cli.display import table
    from scaling_search.report.format import duration
    from scaling_search.store import Workers

    found = Workers(open_store(db)).all()
    if as_json:
        print_json([asdict(w) for w in found])
        return
    heads = ["host", "pid", "state", "slots", "study", "runs", "heard of"]
    rows = [
        [w.host, str(w.pid), w.state, str(w.slots), w.study or "", str(w.runs), f"{duration(w.heard)} ago"]
        for w in found
    ]
    console().print(table(heads, rows))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; others than loopback need a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")] = 8080,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Run queued studies here too.")] = True,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Name that browsers may call this server by, behind a proxy. Repeatable.")
    ] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy on this machine ends TLS: cookies are Secure.")
    ] = False,
    data_root: Annotated[
        list[Path] | None, typer.Option(help="Folder that specs from API and form may name. Repeatable.")
    ] = None,
    private_webhooks: Annotated[
        bool, typer.Option("--private-webhooks", help="Webhooks may go to private addresses.")
    ] = False,
    db: Db = None,
    slots: Slots = None,
) -> None:
    """Serve the dashboard and the API, and run what is launched there."""
    from scaling_search.paths import default_database
    from scaling_search.service import Settings
    from scaling_search.service.server import serve as run_server

    _log_to_stderr()
    settings = Settings(
        db=db or default_database(),
        host=host,
        port=port,
        worker=worker,
        hosts=tuple(allow_host or ()),
        tls=behind_tls,
        data_roots=tuple(p.resolve() for p in data_root or ()),
        private_webhooks=private_webhooks,
        webhook_secret=os.environ.get("SCALING_SEARCH_WEBHOOK_SECRET"),
        slots=slots,
    )
    run_server(open_store(db, create=True), settings)


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Argument(help="Whom it is for; written in the audit trail.")],
    role: Annotated[str, typer.Option(help="viewer: reads. operator: launches, steers and deletes too.")] = "viewer",
    days: Annotated[
        int | None, typer.Option(min=1, max=36500, help="Days it is good for. Default: until revoked.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it, once: only its hash is kept."""
    from scaling_search.store import Accounts

    token = Accounts(open_store(db, create=True)).create_token(name, role, days)
    if as_json:
        print_json({"name": name, "role": role, "days": days, "token": token})
    else:
        print(token)


@token_app.command("list")
def token_list(db: Db = None, as_json: Json = False) -> None:
    """List the tokens, without what they are."""
    from dataclasses import asdict

    from scaling_search.cli.display import table
    from scaling_search.report.format import utc_minute
    from scaling_search.store import Accounts

    found = Accounts(open_store(db)).tokens()
    if as_json:
        print_json([asdict(t) for t in found])
        return
    rows = [[str(t.id), t.name, t.role, t.state, utc_minute(t.created_at)] for t in found]
    console().print(table(["id", "name", "role", "state", "created"], rows))


@token_app.command("revoke")
def token_revoke(
    which: Annotated[int, typer.Argument(metavar="ID", help="As `token list` shows it.")], db: Db = None
) -> None:
    """Revoke a token: it, and the browsers that logged in with it, are refused from now on."""
    from scaling_search.store import Accounts

    Accounts(open_store(db)).revoke_token(which)
    print(f"token {which} is revoked")
