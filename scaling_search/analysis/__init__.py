"""Statistics on finished trials: response surface, choice, diagnostics, calibration, validation. Pure."""

from scaling_search.analysis.observations import Cells, usable
from scaling_search.analysis.recommendation import conclude
from scaling_search.analysis.response_surface import Surface, fit
from scaling_search.analysis.selection import choose

__all__ = ["Cells", "Surface", "choose", "conclude", "fit", "usable"]
