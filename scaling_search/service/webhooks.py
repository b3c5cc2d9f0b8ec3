"""Telling other servers that a study ended or paused: signed, tried again, and never to a private address unless allowed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import time
from urllib.parse import urlsplit

import httpx

from scaling_search.errors import InputError
from scaling_search.service.settings import Settings
from scaling_search.store.webhook_queue import Due, WebhookQueue

POLL, TIMEOUT = 2.0, 5.0
RETRIES = (10.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds until the next try; after the last it is given up."""
SIGNATURE = "x-scaling-search-signature"

log = logging.getLogger("scaling_search.webhooks")


def signature(secret: str, at: int, body: bytes) -> str:
    """``t=<Unix seconds>,v1=<hex>``: HMAC-SHA256 over "<t>." and the body."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


def addresses(host: str, port: int) -> list[str]:
    """The addresses a name has now; [] when it has none."""
    try:
        return list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError):
        return []


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_global and not ip.is_multicast


def check_url(url: str, settings: Settings) -> None:
    """See that a webhook's URL may be called.

    Raises:
        InputError: webhooks are off, it is no HTTP URL, or its address is private.
    """
    if settings.webhook_secret is None:
        raise InputError("webhook: this server sends none", "set SCALING_SEARCH_WEBHOOK_SECRET where it is started")
    target(url, settings)


def target(url: str, settings: Settings) -> tuple[str, str, int]:
    """(address to connect to, host name, port) of a URL.

    Raises:
        InputError: it may not be called.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as e:
        raise InputError(f"webhook: {url[:200]!r} is no URL: {e}") from None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise InputError(f"webhook: {url[:200]!r} is no http(s) URL without a password in it")
    found = addresses(host, port)
    if not found:
        raise InputError(f"webhook: {host!r} has no address", "check the name")
    if not settings.private_webhooks and not all(map(_is_public, found)):
        raise InputError(f"webhook: {host!r} is a private address", "start the server with --private-webhooks")
    return found[0], host, port


class Sender:
    """Sends what is due, one call at a time."""

    def __init__(self, deliveries: WebhookQueue, settings: Settings) -> None:
        self.deliveries, self.settings = deliveries, settings

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(Exception):  # the database may be away for a while
                for due in await asyncio.to_thread(self.deliveries.due):
                    await self.send(due)
            await asyncio.sleep(POLL)

    async def send(self, due: Due) -> None:
        """Make one call, and write down how it went. Of several servers only one gets to make it."""
        wait = RETRIES[due.attempts] if due.attempts < len(RETRIES) else None
        if not await asyncio.to_thread(self.deliveries.take, due, wait):
            return
        try:
            status = await self._post(due)
            error = None if 200 <= status < 300 else f"answered {status}"
        except (InputError, httpx.HTTPError) as e:
            error = f"{type(e).__name__}: {e}"[:500]
        if error:
            log.warning("webhook of %s, try %d: %s", due.payload["study"], due.attempts + 1, error)
        await asyncio.to_thread(self.deliveries.done, due, error)

    async def _post(self, due: Due) -> int:
        """Call the very address that was checked, under the host's name; redirects are not followed."""
        address, host, port = await asyncio.to_thread(target, due.url, self.settings)
        url = httpx.URL(due.url)
        body, now = json.dumps(due.payload).encode(), int(time.time())
        headers = {"content-type": "application/json", "host": url.netloc.decode(), "user-agent": "scaling-search"}
        headers[SIGNATURE] = signature(self.settings.webhook_secret or "", now, body)
        pinned = url.copy_with(host=address, port=port)
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            request = client.build_request("POST", pinned, content=body, headers=headers)
            request.extensions["sni_hostname"] = host
            answer = await client.send(request, stream=True)
            await answer.aclose()
        return answer.status_code
