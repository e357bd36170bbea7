"""The first hits scored again by a cross-encoder, which reads query and document together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.model_folder import loading, model_folder, require
from numen.errors import InputError, OptionError, nearest
from numen.search.document_terms import Texts
from numen.search.ranking import Ranking

__all__ = ["Rerank", "rerank"]

PAIRS = 32
"""Pairs of query and document that go through the model at a time; it puts like lengths together."""


@dataclass(frozen=True, slots=True)
class Rerank:
    """model: a sentence-transformers CrossEncoder, by folder or hub name.

    documents: how many of the first hits it scores again, or k if that is more; the k best of those are the answer.
    """

    model: str
    documents: int = 50

    def __post_init__(self) -> None:
        if not self.model:
            raise OptionError("rerank needs a cross-encoder: a folder, or ORGANISATION/NAME on the hub")
        if isinstance(self.documents, bool) or not isinstance(self.documents, int) or self.documents < 1:
            raise OptionError(f"documents of rerank is {self.documents!r}; it must be a whole number, 1 or more")

    @classmethod
    def of(cls, given: str | Rerank | None) -> Rerank | None:
        """The reranking that `given` says: None, "MODEL" or "MODEL,documents=100"."""
        if given is None or isinstance(given, Rerank):
            return given
        if not isinstance(given, str):
            raise OptionError(f"rerank is {given!r}; give a model's folder or name, or a Rerank")
        model, *options = (part.strip() for part in given.split(","))
        documents = cls(model or "?").documents
        for option in options:
            name, _, value = option.partition("=")
            if name.strip() != "documents":
                raise OptionError(f"unknown option {name!r} in rerank {given!r}; {nearest(name, ['documents'])}")
            if not value.strip().isdecimal():
                raise OptionError(f"documents in rerank {given!r} must be a whole number, 1 or more")
            documents = int(value)
        return cls(model, documents)

    @property
    def spec(self) -> str:
        """The short string that makes this reranking again."""
        return self.model if self.documents == 50 else f"{self.model},documents={self.documents}"


def rerank(ranking: Ranking, queries: Sequence[str], how: Rerank, k: int, texts: Texts) -> Ranking:
    """The k best of each query's hits by the cross-encoder's scores, then by id.

    texts: from documents' keys to their texts as encoders see them. InputError where the model makes no number.
    """
    if queries and not any(query.strip() for query in queries):
        raise InputError(
            f"rerank={how.spec!r} reads the text of a query, and there is none; pass it beside the vectors"
        )
    most = max(how.documents, k)
    spans = [
        range(begin, min(end, begin + most))
        for begin, end in zip(ranking.starts[:-1].tolist(), ranking.starts[1:].tolist(), strict=True)
    ]
    stored = texts(sorted({key for span in spans for key in ranking.keys[span.start : span.stop].tolist()}))
    pairs = [(query, stored[int(ranking.keys[at])]) for query, span in zip(queries, spans, strict=True) for at in span]
    scores = _scores(how.model, pairs)
    order: list[int] = []
    kept: list[float] = []
    starts, done = [0], 0
    for span in spans:
        own = {at: float(scores[done + i]) for i, at in enumerate(span)}
        done += len(span)
        best = sorted(own, key=lambda at: (-own[at], ranking.ids[at]))[:k]
        order += best
        kept += [own[at] for at in best]
        starts.append(len(order))
    at = np.array(order, np.int64)
    return Ranking(
        np.array(starts, np.int64),
        ranking.ids[at],
        np.array(kept, np.float32),
        ranking.keys[at],
        ranking.recall,
        signed=True,
    )


def _scores(model: str, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    """float32 (len(pairs)): what the model says of each query and document."""
    if not pairs:
        return np.empty(0, np.float32)
    made = _loaded(model).predict(list(pairs), batch_size=PAIRS, show_progress_bar=False, convert_to_numpy=True)
    scores = np.asarray(made, np.float32)
    if scores.ndim != 1:
        raise InputError(f"the model {model!r} gives {scores.shape[1]} numbers a pair; a reranker gives one, its score")
    if not np.isfinite(scores).all():
        query, text = pairs[int(np.flatnonzero(~np.isfinite(scores))[0])]
        raise InputError(f"the model {model!r} makes no number of the query {query[:40]!r} and the text {text[:40]!r}")
    return scores


@lru_cache(maxsize=2)
def _loaded(model: str) -> Any:
    """The CrossEncoder, loaded at the first call; ModelError, MissingExtra."""
    require(f"rerank={model}")
    folder = model_folder(model)
    with loading(model):
        return import_module("sentence_transformers").CrossEncoder(str(folder))
