"""The dashboard in a real browser: a study is launched, watched, steered and exported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, Route, expect
from typer.testing import CliRunner

from scaling_search.cli import app
from tests.support.dashboard import LOOKS, wait_until_complete

pytestmark = pytest.mark.timeout(1500)


@pytest.mark.slow
def test_a_study_is_launched_watched_steered_and_exported(
    serve: Callable[..., Any],
    visit: Callable[..., Any],
    tokens: dict[str, str],
    tiny: Callable[..., str],
    tmp_path: Path,
    digits_root: Path,
) -> None:
    server = serve(tmp_path / "s.db", "--data-root", str(digits_root), "--slots", "2")
    operator = visit(server.url, **LOOKS["light"])
    operator.log_in(tokens["operator"])
    page: Page = operator.go("/launch?file=quickstart")
    wait_until_complete(page, "launch")
    page.get_by_label("The same as YAML").fill(tiny("by_hand", trials="12", epochs="40"))
    expect(page.get_by_role("button", name="Launch 13 runs")).to_be_enabled(timeout=240_000)
    edited_and_launched(page)
    watched_and_steered(page)
    exported(page, tmp_path / "s.db", tmp_path)

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    operator.go("/studies/by_hand")
    expect(page).to_have_url(re.compile("/login"))
    assert operator.console == []
    viewer_cannot(visit(server.url), tokens["viewer"])
    assert server.stop() == 0


def edited_and_launched(page: Page) -> None:
    """A fault is shown beside its field and blocks the launch; a change of the form is one of the YAML."""
    trials = page.locator('[data-field="search.trials"]')
    trials.fill("0")
    expect(page.locator('[data-fault="search.trials"]')).to_contain_text("must be at least 1")
    expect(page.locator("#launch")).to_be_disabled()
    trials.fill("10")
    expect(page.get_by_label("The same as YAML")).to_have_value(re.compile("trials: 10"))
    launch = page.get_by_role("button", name="Launch 11 runs")
    expect(launch).to_be_enabled(timeout=240_000)
    launch.click()


def watched_and_steered(page: Page) -> None:
    """The page follows the study to its end without being loaded again."""
    page.wait_for_url("**/studies/by_hand")
    page.evaluate("window.stayed = true")
    status = page.locator("#status")
    expect(status).to_contain_text("running", timeout=240_000)
    expect(status).to_contain_text(re.compile(r"\b[1-9]\d* of 11 runs"), timeout=600_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=240_000)
    expect(status).to_contain_text("paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#finding")).to_contain_text("What is chosen", timeout=900_000)
    expect(status).to_contain_text("complete", timeout=900_000)
    expect(page.locator("#finding dl.triple")).to_contain_text("α, depth")
    assert page.evaluate("window.stayed") is True  # nothing was reloaded


def exported(page: Page, db: Path, folder: Path, study: str = "by_hand") -> None:
    """Every export of the menus equals the command line's."""
    kinds = {
        "JSON: everything": "json",
        "CSV: the family": "csv",
        "Markdown: the family": "markdown",
        "Python: two dicts": "python",
    }
    kinds |= {"YAML: everything": "yaml", "Report (HTML, printable)": "html"}
    page.locator("#tools summary", has_text="Export").click()
    for label, form in kinds.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=label).click()
        wanted = folder / f"cli.{form}"
        CliRunner().invoke(app, ["export", study, "--db", str(db), "--format", form, "-o", str(wanted)])
        assert Path(download.value.path()).read_bytes() == wanted.read_bytes()
    for label, form in {"CSV": "csv", "JSON": "json", "Parquet": "parquet"}.items():
        with page.expect_download() as download:
            page.locator("#tools").get_by_role("link", name=label, exact=True).click()
        wanted = folder / f"trials.{form}"
        CliRunner().invoke(app, ["trials", study, "--db", str(db), "--format", form, "-o", str(wanted)])
        assert Path(download.value.path()).read_bytes() == wanted.read_bytes()
    with page.expect_download() as download:
        page.get_by_role("link", name="Bundle: all data (ZIP)").click()
    CliRunner().invoke(app, ["export", study, "--db", str(db), "--format", "bundle", "-o", str(folder / "bundle")])
    archive = ZipFile(download.value.path())
    files = {f"{study}/{p.name}": p.read_bytes() for p in (folder / "bundle").iterdir()}
    assert {name: archive.read(name) for name in archive.namelist()} == files


def viewer_cannot(viewer: Any, token: str) -> None:
    """A viewer sees everything and can change nothing, on the page or through its API."""
    viewer.log_in(token)
    page: Page = viewer.go("/studies/by_hand")
    wait_until_complete(page, "study")
    for name in ("Pause", "Stop", "Cancel", "Resume", "Delete", "Extend"):
        assert page.get_by_role("button", name=name).count() == 0
    assert viewer.console == []
    assert page.get_by_role("link", name="Launch").count() == 0
    for method, path in (("POST", ""), ("POST", "/by_hand/stop"), ("DELETE", "/by_hand"), ("POST", "/by_hand/resume")):
        script = """async ([method, path]) => (await fetch("/api/v1/studies" + path, {method, headers:
            {"x-csrf-token": document.querySelector("meta[name=csrf]").content}})).status"""
        assert page.evaluate(script, [method, path]) == 403
    page.goto(f"{viewer.url}/launch")
    expect(page.get_by_role("heading")).to_contain_text("Viewers may only look")


def test_the_triangle_can_be_read_with_the_keyboard(
    serve: Callable[..., Any], visit: Callable[..., Any], db: Path
) -> None:
    server = serve(db, "--no-worker")
    visited = visit(server.url)
    page: Page = visited.go("/studies/tiny")
    wait_until_complete(page, "study")
    first = page.locator("#picture svg g[tabindex='0']")
    first.focus()
    readout = page.locator("#readout").text_content()
    assert readout == first.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    assert page.locator("#readout").text_content() not in (readout, "")
    server.stop()


def test_a_button_sends_one_request_and_the_theme_changes(
    serve: Callable[..., Any], visit: Callable[..., Any], db: Path, digits_root: Path, tiny: Callable[..., str]
) -> None:
    server = serve(db, "--no-worker", "--data-root", str(digits_root))
    server.client.post("/api/v1/studies", json={"spec": tiny("other")}).raise_for_status()
    visited = visit(server.url, **LOOKS["light"])
    page: Page = visited.go("/studies/other")
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    for verb in ("Pause", "Resume", "Stop"):
        page.get_by_role("button", name=verb).click()
        page.get_by_role("button", name="Pause" if verb == "Resume" else "Resume").wait_for()
    assert [url.rsplit("/", 1)[1] for method, url in asked if method == "POST"] == ["pause", "resume", "stop"]
    scheme = "getComputedStyle(document.documentElement).colorScheme"
    for wanted in ("dark", "light"):
        page.locator("#theme").click()
        assert page.evaluate(scheme) == wanted
    assert visited.console == []
    server.stop()


def test_a_change_while_a_page_loads_is_shown(
    serve: Callable[..., Any], visit: Callable[..., Any], db: Path, digits_root: Path, tiny: Callable[..., str]
) -> None:
    server = serve(db, "--no-worker", "--data-root", str(digits_root))
    server.client.post("/api/v1/studies", json={"spec": tiny("late")}).raise_for_status()
    visited = visit(server.url)

    def meanwhile(route: Route) -> None:
        server.client.post("/api/v1/studies/late/pause").raise_for_status()
        route.continue_()

    visited.page.route("**/static/study.js*", meanwhile)
    visited.go("/studies/late").get_by_role("button", name="Resume").wait_for(timeout=60_000)
    server.stop()
