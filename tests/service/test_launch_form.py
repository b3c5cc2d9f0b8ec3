"""The launch form has an input for each field of the spec."""

from __future__ import annotations

from scaling_search.service.launch_form import ESSENTIAL, TITLES, form_sections


def test_essential_fields_are_inputs_and_come_first() -> None:
    sections = form_sections()
    assert [s.title for s in sections[: len(TITLES)]] == [title for title, _ in TITLES.values()]
    shown = [i.field for s in sections for i in s.inputs if i.essential]
    assert sorted(shown) == sorted(ESSENTIAL)
    for section in sections:
        essential = [i.essential for i in section.inputs]
        assert essential == sorted(essential, reverse=True)


def test_an_input_has_the_kind_of_its_field() -> None:
    inputs = {i.field: i for s in form_sections() for i in s.inputs}
    assert inputs["search.trials"].kind == "number"
    assert inputs["proxy.learning_rate"].kind == "number"
    assert inputs["base.table"].kind == "yaml"
    assert inputs["run.resources"].kind == "yaml"
    assert inputs["search.stages"].kind == "section"
    assert "search.stages.explore" in [i.field for i in inputs["search.stages"].inputs]
    assert inputs["proxy.flip"].kind == "flag"
    assert inputs["base.strides"].kind == "list"
    assert inputs["description"].kind == "area"
    assert "efficientnet_b0" in inputs["base.network"].options
