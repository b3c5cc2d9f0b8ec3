"""The stored view of a choice."""

from __future__ import annotations

import re
from dataclasses import replace

from scaling_search.report import StudyData, figures


def test_the_titles_state_the_finding(data: StudyData) -> None:
    assert figures(data)["curves"]["title"] == "The runs were still climbing: +5.0 points in the last epoch, on average"
    assert re.match(r"Real cost explains \d+% of the variance between 15 networks", figures(data)["cost"]["title"])
    assert figures(data)["triangle"]["title"].startswith("All but ")
    assert data.choice is not None
    unsure = replace(data, choice={**data.choice, "tie_fraction": 0.9})
    assert figures(unsure)["triangle"]["title"].startswith("Ruled out so far: 10% of the networks")
