"""Webhooks: signed calls to other servers when a study ends or pauses, with retries.

Private addresses are called only if the server allows it.
"""

from __future__ import annotations

import asyncio
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
from scaling_search.service.background import LoopErrors
from scaling_search.service.settings import Settings
from scaling_search.store.webhook_queue import Due, WebhookQueue

POLL_S, TIMEOUT_S = 2.0, 5.0
RETRIES_S = (10.0, 60.0, 300.0, 1800.0, 7200.0)
"""Time until each retry; after the last the call is abandoned."""
SIGNATURE = "x-scaling-search-signature"
URL_HINT = "give an http(s) URL without user name and password"

log = logging.getLogger("scaling_search.webhooks")


def signature(secret: str, at: int, body: bytes) -> str:
    """``t=<Unix seconds>,v1=<hex>``: HMAC-SHA256 over "<t>." and the body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def addresses(host: str, port: int) -> list[str]:
    """The current addresses of a host name; [] if it has none."""
    try:
        return list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError):
        return []


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_global and not ip.is_multicast


def check_url(url: str, settings: Settings) -> None:
    """Check that a webhook's URL may be called.

    Raises:
        InputError: webhooks are off, the URL is not http(s), or its address is private.
    """
    if settings.webhook_secret is None:
        raise InputError("webhook: this server sends none", "set SCALING_SEARCH_WEBHOOK_SECRET and restart the server")
    target(url, settings)


def target(url: str, settings: Settings) -> tuple[str, str, int]:
    """(address to connect to, host name, port) of a URL.

    Raises:
        InputError: the URL may not be called.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as e:
        raise InputError(f"webhook: invalid URL {url[:200]!r}: {e}", URL_HINT) from None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise InputError(f"webhook: invalid URL {url[:200]!r}", URL_HINT)
    current = addresses(host, port)
    if not current:
        raise InputError(f"webhook: {host!r} has no address", "check the name")
    if not settings.private_webhooks and not all(map(_is_public, current)):
        raise InputError(f"webhook: {host!r} is a private address", "start the server with --private-webhooks")
    return current[0], host, port


class WebhookSender:
    """Sends due calls, one at a time."""

    def __init__(self, queue: WebhookQueue, settings: Settings) -> None:
        self.queue, self.settings = queue, settings

    async def run(self) -> None:
        """Send until cancelled."""
        errors = LoopErrors("sending webhooks")
        while True:
            with errors.caught():
                for due in await asyncio.to_thread(self.queue.due):
                    await self.send(due)
            await asyncio.sleep(POLL_S)

    async def send(self, due: Due) -> None:
        """Make one call and record its outcome. If several servers run, only one makes it."""
        retry_s = RETRIES_S[due.attempts] if due.attempts < len(RETRIES_S) else None
        if not await asyncio.to_thread(self.queue.take, due, retry_s):
            return
        try:
            status = await self._post(due)
            error = None if 200 <= status < 300 else f"answered {status}"
        except (InputError, httpx.HTTPError) as e:
            error = f"{type(e).__name__}: {e}"[:500]
        if error:
            log.warning("webhook of %s, try %d: %s", due.payload["study"], due.attempts + 1, error)
        await asyncio.to_thread(self.queue.done, due, error)

    async def _post(self, due: Due) -> int:
        """POST to the address that was checked, with the host's name. Redirects are not followed."""
        address, host, port = await asyncio.to_thread(target, due.url, self.settings)
        url = httpx.URL(due.url)
        body, at = json.dumps(due.payload).encode(), int(time.time())
        headers = {"content-type": "application/json", "host": url.netloc.decode(), "user-agent": "scaling-search"}
        headers[SIGNATURE] = signature(self.settings.webhook_secret or "", at, body)
        address_url = url.copy_with(host=address, port=port)
        async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            request = client.build_request("POST", address_url, content=body, headers=headers)
            request.extensions["sni_hostname"] = host
            response = await client.send(request, stream=True)
            await response.aclose()
        return response.status_code
