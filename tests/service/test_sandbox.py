"""The sandbox limits its jobs, and works after one exceeded a limit."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from scaling_search.errors import InputError
from scaling_search.service import Settings, create_app
from scaling_search.service.sandbox import Sandbox
from scaling_search.service.sandbox_jobs import make_family
from scaling_search.store import Store
from tests.support.service import JSON, STUDY, V1, refused


def test_a_spec_too_large_to_enumerate_is_refused_and_the_server_continues(store: Store, settings: Settings) -> None:
    huge = "name: huge\nbase: {resolution: 1024, width: 4}\nbudget: {target: 256, tolerance: 0.25, divisor: 1}"
    app = create_app(store, settings)
    app.state.context.sandbox.seconds = 3.0
    with TestClient(app, headers=JSON) as client:
        assert "to work out here" in refused(client.post(f"{V1}/specs/plan", json={"spec": huge}), 422)
        assert client.get(STUDY).status_code == 200
        app.state.context.sandbox.seconds = 60.0
        triple = {"alpha": 1.2, "beta": 1.1, "gamma": 1.15, "phi": [1]}
        assert client.post(f"{V1}/family", json=triple).status_code == 200


def test_results_and_errors_come_back(sandbox: Sandbox) -> None:
    family = sandbox.call(make_family, [1.2, 1.1, 1.15], "efficientnet_b0", None, [1.0], "nearest", 8)
    assert [m["phi"] for m in family["models"]] == [0, 1]
    with pytest.raises(InputError, match="unknown base"):
        sandbox.call(make_family, [1.2, 1.1, 1.15], "no_network", None, [1.0], "nearest", 8)
    with pytest.raises(RuntimeError, match="TypeError"):
        sandbox.call(make_family, None, "efficientnet_b0", None, [1.0], "nearest", 8)  # type: ignore[arg-type]
