"""A temporary PostgreSQL server on a Unix socket, for tests and benchmarks."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

SETTINGS = {"max_connections": "60"}
HASTY = {"fsync": "off", "full_page_writes": "off"}


def find_binaries() -> Path | None:
    """The folder of initdb, pg_ctl and postgres of the newest installed version, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return None if found is None else Path(found).resolve().parent


def needed_binaries() -> Path:
    """The same for tests, which are skipped without PostgreSQL."""
    found = find_binaries()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return found


def _account() -> dict[str, Any]:
    """The account that runs the server, which refuses to be root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Server:
    """A server that trusts every local connection; its socket is in a folder of its owner only.

    Unless it is ``durable``, its data may be lost in a power cut. With ``addresses`` it also listens on these, at
    ``port``, and trusts the /24 network of each.
    """

    port = 5432

    def __init__(self, binaries: Path, durable: bool = False, addresses: Sequence[str] = ()) -> None:
        self.settings = {**SETTINGS, **({} if durable else HASTY), "listen_addresses": ",".join(addresses)}
        self.binaries, self.account = binaries, _account()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])
        self._numbers = itertools.count()
        self._run("initdb", "-D", "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.addresses = addresses
        with (self.folder / "data" / "pg_hba.conf").open("a") as file:
            file.writelines(f"host all all {address}/24 trust\n" for address in addresses)
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        with (self.folder / "output").open("ab") as output:  # a pipe would be held open by the server
            done = subprocess.run(
                command, cwd=self.folder, check=False, stdout=output, stderr=subprocess.STDOUT, **self.account
            )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{(self.folder / 'output').read_text()[-2000:]}")

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        where = f"-k {self.folder} {options}"
        self._run("pg_ctl", "-D", "data", "-w", "-s", "-l", str(self.folder / "log"), "-o", where, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: ``fast`` cuts every connection, ``immediate`` acts like a power cut."""
        self._run("pg_ctl", "-D", "data", "-w", "-s", "-m", mode, "stop")

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def url(self, name: str = "postgres") -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql://tester@/{name}?host={self.folder}"

    def execute(self, statements: Sequence[str], name: str = "postgres") -> list[Any]:
        """Run statements one by one without a transaction; returns the rows of the last."""
        engine = create_engine(self.url(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
            return list(result.all()) if result.returns_rows else []

    def new_database(self, template: str = "template1") -> str:
        """The URL of a new database, empty or a copy of another."""
        name = f"test{next(self._numbers)}"
        self.execute([f"CREATE DATABASE {name} TEMPLATE {template}"])
        return self.url(name)
