"""Starting the server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scaling_search.errors import InputError
from scaling_search.service import Settings
from scaling_search.service.server import serve
from scaling_search.store import Accounts, Store


def test_serving_other_machines_needs_a_token(store: Store, settings: Settings) -> None:
    with pytest.raises(InputError, match="no valid token") as error:
        serve(store, replace(settings, host="0.0.0.0", port=0, worker=False))
    assert error.value.exit_code == 2
    Accounts(store).create_token("ann", "operator")
    Accounts(store).revoke_token(1)
    with pytest.raises(InputError, match="no valid token"):
        serve(store, replace(settings, host="192.0.2.1", port=0, worker=False))
