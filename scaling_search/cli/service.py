"""Commands of the service: submit, work, workers, serve, token."""

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
token_app = typer.Typer(no_args_is_help=True, help="Create, list and revoke access tokens of the service.")
app.add_typer(token_app, name="token")


def _log_to_stderr() -> None:
    import logging

    log_format = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=log_format, stream=sys.stderr)


def _user() -> str:
    """Name of the user who runs this, or the number if there is no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError from Python 3.13 on
        return str(os.getuid())


@app.command()
def submit(
    spec: SpecArgument,
    priority: Annotated[int, typer.Option(min=-100, max=100, help="Studies of higher priority start first.")] = 0,
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Queue a study. A worker runs it: `serve` starts one, and `work` is one."""
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
    tied: Annotated[bool, typer.Option("--tied", hidden=True, help="Exit when standard input closes.")] = False,
) -> None:
    """Run queued studies, one after the other, until SIGTERM; any number of workers may share a database."""
    from scaling_search.search.worker import run_worker

    _log_to_stderr()
    run_worker(open_store(db, create=True), runs_folder(db), slots, tied)


@app.command()
def workers(db: Db = None, as_json: Json = False) -> None:
    """List the workers: what each runs, and how long ago it reported."""
    from dataclasses import asdict

    from scaling_search.cli.display import table
    from scaling_search.report.format import duration
    from scaling_search.store import Workers

    processes = Workers(open_store(db)).all()
    if as_json:
        print_json([asdict(w) for w in processes])
        return
    heads = ["host", "pid", "state", "slots", "study", "runs", "heard of"]
    rows = [
        [w.host, str(w.pid), w.state, str(w.slots), w.study or "", str(w.runs), f"{duration(w.heard)} ago"]
        for w in processes
    ]
    console().print(table(heads, rows))


AllowHost = Annotated[
    list[str] | None,
    typer.Option(help="Host name that browsers use for this server, if it is behind a proxy. Repeatable."),
]
DataRoot = Annotated[
    list[Path] | None,
    typer.Option(help="Folder with datasets that studies from the API and the dashboard may use. Repeatable."),
]


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on. Clients need a token unless it is a loopback address.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 8080,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Also run queued studies.")] = True,
    allow_host: AllowHost = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy on this machine terminates TLS; cookies are marked Secure.")
    ] = False,
    data_root: DataRoot = None,
    private_webhooks: Annotated[
        bool, typer.Option("--private-webhooks", help="Allow webhooks to private addresses.")
    ] = False,
    db: Db = None,
    slots: Slots = None,
) -> None:
    """Serve the dashboard and the API, and run the studies that are launched there."""
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
    name: Annotated[str, typer.Argument(help="Name of the person or program that will use it, for the audit trail.")],
    role: Annotated[
        str, typer.Option(help="viewer: read. operator: also launch, control and delete studies.")
    ] = "viewer",
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="Days until it expires. Default: never.")] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Create a token and print it. It is printed only once, because only its hash is stored."""
    from scaling_search.store.accounts import Accounts

    token = Accounts(open_store(db, create=True)).create_token(name, role, days)
    if as_json:
        print_json({"name": name, "role": role, "days": days, "token": token})
    else:
        print(token)


@token_app.command("list")
def token_list(db: Db = None, as_json: Json = False) -> None:
    """List the tokens without their secret values."""
    from dataclasses import asdict

    from scaling_search.cli.display import table
    from scaling_search.report.format import utc_minute
    from scaling_search.store.accounts import Accounts

    tokens = Accounts(open_store(db)).tokens()
    if as_json:
        print_json([asdict(t) for t in tokens])
        return
    rows = [[str(t.id), t.name, t.role, t.state, utc_minute(t.created_at)] for t in tokens]
    console().print(table(["id", "name", "role", "state", "created"], rows))


@token_app.command("revoke")
def token_revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="The id that `token list` shows.")], db: Db = None
) -> None:
    """Revoke a token. Browsers that logged in with it are logged out."""
    from scaling_search.store.accounts import Accounts

    Accounts(open_store(db)).revoke_token(token_id)
    print(f"token {token_id} is revoked")
