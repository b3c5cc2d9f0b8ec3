"""Results as files for other programs: JSON, CSV, Parquet, framework code, ONNX."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
