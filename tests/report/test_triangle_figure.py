"""The triangle names its networks, and names do not overlap."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from scaling_search.report import StudyData, figures
from scaling_search.report.surface_map import position
from scaling_search.report.triangle_figure import Mark, triangle_svg


def test_the_triangle_names_every_network(data: StudyData) -> None:
    titles = [t.text or "" for t in ET.fromstring(figures(data)["triangle"]["svg"]).iter("{*}title")]
    titles += [t.text or "" for t in ET.fromstring(figures(data)["triangle"]["svg"]).findall(".//{*}title")]
    for network in data.networks:
        assert any(network.key in t for t in titles), network.key
    assert any("1 failed" in t for t in titles)
    assert any("The choice" in t for t in titles)
    assert any("the paper’s shares" in t for t in titles)


def test_a_name_beside_the_choice_s_is_moved_off_it() -> None:
    choice, near, far = (Mark(n, s, n) for n, s in (("choice", (0.1, 0.9, 0.0)), ("fast", (0.1, 0.8, 0.1)), ("even", (0.3, 0.4, 0.3))))  # fmt: skip
    texts = ET.fromstring(triangle_svg([], None, choice, [near, far], ["", "", ""])).findall(".//{*}text")
    height = {t.text: float(t.get("y", "0")) - position(m.shares)[1] for t in texts for m in (choice, near, far) if t.text == m.name}  # fmt: skip
    assert height["choice"] == pytest.approx(height["even"], abs=0.1)
    assert abs(height["fast"] - height["choice"]) > 14
