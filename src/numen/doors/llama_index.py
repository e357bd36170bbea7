"""A LlamaIndex retriever over a collection."""

from __future__ import annotations

from typing import Any

from numen.errors import MissingExtra
from numen.search import Collection
from numen.types import Hit

try:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ImportError as error:
    raise MissingExtra("llama-index-core", "llama-index", "a LlamaIndex retriever") from error

__all__ = ["NumenRetriever"]


class NumenRetriever(BaseRetriever):
    """The hits of a collection as nodes with scores, best first.

    collection: an open `numen.Collection`. k: how many hits at most. options: what else `Collection.search` takes:
    legs, fuse, feedback, bm25, where. A node's id and text are the hit's; its metadata are the hit's, and `title`
    where the hit has one.
    """

    def __init__(self, collection: Collection, k: int = 10, **options: Any) -> None:
        super().__init__()
        self.collection, self.k, self.options = collection, k, options

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self.collection.search(query_bundle.query_str, self.k, **self.options)
        return [NodeWithScore(node=_node(hit), score=hit.score) for hit in hits]


def _node(hit: Hit) -> TextNode:
    title = {"title": hit.title} if hit.title else {}
    return TextNode(id_=hit.id, text=hit.text, metadata={**title, **hit.metadata})
