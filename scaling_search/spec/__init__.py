"""The study file: schema, YAML, hash, the search space and workload it implies."""

from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.run import RunSpec
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import load, parse

__all__ = ["ProxySpec", "RunSpec", "StudySpec", "load", "parse"]
