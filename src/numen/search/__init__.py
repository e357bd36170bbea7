"""From a query to hits: collections, what they hold, and how legs rank and are fused."""

from numen.search.blend import Blend
from numen.search.collection import Collection
from numen.search.explanation import Explanation, LegExplanation, Part, WordShare
from numen.search.feedback import Feedback
from numen.search.fields import FieldInfo
from numen.search.fuse import Fusion
from numen.search.info import CollectionInfo, LegInfo
from numen.search.rerank import Rerank
from numen.search.snippet import Snippet
from numen.search.warm import warm_up

__all__ = [
    "Blend",
    "Collection",
    "CollectionInfo",
    "Explanation",
    "Feedback",
    "FieldInfo",
    "Fusion",
    "LegExplanation",
    "LegInfo",
    "Part",
    "Rerank",
    "Snippet",
    "WordShare",
    "warm_up",
]
