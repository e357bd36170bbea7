"""What the bodies of requests hold: the names and defaults of Python and the terminal, within the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from numen.search import Collection
from numen.serve.kinds import Either, Flag, Kind, Listed, Maybe, Number, Object, Record, Text, Whole
from numen.serve.limits import Limits
from numen.serve.refusal import Refusal
from numen.sources import document_from
from numen.types import JSON

__all__ = ["Bodies", "options_of"]

_LEGS_AT_MOST = 64  # names of legs in one request


@dataclass(frozen=True, slots=True)
class DocumentBody:
    """A document as an object: `text`, and perhaps `title` and `metadata`; other keys become metadata.

    ids: whether it says its `id` (or `_id`); else the path of the request does.
    """

    ids: bool = False

    def read(self, value: JSON, where: str) -> dict[str, JSON]:
        """The object itself, once it is seen to be a document."""
        if not isinstance(value, dict):
            raise Refusal("unfit", f"{where or 'the body'} must be an object with text; found {type(value).__name__}")
        document_from(value if self.ids else {**value, "_id": "-"}, source=where)
        return value

    def schema(self) -> dict[str, JSON]:
        out: dict[str, JSON] = {
            "type": "object",
            "properties": {"text": {"type": "string"}, "title": {"type": ["string", "null"]}},
            "required": ["text"],
        }
        if self.ids:
            id_: dict[str, JSON] = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "integer"}]}
            out["anyOf"] = [
                {"required": ["_id"], "properties": {"_id": id_}},
                {"required": ["id"], "properties": {"id": id_}, "not": {"required": ["_id"]}},
            ]
        return {**out, "description": "The keys of `metadata` and all other keys become metadata."}


@dataclass(frozen=True, slots=True)
class Bodies:
    """The body of each operation that takes one."""

    search: Record
    search_many: Record
    explain: Record
    count: Record
    ids: Record
    document: DocumentBody
    documents: Record

    @classmethod
    def of(cls, limits: Limits) -> Bodies:
        query = Text("What to look for.", most=limits.query, code="query_too_long")
        name = Text(most=limits.query)
        id_ = Text("The id of a document.", least=1, most=limits.query)
        where = Either(
            Text(least=1, most=limits.query, code="query_too_long"),
            Object(least=1),
            "Only documents whose metadata fit: \"year >= 2020 and lang in ['de', 'fr']\", or the same as an object.",
        )
        options: dict[str, Kind] = {
            "k": Whole("How many hits at most.", most=limits.k, code="k_too_large"),
            "legs": Maybe(Listed(name, "Which legs take part; all if null.", least=1, most=_LEGS_AT_MOST)),
            "fuse": Maybe(
                Text(
                    "How several legs are fused: rrf, minmax or zscore, with weights as in minmax,words=0.7,grams=0.3. "
                    "If null: minmax with a leg of dense or token vectors, else rrf.",
                    most=limits.query,
                )
            ),
            "feedback": Maybe(
                Text(
                    "Ask again with the terms of the first hits: rm3, rocchio or average, with options as in "
                    "rm3,documents=5,original=0.7.",
                    most=limits.query,
                )
            ),
            "bm25": Maybe(_bm25()),
            "where": Maybe(where),
        }
        defaults = {"k": 10, "legs": None, "fuse": None, "feedback": None, "bm25": None, "where": None}
        vectors = Maybe(Object("For legs of given vectors, by leg: the query's vector, {index or term: weight}."))
        more: dict[str, Kind] = {
            "approximate": Maybe(Number("A recall to reach, for legs of float32 vectors.", 0.0, 1.0, above=True)),
            "text": Flag("Whether hits have their whole text."),
            "explain": Flag("Whether each hit has its explanation."),
            "highlights": Flag("Whether each hit has the places that match, and a snippet."),
        }
        more_defaults = {"approximate": None, "text": True, "explain": False, "highlights": False}
        ids = Listed(id_, "Ids of documents.", most=limits.batch, code="batch_too_large")
        return cls(
            search=Record(
                {"query": Maybe(query), **options, "vectors": vectors, **more},
                {**defaults, "vectors": None, **more_defaults},
            ),
            search_many=Record(
                {
                    "queries": Listed(query, "What to look for.", least=1, most=limits.batch, code="batch_too_large"),
                    **options,
                    **more,
                },
                {**defaults, **more_defaults},
            ),
            explain=Record(
                {
                    "query": Maybe(query),
                    "ids": Listed(
                        id_,
                        "Ids of documents, hits or not.",
                        least=1,
                        most=min(limits.batch, 100),
                        code="batch_too_large",
                    ),
                    **options,
                    "vectors": vectors,
                },
                {**defaults, "vectors": None},
            ),
            count=Record({"where": Maybe(where)}, {"where": None}),
            ids=Record({"ids": ids}),
            document=DocumentBody(),
            documents=Record(
                {
                    "documents": Listed(
                        DocumentBody(ids=True),
                        "Documents to add; one whose id is there already is replaced.",
                        most=limits.batch,
                        code="batch_too_large",
                    )
                }
            ),
        )


def _bm25() -> Record:
    from numen.encode.bm25 import BM25

    usual = BM25()
    return Record(
        {
            "formula": Text("robertson, lucene, atire, bm25l or bm25+.", most=20),
            "k1": Number("How soon repetition stops to count."),
            "b": Number("How much long documents pay.", most=1.0),
            "delta": Number("bm25l and bm25+: the least that a match adds."),
        },
        {one.name: getattr(usual, one.name) for one in fields(usual)},
        "BM25 for this search.",
    )


def options_of(body: Mapping[str, Any], collection: Collection) -> dict[str, Any]:
    """What `Collection.search` and its like take by name, of a body that was read."""
    out = {name: body[name] for name in ("legs", "fuse", "feedback", "where", "bm25")}
    if body["bm25"] is not None:
        from numen.encode.bm25 import BM25

        out["bm25"] = BM25(**body["bm25"])
    if body.get("vectors") is not None:
        from numen.search.carried import vectors_of

        out["vectors"] = vectors_of(body["vectors"], collection.legs)
    if body.get("approximate") is not None:
        out["approximate"] = body["approximate"]
    return out
