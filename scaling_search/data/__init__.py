"""Datasets: catalog, readers, fixed splits, batches on a device."""

from scaling_search.data.catalog import DATASETS, STORED_PX, DataRequest, DatasetFacts, facts_of, resolve

__all__ = ["DATASETS", "STORED_PX", "DataRequest", "DatasetFacts", "facts_of", "resolve"]
