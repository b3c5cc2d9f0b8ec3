"""Scales and labels of plots with two axes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from scaling_search.report.axes import BOTTOM, LEFT, RIGHT, TOP, Scale, axes, spread


def test_a_scale_is_linear() -> None:
    scale = Scale(1.0, 3.0, 100.0, 0.0)
    assert [scale(v) for v in (1.0, 2.0, 3.0)] == [100.0, 50.0, 0.0]


def test_axes_have_round_accuracies_the_given_ticks_and_both_titles() -> None:
    x, y = Scale(1, 3, LEFT, RIGHT), Scale(0.70, 0.80, BOTTOM, TOP)
    shapes = axes(x, y, [1, 2, 3], lambda v: f"{v:.0f}!", "epoch")
    texts = [t.text for t in ElementTree.fromstring(f"<svg>{''.join(shapes)}</svg>").iter("text")]
    assert texts[0] == "validation accuracy, %"
    assert texts[1:-4] == ["70", "72", "74", "76", "78", "80"]
    assert texts[-4:] == ["1!", "2!", "3!", "epoch"]


def test_labels_that_would_overlap_are_moved_down_in_order() -> None:
    assert spread({"low": 100.0, "high": 10.0}) == {"high": 10.0, "low": 100.0}
    assert spread({"b": 11.0, "a": 10.0, "c": 12.0}, gap=5.0) == {"a": 10.0, "b": 15.0, "c": 20.0}
    assert spread({"only": 3.0})["only"] == pytest.approx(3.0)
