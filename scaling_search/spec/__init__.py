"""The study file: schema, YAML, hash, the search space and workload it implies."""

from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.run import RunSpec
from scaling_search.spec.search_space import candidates_of
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import load, parse

__all__ = ["ProxySpec", "RunSpec", "StudySpec", "candidates_of", "load", "parse"]
