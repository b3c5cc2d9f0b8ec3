"""Webhooks: which URLs may be called, and errors of the sending loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from scaling_search.errors import InputError, StoreError
from scaling_search.service import Settings, create_app, webhooks
from scaling_search.service.webhooks import check_url
from scaling_search.store import Store
from scaling_search.store.webhook_queue import Due, WebhookQueue
from tests.support.service import JSON, V1, refused


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "http://localhost/x", "http://[::1]/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://192.168.1.1:8080/"],
)  # fmt: skip
def test_a_webhook_to_a_private_address_is_refused(
    store: Store, settings: Settings, tiny: Callable[..., str], url: str
) -> None:
    app = create_app(store, replace(settings, webhook_secret="s"))
    with TestClient(app, headers=JSON) as client:
        message = refused(client.post(f"{V1}/studies", json={"spec": tiny("fresh"), "webhook": url}), 422)
    assert "private address" in message or "no address" in message


def test_a_webhook_whose_name_becomes_private_is_not_called(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved = iter([["8.8.8.8"], ["169.254.169.254"]])
    monkeypatch.setattr(webhooks, "addresses", lambda host, port: next(resolved))
    signing = replace(settings, webhook_secret="s")
    check_url("http://rebound.example/", signing)
    call = Due(1, "http://rebound.example/", {"study": "tiny"}, 0)
    with pytest.raises(InputError, match="private address"):
        asyncio.run(webhooks.WebhookSender(WebhookQueue(store), signing)._post(call))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://user:pw@8.8.8.8/",
        "http://",
        "x",
        "http://[",
        "http://8.8.8.8:99999/",
    ],
)
def test_a_webhook_is_an_http_url(settings: Settings, url: str) -> None:
    with pytest.raises(InputError, match="webhook"):
        check_url(url, replace(settings, webhook_secret="s"))


def test_without_a_secret_there_are_no_webhooks(client: TestClient, tiny: Callable[..., str]) -> None:
    given = {"spec": tiny("fresh"), "webhook": "https://8.8.8.8/"}
    assert "sends none" in refused(client.post(f"{V1}/studies", json=given), 422)


def test_an_unexpected_error_of_the_sender_is_logged_once_and_it_continues(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(webhooks, "POLL_S", 0)
    reads: list[int] = []

    class BrokenQueue(WebhookQueue):
        def due(self, limit: int = 20) -> list[Due]:
            reads.append(limit)
            raise KeyError("study") if len(reads) % 2 else StoreError("the database failed")

    async def run() -> None:
        sender = webhooks.WebhookSender(BrokenQueue(None), settings)  # type: ignore[arg-type]
        sending = asyncio.create_task(sender.run())
        while len(reads) < 6:
            await asyncio.sleep(0.01)
        sending.cancel()

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    (record,) = caplog.records
    assert "sending webhooks failed" in record.message
    assert record.exc_info is not None
    assert record.exc_info[0] is KeyError
