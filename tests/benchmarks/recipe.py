"""What a benchmark run trains, as a value that can be handed to another process."""

from __future__ import annotations

import json
from dataclasses import dataclass

from scaling_search.networks.architecture import Architecture
from scaling_search.spec.proxy import ProxySpec


@dataclass(frozen=True)
class Job:
    """A network and its recipe."""

    arch: Architecture
    proxy: ProxySpec


def dump(job: Job) -> str:
    """As one line of JSON."""
    return json.dumps({"arch": job.arch.to_dict(), "proxy": job.proxy.model_dump(mode="json")})


def parse(text: str) -> Job:
    """What :func:`dump` wrote."""
    values = json.loads(text)
    return Job(Architecture.from_dict(values["arch"]), ProxySpec.model_validate(values["proxy"]))
