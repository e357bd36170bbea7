"""From a query to hits: collections, what they hold, and how legs rank and are fused."""

from numen.search.collection import Collection
from numen.search.explanation import Explanation, LegExplanation, Part, WordShare
from numen.search.info import CollectionInfo, LegInfo
from numen.search.warm import warm_up

__all__ = [
    "Collection",
    "CollectionInfo",
    "Explanation",
    "LegExplanation",
    "LegInfo",
    "Part",
    "WordShare",
    "warm_up",
]
