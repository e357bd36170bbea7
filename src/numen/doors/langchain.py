"""A LangChain retriever over a collection."""

from __future__ import annotations

from typing import Any

from numen.errors import MissingExtra
from numen.search import Collection
from numen.types import Hit

try:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import ConfigDict, Field
except ImportError as error:
    raise MissingExtra("langchain-core", "langchain", "a LangChain retriever") from error

__all__ = ["NumenRetriever"]


class NumenRetriever(BaseRetriever):
    """The hits of a collection as LangChain documents, best first.

    collection: an open `numen.Collection`. k: how many hits at most. options: what else `Collection.search` takes:
    legs, fuse, feedback, bm25, where. They may also be given to one call: `retriever.invoke("x", where="year > 2020")`.

    A document's `id` and `page_content` are the hit's id and text; its metadata are the hit's, and under "numen" the
    title, score, rank and what each leg said.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    collection: Collection
    k: int = 10
    options: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun | None = None, **given: Any
    ) -> list[Document]:
        options = {"k": self.k, **self.options, **given}
        return [_document(hit) for hit in self.collection.search(query, **options)]


def _document(hit: Hit) -> Document:
    legs = {name: {"rank": leg.rank, "score": leg.score} for name, leg in hit.legs.items()}
    found = {"title": hit.title, "score": hit.score, "rank": hit.rank, "legs": legs}
    return Document(id=hit.id, page_content=hit.text, metadata={**hit.metadata, "numen": found})
