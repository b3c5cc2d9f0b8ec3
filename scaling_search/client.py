"""A small client of the service's API. Answers are the API's JSON; see /api/v1/openapi.json of a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from scaling_search.errors import InputError, NotFound, ScalingSearchError

Spec = str | Path | Mapping[str, Any]
"""A study file's text, its path, or its fields."""
ENDED = ("complete", "stopped", "failed", "paused")


class Unauthorised(ScalingSearchError):
    """The token is missing or wrong, or its role does not allow it."""


class Conflict(ScalingSearchError):
    """The study's present state does not allow it, or its name is taken."""


KINDS: dict[int, type[ScalingSearchError]] = {
    401: Unauthorised,
    403: Unauthorised,
    404: NotFound,
    409: Conflict,
    422: InputError,
}


class Client:
    """One server. Every method raises NotFound, InputError, Conflict, Unauthorised, or their root, ScalingSearchError."""

    def __init__(self, url: str, token: str | None = None, timeout: float = 60.0) -> None:
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _unreachable(self, error: httpx.HTTPError) -> ScalingSearchError:
        return ScalingSearchError(f"{self._http.base_url} cannot be reached: {error}", "is the server running?")

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **given)
        except httpx.HTTPError as e:
            raise self._unreachable(e) from e
        if answer.is_success:
            return answer
        try:
            error = answer.json()["error"]
        except (ValueError, KeyError, TypeError):
            error = {"message": f"the server answered {answer.status_code}", "hint": ""}
        raise KINDS.get(answer.status_code, ScalingSearchError)(error["message"], error["hint"])

    def _json(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        made: dict[str, Any] = self._ask(method, path, **given).json()
        return made

    # --- studies

    def plan(self, spec: Spec) -> dict[str, Any]:
        """What a study would run and cost."""
        return self._json("POST", "/specs/plan", json={"spec": _text(spec)})

    def launch(
        self, spec: Spec, slots: int | None = None, priority: int = 0, webhook: str | None = None
    ) -> dict[str, Any]:
        """Queue a study."""
        given = {"spec": _text(spec), "slots": slots, "priority": priority, "webhook": webhook}
        return self._json("POST", "/studies", json=given)

    def studies(self, **query: Any) -> Iterator[dict[str, Any]]:
        """Every study, newest first, page by page; ``query`` as the API's: state, q, archived, sort, descending."""
        while True:
            page = self._json("GET", "/studies", params=query)
            yield from page["studies"]
            if page["next"] is None:
                return
            query["after"] = page["next"]

    def study(self, name: str) -> dict[str, Any]:
        """One study."""
        return self._json("GET", f"/studies/{name}")

    def steer(self, name: str, verb: Literal["pause", "resume", "stop", "cancel"]) -> dict[str, Any]:
        """Pause (runs end at their last checkpoint), resume, stop (runs end well) or cancel (runs are killed)."""
        return self._json("POST", f"/studies/{name}/{verb}")

    def extend(self, name: str, trials: int) -> dict[str, Any]:
        """Add trials to a study that is not running, and queue it."""
        return self._json("POST", f"/studies/{name}/extend", json={"trials": trials})

    def change(self, name: str, **values: Any) -> dict[str, Any]:
        """Set slots, priority or archived."""
        return self._json("PATCH", f"/studies/{name}", json=values)

    def delete(self, name: str) -> None:
        """Delete a study with all its rows."""
        self._ask("DELETE", f"/studies/{name}")

    def workers(self) -> list[dict[str, Any]]:
        """Every worker process: host, pid, state, slots, study, runs, and seconds since it was heard of."""
        found: list[dict[str, Any]] = self._ask("GET", "/workers").json()
        return found

    # --- results

    def trials(self, name: str, **query: Any) -> Iterator[dict[str, Any]]:
        """A study's trials, page by page; ``query`` as the API's: state, role, key, q, least, sort, descending."""
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
        """The family of the choice; φ and rounding as the spec has them unless given."""
        given: dict[str, Any] = {"phi": phi, "rounding": rounding}
        return self._json("GET", f"/studies/{name}/family", params={k: v for k, v in given.items() if v is not None})

    def export(self, name: str, form: str = "json") -> bytes:
        """A file as `scaling-search export --format` writes it; ``bundle`` is a ZIP."""
        return self._ask("GET", f"/studies/{name}/export/{form}").content

    def events(self, name: str, after: int | None = None) -> Iterator[dict[str, Any]]:
        """A study's events as they happen: {"id", "kind", …}; with ``after``, those since that id come first."""
        return (block for block in self._blocks(name, after) if "kind" in block)

    def _blocks(self, name: str, after: int | None) -> Iterator[dict[str, Any]]:
        """A study's events, and what has no kind: the signs of life between them."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        try:
            with self._http.stream("GET", f"/studies/{name}/events", headers=headers, timeout=None) as answer:
                if not answer.is_success:
                    answer.read()
                    raise ScalingSearchError(f"the server answered {answer.status_code}")
                yield from _parsed(answer.iter_lines())
        except httpx.HTTPError as e:
            raise self._unreachable(e) from e

    def wait(self, name: str) -> dict[str, Any]:
        """The study, once it is complete, stopped, failed or paused."""
        while (now := self.study(name))["state"] not in ENDED:
            for _ in self._blocks(name, after=0):  # may end before the study does, as where a server is restarted
                if self.study(name)["state"] in ENDED:
                    break
        return now


def _parsed(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The blocks of an event stream."""
    block: dict[str, Any] = {}
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "id":
            block["id"] = int(value)
        elif field == "event":
            block["kind"] = value
        elif field == "data":
            block |= json.loads(value)
        elif not line:
            yield block
            block = {}


def _text(spec: Spec) -> str | dict[str, Any]:
    """What the API takes: YAML text, or fields."""
    if isinstance(spec, Path):
        return spec.read_text(encoding="utf-8")
    return spec if isinstance(spec, str) else dict(spec)
