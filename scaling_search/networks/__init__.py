"""Networks as values: stage tables, rounding, closed-form and measured cost, iso-cost sets, families. No torch, no SQL."""

from scaling_search.networks.architecture import Architecture
from scaling_search.networks.bases import base_network
from scaling_search.networks.blocks import Stage
from scaling_search.networks.candidates import Candidate, CandidateSet
from scaling_search.networks.coefficients import Triple
from scaling_search.networks.cost import Cost
from scaling_search.networks.iso_cost import iso_cost_set

__all__ = ["Architecture", "Candidate", "CandidateSet", "Cost", "Stage", "Triple", "base_network", "iso_cost_set"]
