"""HTTP client of the service. Methods return the API's JSON, which a server describes at /api/v1/openapi.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from scaling_search.errors import InputError, NotFound, ScalingSearchError

Spec = str | Path | Mapping[str, Any]
"""The text of a study file, its path, or its fields."""
ENDED_STATES = ("complete", "stopped", "failed", "paused")


class Unauthorised(ScalingSearchError):
    """The token is missing or wrong, or its role does not allow the request."""


class Conflict(ScalingSearchError):
    """The study's state does not allow the request, or its name is taken."""


ERRORS: dict[int, type[ScalingSearchError]] = {
    401: Unauthorised,
    403: Unauthorised,
    404: NotFound,
    409: Conflict,
    422: InputError,
}


class Client:
    """A connection to one server.

    Every method raises NotFound, InputError, Conflict, Unauthorised, or, for any other failure, ScalingSearchError.
    """

    def __init__(self, url: str, token: str | None = None, timeout: float = 60.0) -> None:
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _unreachable(self, error: httpx.HTTPError) -> ScalingSearchError:
        return ScalingSearchError(
            f"cannot reach {self._http.base_url}: {error}", "check the URL and that the server runs"
        )

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as e:
            raise self._unreachable(e) from e
        if response.is_success:
            return response
        try:
            error = response.json()["error"]
        except (ValueError, KeyError, TypeError):
            error = {"message": f"the server answered {response.status_code}", "hint": ""}
        raise ERRORS.get(response.status_code, ScalingSearchError)(error["message"], error["hint"])

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        values: dict[str, Any] = self._request(method, path, **options).json()
        return values

    # --- studies

    def plan(self, spec: Spec) -> dict[str, Any]:
        """The plan of a study: what it would run and cost."""
        return self._json("POST", "/specs/plan", json={"spec": _body(spec)})

    def launch(
        self, spec: Spec, slots: int | None = None, priority: int = 0, webhook: str | None = None
    ) -> dict[str, Any]:
        """Queue a study; ``webhook`` is a URL that is called when it ends or pauses."""
        body = {"spec": _body(spec), "slots": slots, "priority": priority, "webhook": webhook}
        return self._json("POST", "/studies", json=body)

    def studies(self, **query: Any) -> Iterator[dict[str, Any]]:
        """Every study, newest first, read page by page.

        ``query`` has the API's parameters: state, q, archived, sort, descending.
        """
        while True:
            page = self._json("GET", "/studies", params=query)
            yield from page["studies"]
            if page["next"] is None:
                return
            query["after"] = page["next"]

    def study(self, name: str) -> dict[str, Any]:
        """A study's state and progress, its full spec, and the versions of libraries that it started with."""
        return self._json("GET", f"/studies/{name}")

    def steer(self, name: str, verb: Literal["pause", "resume", "stop", "cancel"]) -> dict[str, Any]:
        """Pause (runs end at their last checkpoint), resume, stop (running trials are completed) or cancel (they are killed)."""
        return self._json("POST", f"/studies/{name}/{verb}")

    def extend(self, name: str, trials: int) -> dict[str, Any]:
        """Add trials to a study that is not running, and queue it."""
        return self._json("POST", f"/studies/{name}/extend", json={"trials": trials})

    def change(self, name: str, **values: Any) -> dict[str, Any]:
        """Set ``slots``, ``priority`` or ``archived``."""
        return self._json("PATCH", f"/studies/{name}", json=values)

    def delete(self, name: str) -> None:
        """Delete a study with its trials and results."""
        self._request("DELETE", f"/studies/{name}")

    def workers(self) -> list[dict[str, Any]]:
        """The workers: host, pid, state, slots, study, runs, and seconds since the last report."""
        workers: list[dict[str, Any]] = self._request("GET", "/workers").json()
        return workers

    # --- results

    def trials(self, name: str, **query: Any) -> Iterator[dict[str, Any]]:
        """A study's trials, read page by page.

        ``query`` has the API's parameters: state, role, key, q, least, sort, descending.
        """
        query.setdefault("limit", 1000)
        while True:
            page = self._json("GET", f"/studies/{name}/trials", params=query)
            yield from page["trials"]
            if page["next"] is None:
                return
            query["after"] = page["next"]

    def trial(self, name: str, number: int) -> dict[str, Any]:
        """One trial with its epochs."""
        return self._json("GET", f"/studies/{name}/trials/{number}")

    def choice(self, name: str) -> dict[str, Any]:
        """The newest choice, as `scaling-search choose --json` prints it."""
        result: dict[str, Any] = self._json("GET", f"/studies/{name}/choice")["result"]
        return result

    def family(self, name: str, phi: list[float] | None = None, rounding: str | None = None) -> dict[str, Any]:
        """The family of the choice, by default with the φ and rounding of the study."""
        parameters: dict[str, Any] = {"phi": phi, "rounding": rounding}
        return self._json(
            "GET", f"/studies/{name}/family", params={k: v for k, v in parameters.items() if v is not None}
        )

    def export(self, name: str, form: str = "json") -> bytes:
        """A file in a format of `scaling-search export --format`; ``bundle`` is a ZIP archive."""
        return self._request("GET", f"/studies/{name}/export/{form}").content

    def events(self, name: str, after: int | None = None) -> Iterator[dict[str, Any]]:
        """A study's events as they happen: {"id", "kind", …}. With ``after``, the events since that id come first."""
        return (message for message in self._messages(name, after) if "kind" in message)

    def _messages(self, name: str, after: int | None) -> Iterator[dict[str, Any]]:
        """A study's events, and the keep-alive messages between them, which have no kind."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        try:
            with self._http.stream("GET", f"/studies/{name}/events", headers=headers, timeout=None) as response:
                if not response.is_success:
                    response.read()
                    raise ScalingSearchError(f"the server answered {response.status_code}")
                yield from _parse(response.iter_lines())
        except httpx.HTTPError as e:
            raise self._unreachable(e) from e

    def wait(self, name: str) -> dict[str, Any]:
        """Wait until the study is complete, stopped, failed or paused, and return it."""
        while (study := self.study(name))["state"] not in ENDED_STATES:
            for _ in self._messages(name, after=0):  # the stream also ends when the server restarts
                if self.study(name)["state"] in ENDED_STATES:
                    break
        return study


def _parse(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The messages of a server-sent event stream."""
    message: dict[str, Any] = {}
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "id":
            message["id"] = int(value)
        elif field == "event":
            message["kind"] = value
        elif field == "data":
            message |= json.loads(value)
        elif not line:
            yield message
            message = {}


def _body(spec: Spec) -> str | dict[str, Any]:
    """A spec as the API takes it: YAML text, or fields."""
    if isinstance(spec, Path):
        return spec.read_text(encoding="utf-8")
    return spec if isinstance(spec, str) else dict(spec)
