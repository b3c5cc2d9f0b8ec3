"""`submit` and `token create`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaling_search.store import Store, open_database
from scaling_search.store.accounts import Accounts
from tests.support.factories import tiny_yaml


def test_submit_and_token_create_in_json(printed_json: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(tiny_yaml())
    queued = printed_json("submit", "study.yaml", "--db", "s.db", "--priority", "3", cwd=tmp_path)
    assert queued == {"study": "tiny", "state": "queued", "priority": 3, "slots": None}
    result = printed_json("token", "create", "ann", "--role", "operator", "--days", "9", "--db", "s.db", cwd=tmp_path)
    store = Store(open_database(str(tmp_path / "s.db")))
    actor = Accounts(store).actor(result.pop("token"))
    store.close()
    assert actor is not None
    assert result == {"name": "ann", "role": "operator", "days": 9}
    assert (actor.name, actor.role) == ("ann", "operator")


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody without a name")
def test_who_has_no_name_is_a_number() -> None:
    code = "import os; from scaling_search.cli.service import _user; os.setuid(54321); print(_user())"
    nameless = {k: v for k, v in os.environ.items() if k not in ("LOGNAME", "USER", "LNAME", "USERNAME")}
    done = subprocess.run([sys.executable, "-c", code], env=nameless, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("54321\n", "")
