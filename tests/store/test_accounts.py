"""Tokens, sessions and the audit trail, on each kind of database."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_search.errors import InputError, NotFound
from scaling_search.store import Accounts, Actor, Store


def test_tokens_are_stored_as_hashes_and_refused_once_revoked(store: Store, tmp_path: Path) -> None:
    accounts = Accounts(store)
    assert not accounts.any_tokens()
    token = accounts.create_token("ann", "operator")
    actor = accounts.actor(token)
    assert actor is not None
    assert (actor.name, actor.role) == ("ann", "operator")
    cookie = accounts.log_in(actor)
    assert accounts.session(cookie) == actor
    raw = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert token.encode() not in raw
    assert cookie.encode() not in raw
    accounts.revoke_token(1)
    assert accounts.actor(token) is None
    assert accounts.session(cookie) is None
    assert [t.state for t in accounts.tokens()] == ["revoked"]
    with pytest.raises(NotFound):
        accounts.revoke_token(9)


def test_a_session_ends_by_logging_out(store: Store) -> None:
    accounts = Accounts(store)
    actor = accounts.actor(accounts.create_token("ann", "viewer"))
    assert actor is not None
    cookie = accounts.log_in(actor)
    accounts.log_out(cookie)
    assert accounts.session(cookie) is None


@pytest.mark.parametrize(("name", "role"), [("", "viewer"), ("a\nb", "viewer"), ("ann", "root")])
def test_invalid_names_and_roles_are_refused(store: Store, name: str, role: str) -> None:
    with pytest.raises(InputError):
        Accounts(store).create_token(name, role)


def test_the_audit_trail_is_newest_first_and_paged_by_id(store: Store) -> None:
    accounts = Accounts(store)
    ann = Actor("ann", "operator")
    for action in ("launch", "pause", "delete"):
        accounts.record(ann, "127.0.0.1", action, "s")
    newest, middle, oldest = accounts.trail()
    assert [row.action for row in (newest, middle, oldest)] == ["delete", "pause", "launch"]
    assert (newest.actor, newest.address, newest.study, newest.detail) == ("ann", "127.0.0.1", "s", None)
    assert accounts.trail(before=newest.id, limit=1) == [middle]


def test_a_token_expires(store: Store) -> None:
    accounts = Accounts(store)
    token = accounts.create_token("ann", "viewer", days=0)
    assert accounts.actor(token) is None
    assert [row.state for row in accounts.tokens()] == ["expired"]
