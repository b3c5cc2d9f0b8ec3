"""The queue of webhook calls, on each kind of database."""

from __future__ import annotations

from scaling_search.search.studies import submit_study
from scaling_search.store import Store
from scaling_search.store.control import Control
from scaling_search.store.webhook_queue import WebhookQueue
from tests.support.studies import SPEC


def queue_with_a_call(store: Store) -> WebhookQueue:
    submit_study(store, SPEC, "ann", webhook="https://example.com/hook")
    Control(store).ask("s", "stop")
    return WebhookQueue(store)


def test_a_call_is_taken_once_and_due_again_until_it_succeeds(store: Store) -> None:
    queue = queue_with_a_call(store)
    (due,) = queue.due()
    assert (due.url, due.payload["state"], due.attempts) == ("https://example.com/hook", "stopped", 0)
    assert queue.take(due, retry_s=0)
    assert not queue.take(due, retry_s=0)
    queue.done(due, "answered 500")
    (again,) = queue.due()
    assert again.attempts == 1
    assert queue.take(again, retry_s=60)
    assert queue.due() == []
    queue.done(again, None)
    assert not queue.take(again, retry_s=0)


def test_an_abandoned_call_is_not_due_again(store: Store) -> None:
    queue = queue_with_a_call(store)
    (due,) = queue.due()
    assert queue.take(due, retry_s=None)
    assert queue.due() == []


def test_a_study_without_a_webhook_queues_no_call(store: Store) -> None:
    submit_study(store, SPEC, "ann")
    Control(store).ask("s", "stop")
    assert WebhookQueue(store).due() == []
