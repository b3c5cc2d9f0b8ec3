"""Datasets: catalog, readers, fixed splits, batches on a device."""

from scaling_search.data.catalog import DATASETS, DataRequest, facts_of, resolve, source_of
from scaling_search.data.sources import STORED_PX, DatasetFacts, Source

__all__ = ["DATASETS", "STORED_PX", "DataRequest", "DatasetFacts", "Source", "facts_of", "resolve", "source_of"]
