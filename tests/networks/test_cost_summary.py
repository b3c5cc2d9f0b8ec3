"""All costs of a network in one table."""

from __future__ import annotations

from scaling_search.networks.bases import base_network
from scaling_search.networks.cost import cost
from scaling_search.networks.cost_summary import cost_summaries


def test_a_base_network_is_priced_by_name() -> None:
    (only,) = cost_summaries(base_network("mobilenet_v1"), {})
    assert (only.cost.macs, only.latency) == (cost(base_network("mobilenet_v1")).macs, None)
