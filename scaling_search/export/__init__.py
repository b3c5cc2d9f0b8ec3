"""Results as files for other programs: JSON, CSV, Parquet, framework code, ONNX."""

from scaling_search.export.documents import ALL_FORMATS, check_format, export, study_document
from scaling_search.export.frames import trial_frame

__all__ = ["ALL_FORMATS", "check_format", "export", "study_document", "trial_frame"]
