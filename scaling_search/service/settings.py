"""Server settings."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one server.

    ``hosts`` are additional accepted host names. ``tls`` means that a proxy terminates TLS. Specs received over HTTP
    may name folders under ``data_roots`` only. Webhooks need a ``webhook_secret``.
    """

    db: str
    host: str = "127.0.0.1"
    port: int = 8080
    worker: bool = True
    hosts: tuple[str, ...] = ()
    tls: bool = False
    data_roots: tuple[Path, ...] = ()
    private_webhooks: bool = False
    webhook_secret: str | None = None
    slots: int | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def knows(self, host: str) -> bool:
        """Whether a Host header names this server. Every IP address is accepted, as DNS rebinding needs a name."""
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return name.lower() in ("localhost", self.host, *self.hosts)
        return True
