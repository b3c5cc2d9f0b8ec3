"""SVG elements, ticks and the colour map."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_search.report.svg import CIVIDIS, colour, tag, ticks


def test_tags_escape_what_they_are_given() -> None:
    assert str(tag("text", "<b>", class_='"x"', stroke_width=2.0, fill=None)) == (
        '<text class="&#34;x&#34;" stroke-width="2">&lt;b&gt;</text>'
    )


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (74.8, 75.9, [74.8, 75.0, 75.2, 75.4, 75.6, 75.8]), (3, 3, [3])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_the_colour_map_gets_lighter_all_the_way() -> None:
    greys = [sum(w * int(colour(f)[i : i + 2], 16) for w, i in ((0.2126, 1), (0.7152, 3), (0.0722, 5))) for f in np.linspace(0, 1, 50)]  # fmt: skip
    assert greys == sorted(greys)
    assert (colour(-1), colour(2)) == (colour(0), colour(1))
    assert colour(1) == "#" + "".join(f"{v:02x}" for v in CIVIDIS[-1])
