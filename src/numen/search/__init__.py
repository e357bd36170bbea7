"""From a query to hits: collections, what they hold, and how legs rank and are fused."""

from numen.search.collection import Collection
from numen.search.info import CollectionInfo, LegInfo
from numen.search.warm import warm_up

__all__ = ["Collection", "CollectionInfo", "LegInfo", "warm_up"]
