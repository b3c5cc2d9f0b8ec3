"""Studies are launched, steered and deleted in any order; every answer fits the study's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from starlette.testclient import TestClient

V1 = "/api/v1/studies"
STATE_AFTER = {"pause": "paused", "stop": "stopped", "cancel": "stopped", "resume": "queued"}
ALLOWED = {
    "pause": {"queued"},
    "stop": {"queued", "paused"},
    "cancel": {"queued", "paused"},
    "resume": {"paused", "stopped"},
}
"""States in which each verb is allowed. Without a worker no study runs."""


class Api(RuleBasedStateMachine):
    """The API, and a model of each study's state."""

    client: TestClient
    tiny: Callable[..., str]
    schema: Any
    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[str, str] = {}

    def call(self, method: str, path: str, template: str, **more: Any) -> Any:
        answer = self.client.request(method, path, **more)
        self.schema[template][method].validate_response(answer)
        return answer

    @rule(target=names, number=st.integers(0, 3))
    def launch(self, number: int) -> str:
        name = f"made_{number}"
        answer = self.call("POST", V1, "/api/v1/studies", json={"spec": self.tiny(name)})
        assert answer.status_code == (409 if name in self.states else 201)
        self.states.setdefault(name, "queued")
        return name

    @rule(name=names, verb=st.sampled_from(sorted(ALLOWED)))
    def steer(self, name: str, verb: str) -> None:
        answer = self.call("POST", f"{V1}/{name}/{verb}", f"/api/v1/studies/{{name}}/{verb}")
        state = self.states.get(name)
        heard = state in ALLOWED[verb]
        assert answer.status_code == (404 if state is None else 200 if heard else 409)
        if heard:
            self.states[name] = STATE_AFTER[verb]

    @rule(name=names, trials=st.integers(1, 4))
    def extend(self, name: str, trials: int) -> None:
        before = self.client.get(f"{V1}/{name}").json()
        answer = self.call("POST", f"{V1}/{name}/extend", "/api/v1/studies/{name}/extend", json={"trials": trials})
        assert answer.status_code == (200 if name in self.states else 404)
        if name in self.states:
            self.states[name] = "queued"
            assert self.client.get(f"{V1}/{name}").json()["total"] == before["total"] + trials

    @rule(name=names, archived=st.booleans())
    def archive(self, name: str, archived: bool) -> None:
        answer = self.call("PATCH", f"{V1}/{name}", "/api/v1/studies/{name}", json={"archived": archived})
        assert answer.status_code == (200 if name in self.states else 404)

    @rule(name=names)
    def remove(self, name: str) -> None:
        answer = self.call("DELETE", f"{V1}/{name}", "/api/v1/studies/{name}")
        assert answer.status_code == (204 if self.states.pop(name, None) else 404)

    @invariant()
    def the_states_are_those(self) -> None:
        listed = [s for a in ("false", "true") for s in self.client.get(V1, params={"archived": a}).json()["studies"]]
        assert {s["name"]: s["state"] for s in listed if s["name"].startswith("made_")} == self.states

    def teardown(self) -> None:
        for name in self.states:
            self.client.delete(f"{V1}/{name}").raise_for_status()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_any_order_of_calls(client: TestClient, tiny: Callable[..., str]) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", client.app, headers={"host": "testserver"})
    bound = type("Bound", (Api,), {"client": client, "tiny": staticmethod(tiny), "schema": schema})
    run_state_machine_as_test(bound, settings=settings(max_examples=30, stateful_step_count=20, deadline=None))
