"""Chromium, driven by Playwright, on a real server. Skipped if Chromium is not installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from scaling_search.store import Accounts, Store, open_database
from tests.support.chromium import CHROMIUM, FLAGS
from tests.support.service import db, finished_db, serve  # noqa: F401


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """A browser's page, and the messages of its console."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.console = page, url, list[str]()
        page.on(
            "console",
            lambda message: self.console.append(f"{message.type}: {message.text} ({message.location['url']})"),
        )
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        page.set_default_timeout(240_000)

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def log_in(self, token: str) -> None:
        self.go("/login")
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_role("button", name="Log out").wait_for()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def open_page(url: str, **options: Any) -> Visit:
        context = browser.new_context(accept_downloads=True, **options)
        contexts.append(context)
        return Visit(context.new_page(), url)

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, str]:
    """A token of each role, for the database in ``tmp_path``."""
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    accounts = Accounts(store)
    by_role = {role: accounts.create_token(role, role) for role in ("viewer", "operator")}
    store.close()
    return by_role


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script from its Python package."""
    spec = find_spec("axe_core_python")
    assert spec is not None
    assert spec.submodule_search_locations
    (script,) = Path(spec.submodule_search_locations[0]).rglob("axe.min.js")
    return script.read_text(encoding="utf-8")
