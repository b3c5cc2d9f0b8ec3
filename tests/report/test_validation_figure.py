"""The figure of a validation."""

from __future__ import annotations

from xml.etree import ElementTree

from scaling_search.analysis.validation import ArmResult
from scaling_search.report.svg import ACCENT
from scaling_search.report.validation_figure import arms_svg

BASE = ArmResult("base", "k0", None, 1.0, 1, 0.7, None, 0.71, 3.0, None, None)
CHOSEN = ArmResult("chosen", "k2", (0.2, 0.3, 0.5), 2.01, 4, 0.8, (0.79, 0.81), 0.81, 12.6, None, None)


def test_the_chosen_network_is_coloured_and_intervals_are_bars() -> None:
    root = ElementTree.fromstring(arms_svg([BASE, CHOSEN]))
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert [c.get("fill") for c in circles] == ["currentColor", ACCENT]
    bars = [p for p in root.iter("{http://www.w3.org/2000/svg}path") if p.get("stroke-width") == "2"]
    assert [p.get("stroke") for p in bars] == [ACCENT]
    titles = [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == [
        "unscaled base: 70.00%, 1 runs at 1.000× the base’s MACs",
        "chosen: 80.00%, 4 runs at 2.010× the base’s MACs",
    ]


def test_one_arm_without_an_interval_is_drawn() -> None:
    assert arms_svg([BASE]).count("<circle") == 1
