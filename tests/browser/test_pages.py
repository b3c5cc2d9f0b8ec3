"""Every page in a real browser fits its window, logs no error and is accessible."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.store import Store, Workers, open_database
from scaling_search.store.accounts import Accounts
from tests.support.dashboard import LOOKS, fits, serious_violations, wait_until_complete

pytestmark = pytest.mark.timeout(1500)

PAGES = {
    "login": "/login",
    "studies": "/",
    "launch": "/launch",
    "study": "/studies/tiny",
    "trials": "/studies/tiny/trials",
    "trial": "/studies/tiny/trials/3",
    "family": "/studies/tiny/family",
    "validation": "/studies/tiny/validation",
    "compare": "/compare?study=tiny&study=other",
    "workers": "/workers",
    "error": "/studies/nothing",
}


@pytest.mark.parametrize("look", ["light", *(pytest.param(n, marks=pytest.mark.slow) for n in ("dark", "phone"))])
def test_every_page_fits_logs_nothing_and_is_accessible(
    serve: Callable[..., Any],
    visit: Callable[..., Any],
    db: Path,
    digits_root: Path,
    tiny: Callable[..., str],
    axe: str,
    look: str,
    tmp_path: Path,
) -> None:
    store = Store(open_database(str(db)))
    token = Accounts(store).create_token("ann", "operator")
    server = serve(db, "--no-worker", "--data-root", str(digits_root))
    Workers(store).arrive("a-rather-long-host-name.cluster.example.org", 88123, 16)
    store.close()
    bearer = {"authorization": f"Bearer {token}"}
    server.client.post("/api/v1/studies", json={"spec": tiny("other", trials="12")}, headers=bearer).raise_for_status()
    visited = visit(server.url, **LOOKS[look])
    for name, path in PAGES.items():
        page: Page = visited.go(path)
        wait_until_complete(page, name)
        assert fits(page, look), name
        page.screenshot(path=str(tmp_path / f"{name}-{look}.png"), full_page=True)
        assert serious_violations(page, axe) == [], name
        if name == "studies":
            stop = page.get_by_role("button", name="Stop other")
            stop.scroll_into_view_if_needed()
            expect(stop).to_be_in_viewport(ratio=1)
        if name == "login":
            visited.log_in(token)
        menus_open_inside_the_window(page)
    assert [message for message in visited.console if "404" not in message] == []
    server.stop()


def menus_open_inside_the_window(page: Page) -> None:
    for menu in page.locator("details.menu").all():
        menu.locator("summary").click()
        for link in menu.locator("a, button").all():
            expect(link).to_be_in_viewport(ratio=1)
        menu.locator("summary").click()


@pytest.mark.slow
def test_a_validation_fits_logs_nothing_and_is_accessible(
    serve: Callable[..., Any], visit: Callable[..., Any], db: Path, axe: str, tmp_path: Path
) -> None:
    runs = (["validate", "tiny", "--seeds", "2", "--epochs", "1"], ["cam", "tiny", "--images", "4"])
    for command in runs:
        assert CliRunner().invoke(app, [*command, "--db", str(db)]).exit_code == 0
    server = serve(db, "--no-worker")
    for look, options in LOOKS.items():
        visited = visit(server.url, **options)
        page: Page = visited.go("/studies/tiny/validation")
        picture = page.locator("figure.maps img")
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("e => [e.naturalWidth, e.naturalHeight]") == [
            int(picture.get_attribute(side) or 0) for side in ("width", "height")
        ]
        assert fits(page, look)
        page.screenshot(path=str(tmp_path / f"validation-{look}.png"), full_page=True)
        assert serious_violations(page, axe) == []
        assert visited.console == []
    server.stop()
