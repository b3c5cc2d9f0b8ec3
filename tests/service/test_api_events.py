"""Health, readiness, metrics, and the OpenAPI document."""

from __future__ import annotations

from starlette.testclient import TestClient

from scaling_search.store import Store
from tests.support.service import V1, ok


def test_health_readiness_and_metrics(client: TestClient, store: Store) -> None:
    assert ok(client.get(f"{V1}/health")) == {"status": "ok", "schema_version": None}
    assert ok(client.get(f"{V1}/ready"))["schema_version"]
    text = client.get(f"{V1}/metrics").text
    assert 'scaling_search_trials{state="complete"} 11.0' in text
    assert 'scaling_search_requests_total{method="GET",route="/api/v1/health",status="200"} 1.0' in text
    store.close()


def test_every_operation_is_documented_with_its_errors(client: TestClient) -> None:
    document = ok(client.get(f"{V1}/openapi.json"))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            assert "401" in operation["responses"], (method, path)
    launch = document["components"]["schemas"]["Launch"]["properties"]["spec"]
    assert "name: tiny" in launch["examples"][0]
