"""Two hosts in network namespaces, a PostgreSQL server beyond them, and a link that is cut and restored."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaling_search.store import Store, Workers, open_database, upgrade_database
from tests.faults.hosts import Host, Pair, until
from tests.support.outcomes import Outcome, outcome
from tests.support.postgresql import Server, needed_binaries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


class Link:
    """A host's network link to this one; its names contain this process's number."""

    def __init__(self, number: int) -> None:
        self.name, self.here, self.there = (
            f"f{os.getpid() % 100_000}-{number}",
            f"10.213.{number}.1",
            f"10.213.{number}.2",
        )
        self.space = f"{self.name}s"
        ip("netns", "add", self.space)
        ip("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.space)
        ip("addr", "add", f"{self.here}/24", "dev", self.name)
        ip("link", "set", self.name, "up")
        ip("-n", self.space, "addr", "add", f"{self.there}/24", "dev", "eth0")
        ip("-n", self.space, "link", "set", "eth0", "up")

    def cut(self) -> None:
        ip("link", "set", self.name, "down")

    def restore(self) -> None:
        ip("link", "set", self.name, "up")

    def remove(self) -> None:
        ip("netns", "del", self.space)


@pytest.fixture
def links() -> Iterator[list[Link]]:
    """Two links; skips where network namespaces are refused."""
    opened: list[Link] = []
    try:
        opened.extend(Link(number) for number in (1, 2))
    except (RuntimeError, OSError) as e:
        pytest.skip(f"network namespaces are refused: {e}")
    yield opened
    for link in opened:
        link.remove()


@pytest.fixture
def server(links: list[Link]) -> Iterator[Server]:
    """A server that both hosts reach; skips where PostgreSQL is not installed."""
    started = Server(needed_binaries(), addresses=[link.here for link in links])
    yield started
    started.close()


@pytest.fixture
def hosts(tmp_path: Path, links: list[Link], server: Server) -> Iterator[list[Host]]:
    """A worker on each host, with a host name each and no shared folder."""
    started = []
    for n, link in zip(itertools.count(1), links, strict=False):
        name = f"host{n}"
        prefix = [
            "ip",
            "netns",
            "exec",
            link.space,
            "unshare",
            "--uts",
            "sh",
            "-c",
            f'hostname {name}; exec "$@"',
            "sh",
        ]
        url = f"postgresql://tester@{link.here}:{server.port}/postgres"
        started.append(Host(tmp_path / name, url, prefix))
    yield started
    for host in started:
        host.kill()


def test_a_link_that_is_cut_and_restored(
    tiny: Callable[..., str],
    links: list[Link],
    server: Server,
    hosts: list[Host],
    calm: Callable[[str], Outcome],
    record: Callable[..., None],
) -> None:
    upgrade_database(server.url())
    store = Store(open_database(server.url()))
    until(lambda: {w.host for w in Workers(store).all()} == {"host1", "host2"}, "two workers")
    pair = Pair(store, tiny(epochs="4"), hosts)
    link = links[hosts.index(pair.first)]
    link.cut()
    seconds = pair.taken_over()
    link.restore()
    until(lambda: "was taken over" in pair.first.log, "the late write's refusal")
    pair.ended()
    assert outcome(store) == calm(tiny(epochs="4"))
    assert [host.leave() for host in hosts] == [0, 0]
    store.close()
    record(
        "network link cut beyond the lease, then restored",
        "another host takes over; the late write is refused",
        seconds,
    )
