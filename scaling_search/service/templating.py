"""Jinja templates and their filters."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scaling_search.records import TRIAL_STATES
from scaling_search.report.format import duration_with_days, percent, si, time_element
from scaling_search.service.auth import cookie_name, csrf_of, session_cookie, set_cookie
from scaling_search.store import Actor


@dataclass(frozen=True, slots=True)
class Plotly:
    """Plotly's JavaScript: gzip bytes, a version that changes with them, ids of the style elements it injects."""

    content: bytes
    version: str
    styles: str


@lru_cache(maxsize=1)
def plotly() -> Plotly:
    """Plotly's JavaScript from its Python package, without importing the package."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("plotly is not installed")
    raw = (Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js").read_bytes()
    styles = dict.fromkeys(re.findall(rb'getElementById\("([0-9a-f]{64})"\)', raw))
    return Plotly(gzip.compress(raw, 6, mtime=0), hashlib.sha256(raw).hexdigest()[:10], b" ".join(styles).decode())


def bar(counts: Mapping[str, int], total: int) -> Markup:
    """An SVG progress bar with one rectangle for each state, 100 wide."""
    x, rects = 0.0, []
    for state in ("complete", "pruned", "failed", "running"):
        width = 100 * counts.get(state, 0) / max(1, total, sum(counts.values()))
        if width:
            rect = '<rect class="{}" x="{}" y="0" width="{}" height="6"/>'
            rects.append(Markup(rect).format(state, f"{x:.2f}", f"{width:.2f}"))
        x += width
    label = ", ".join(f"{counts.get(s, 0)} {s}" for s in TRIAL_STATES if counts.get(s)) or "nothing has run"
    head = '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="{}">'
    return Markup(head).format(label) + Markup().join(rects) + Markup("</svg>")


def query(values: Mapping[str, Any]) -> str:
    """Values as a query string. Empty ones are left out; a list repeats its key."""
    pairs = []
    for key, value in values.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            if item not in (None, ""):
                pairs.append((key, str(item).lower() if isinstance(item, bool) else str(item)))
    return urlencode(pairs)


@lru_cache(maxsize=1)
def jinja() -> Environment:
    """The Jinja environment; it escapes every value."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("scaling_search.service"), PackageLoader("scaling_search.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "big": si,
        "lasting": duration_with_days,
        "moment": time_element,
        "query": query,
    }
    environment.globals |= {"bar": bar, "states": TRIAL_STATES, "plotly": plotly()}
    return environment


def page(request: Request, template: str, actor: Actor | None, status: int = 200, **context: Any) -> Response:
    """A page. It sets a session cookie if the request has none, as its forms need a CSRF token."""
    cookie = session_cookie(request)
    common: dict[str, Any] = {"request": request, "actor": actor, "csrf": csrf_of(cookie), "path": request.url.path}
    common |= {"can_operate": actor is not None and actor.role == "operator", "open": actor and actor.token_id is None}
    html = jinja().get_template(template).render(**common, **context)
    response = HTMLResponse(html, status)
    if request.cookies.get(cookie_name(request)) != cookie:
        set_cookie(request, response, cookie)
    return response


def fragment(template: str, block: str, **context: Any) -> str:
    """One block of a template, as HTML."""
    loaded = jinja().get_template(template)
    return "".join(loaded.blocks[block](loaded.new_context(context)))
