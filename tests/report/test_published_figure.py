"""Published networks and the costs of one's own family in one figure."""

from __future__ import annotations

from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.family import family
from scaling_search.report.published import published
from scaling_search.report.published_figure import published_svg


def test_the_picture_has_every_network_and_the_familys_costs() -> None:
    image = published_svg(family(PAPER, phi=(1, 7)).to_dict())
    assert image.count("<title>") >= len(published())
    assert "EfficientNet-B7: 84." in image
    for name in ("B0", "B1", "B2"):
        assert f">{name}</text>" in image
    assert ">B3</text>" not in image
