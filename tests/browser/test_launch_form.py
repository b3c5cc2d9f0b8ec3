"""The launch form keeps what is typed, at any speed and however late the server answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scaling_search.service.launch_form import form_sections
from scaling_search.spec.study_file import parse

pytestmark = pytest.mark.timeout(600)

TYPED = {
    "name": "typed",
    "description": "typed by hand",
    "base.width": "0.5",
    "base.resolution": "16",
    "base.strides": "1 1 1 2 2 1 2 1",
    "proxy.train_size": "3000",
    "proxy.validation_size": "1500",
    "proxy.epochs": "7",
    "proxy.batch_size": "48",
    "proxy.learning_rate": "0.0035",
    "search.trials": "14",
    "search.replicates": "3",
    "search.base_runs": "1",
    "search.seed": "11",
    "budget.target": "2.5",
    "budget.divisor": "4",
    "family.resolution": "192",
    "run.slots": "2",
}
"""Every essential field that is typed, and a value for it other than the quickstart's."""

LATE = """
const prompt = window.fetch;
let seed = 1;
window.fetch = async (...request) => {
  seed = (seed * 48271) % 2147483647;
  await new Promise((done) => setTimeout(done, (seed / 2147483647) * 2000));
  return prompt(...request);
};
"""
"""Requests of the page are late by 0 to 2 s, the same ones in every run."""


@pytest.fixture
def form(serve: Callable[..., Any], visit: Callable[..., Any], tokens: dict[str, str], tmp_path: Path) -> Any:
    operator = visit(serve(tmp_path / "s.db", "--no-worker").url)
    operator.log_in(tokens["operator"])
    return operator


def type_every_field(page: Page) -> None:
    for field, value in TYPED.items():
        page.locator(f'[data-field="{field}"]').focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(value, delay=20)


def launched_spec(page: Page) -> str:
    """Launches, and gives the YAML that was sent."""
    with page.expect_request(lambda r: r.url.endswith("/api/v1/studies") and r.method == "POST") as sent:
        page.locator("#launch").click()
    page.wait_for_url("**/studies/typed")
    body = sent.value.post_data_json
    assert body is not None
    spec: str = body["spec"]
    return spec


def value_at(values: Any, field: str) -> Any:
    for key in field.split("."):
        values = values[key]
    return values


@pytest.mark.parametrize("late", [False, True], ids=["prompt", "late answers"])
def test_every_edit_is_kept_and_launched(form: Any, late: bool) -> None:
    if late:
        form.page.add_init_script(LATE)
    page: Page = form.go("/launch?file=quickstart")
    type_every_field(page)
    expect(page.locator("#launch")).to_be_enabled(timeout=240_000)
    shown = page.get_by_label("The same as YAML").input_value()
    spec = parse(shown).model_dump(mode="json")
    for field, value in TYPED.items():
        found = value_at(spec, field)
        assert (" ".join(map(str, found)) if isinstance(found, list) else str(found)) == value, field
        assert page.locator(f'[data-field="{field}"]').input_value().replace(",", "") == value
    assert launched_spec(page) == shown
    assert form.console == []


def test_launch_is_locked_from_the_first_key_until_the_plan_is_that_of_what_is_shown(form: Any) -> None:
    page: Page = form.go("/launch?file=quickstart")
    expect(page.locator("#launch")).to_be_enabled(timeout=240_000)
    page.locator('[data-field="search.trials"]').press("End")
    page.keyboard.type("0")
    assert page.locator("#launch").is_disabled()
    expect(page.get_by_role("button", name="Launch 122 runs")).to_be_enabled(timeout=240_000)


def test_an_edit_of_the_form_survives_an_edit_of_the_yaml_and_an_answer_that_fails(form: Any) -> None:
    page: Page = form.go("/launch?file=quickstart")
    expect(page.locator("#launch")).to_be_enabled(timeout=240_000)
    page.route("**/api/v1/specs/check", lambda route: route.abort(), times=1)
    page.locator('[data-field="search.trials"]').fill("9")
    yaml = page.get_by_label("The same as YAML")
    yaml.fill(yaml.input_value().replace("epochs: 2", "epochs: 3"))
    expect(page.get_by_role("button", name="Launch 11 runs")).to_be_enabled(timeout=240_000)
    spec = parse(yaml.input_value())
    assert (spec.search.trials, spec.proxy.epochs) == (9, 3)
    form.console.clear()  # the browser reports the request that the test cut off


def test_optional_parts_tables_and_mappings_have_editors(form: Any) -> None:
    page: Page = form.go("/launch?file=quickstart")
    expect(page.locator("#launch")).to_be_enabled(timeout=240_000)
    for details in page.locator("#form details").all():
        details.locator("summary").click()
    assert "[object" not in "".join(
        i.input_value() for i in page.locator("#form [data-field]:not([type=checkbox])").all()
    )
    yaml = page.get_by_label("The same as YAML")
    page.locator('[data-field="search.stages"]').check()
    page.locator('[data-field="search.stages.confirm"]').fill("4")
    page.locator('[data-field="run.resources"]').fill("accelerator: 1")
    expect(page.locator("#launch")).to_be_enabled(timeout=240_000)
    spec = parse(yaml.input_value())
    assert spec.search.stages is not None
    assert spec.search.stages.confirm == 4
    assert spec.run.resources == {"accelerator": 1}
    page.locator('[data-field="run.resources"]').fill("accelerator: [")
    expect(page.locator('[data-fault="run.resources"]')).to_contain_text("is not YAML")
    assert page.locator("#launch").is_disabled()
    page.locator('[data-field="run.resources"]').fill("")
    page.locator('[data-field="search.stages"]').uncheck()
    expect(page.locator("#launch")).to_be_enabled(timeout=240_000)
    assert parse(yaml.input_value()).search.stages is None


def test_typed_fields_are_all_that_are_always_visible() -> None:
    typed = {i.field for s in form_sections() for i in s.inputs if i.essential and i.kind not in ("choice", "flag")}
    assert typed == set(TYPED)
