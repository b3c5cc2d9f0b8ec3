"""Statistics on finished trials: response surface, choice, diagnostics, calibration, validation. Pure."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
