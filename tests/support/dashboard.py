"""Checks of dashboard pages in a browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


def wait_until_complete(page: Page, name: str) -> None:
    """Wait until a page's script has drawn everything."""
    if name == "study":
        page.wait_for_selector("main[data-plotted]")
    elif name == "trial":
        page.wait_for_selector(".plot .main-svg")
    elif name == "launch":
        expect(page.locator("#launch")).to_be_enabled(timeout=240_000)


def serious_violations(page: Page, axe: str) -> list[tuple[str, list[str]]]:
    """(rule, HTML of some elements) of each serious accessibility violation that axe-core finds."""
    result = page.evaluate(f"{axe}\n;axe.run(document, {{resultTypes: ['violations']}})")
    return [
        (v["id"], [n["html"][:200] for n in v["nodes"][:3]])
        for v in result["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def fits(page: Page, look: str) -> bool:
    """Whether the page is no wider than the window of a look."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= int(LOOKS[look]["viewport"]["width"])
