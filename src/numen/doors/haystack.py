"""A Haystack component that retrieves from a collection."""

from __future__ import annotations

from typing import Any

from numen.errors import InputError, MissingExtra
from numen.search import Collection
from numen.types import Hit

try:
    from haystack import Document, component, default_from_dict, default_to_dict
except ImportError as error:
    raise MissingExtra("haystack-ai", "haystack", "a Haystack component") from error

__all__ = ["NumenRetriever"]


@component
class NumenRetriever:
    """The hits of a collection as Haystack documents with scores, best first.

    path: the folder of a collection, opened when the pipeline warms up, to read only; or an open `numen.Collection`,
    with which the component cannot be written to YAML. top_k: how many hits at most. where: a filter over metadata, in
    numen's language. options: what else `Collection.search` takes: legs, fuse, feedback.

    A document's id, content and score are the hit's; its meta are the hit's metadata, and `title` where there is one.
    """

    def __init__(
        self,
        path: str | Collection,
        top_k: int = 10,
        where: str | dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.path, self.top_k, self.where, self.options = path, top_k, where, options or {}
        self._collection = path if isinstance(path, Collection) else None

    def warm_up(self) -> None:
        """Open the collection, if it is not open."""
        if self._collection is None:
            self._collection = Collection.open(str(self.path), read_only=True)

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, top_k: int | None = None, where: str | dict[str, Any] | None = None
    ) -> dict[str, list[Document]]:
        """The documents for `query`; top_k and where instead of the component's own, if given."""
        self.warm_up()
        if self._collection is None:
            raise InputError("the component has no collection")
        k = self.top_k if top_k is None else top_k
        hits = self._collection.search(query, k, where=self.where if where is None else where, **self.options)
        return {"documents": [_document(hit) for hit in hits]}

    def to_dict(self) -> dict[str, Any]:
        """What makes the component again; InputError where it was made with an open collection."""
        if isinstance(self.path, Collection):
            raise InputError("a component with an open collection cannot be written; give it the folder's path")
        made: dict[str, Any] = default_to_dict(
            self, path=self.path, top_k=self.top_k, where=self.where, options=self.options
        )
        return made

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NumenRetriever:
        """The component of `to_dict`."""
        made: NumenRetriever = default_from_dict(cls, data)
        return made


def _document(hit: Hit) -> Document:
    title = {"title": hit.title} if hit.title else {}
    return Document(id=hit.id, content=hit.text, meta={**title, **hit.metadata}, score=hit.score)
