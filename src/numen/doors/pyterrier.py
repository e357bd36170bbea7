"""A PyTerrier transformer over a collection."""

from __future__ import annotations

from typing import Any

from numen.errors import InputError, MissingExtra
from numen.search import Collection

try:
    import pandas as pd
    import pyterrier as pt
except ImportError as error:
    raise MissingExtra("pyterrier", "pyterrier", "a PyTerrier transformer") from error

__all__ = ["NumenRetriever"]


class NumenRetriever(pt.Transformer):
    """From queries (qid, query) to results (qid, query, docno, rank, score, and the fields asked for).

    collection: an open `numen.Collection`. num_results: hits of each query at most. fields: of "title" and "text", what
    else a row has. threads: None for one a core. options: what else `Collection.search_many` takes: legs, fuse,
    feedback, bm25, where. Ranks begin with 0, as PyTerrier's do.
    """

    def __init__(
        self,
        collection: Collection,
        num_results: int = 1000,
        *,
        fields: tuple[str, ...] = (),
        threads: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        for field in fields:
            if field not in ("title", "text"):
                raise InputError(f"field {field!r}; there are title and text")
        self.collection, self.num_results, self.fields = collection, num_results, tuple(fields)
        self.threads, self.options = threads, options

    def transform(self, topics: pd.DataFrame) -> pd.DataFrame:
        """The results of the queries, in their order; what else the queries' columns hold comes along."""
        columns = ["docno", *self.fields, "rank", "score"]
        kept = [name for name in topics.columns if name not in columns]
        if "qid" not in kept or "query" not in kept:
            raise InputError(f"the queries need the columns qid and query; found {', '.join(map(str, topics.columns))}")
        given = topics[kept].to_dict("records")
        queries = [str(row["query"]) for row in given]
        answers = (
            self.collection.search_many(queries, self.num_results, threads=self.threads, **self.options)
            if queries
            else []
        )
        rows = [
            {
                **row,
                "docno": hit.id,
                **{field: getattr(hit, field) for field in self.fields},
                "rank": hit.rank - 1,
                "score": hit.score,
            }
            for row, results in zip(given, answers, strict=True)
            for hit in results
        ]
        return pd.DataFrame(rows, columns=[*kept, *columns])

    def __repr__(self) -> str:
        return f"NumenRetriever({self.collection!r}, {self.num_results})"
