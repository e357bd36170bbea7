"""What a learned blend sees of a candidate: what each leg says of it, and which words it shares with the query.

A small family of what Nardini, Perego, Tonellotto and Trani ("Blending Learning to Rank and Dense Representations",
2025, arXiv 2510.16393) give their trees: the scores of lexical and dense legs, lengths, coverage, and words side by
side. Everything is of the collection that is searched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numen.search.fuse import SCORES_DEEP, Fusion
from numen.search.ranking import Ranking
from numen.text import Analyzer

if TYPE_CHECKING:
    from numen.search.collection import Collection

__all__ = ["Candidates", "candidates_of", "feature_names"]

OF_LEG = ("score", "share", "rank")
"""Of each leg: its score of the document, the score on the scale of min-max fusion, and 1 / rank; 0 where the leg did
not find it among its first thousand."""

OF_WORDS = ("query words", "document words", "coverage", "pairs", "frequency", "first")
"""The number of words of both (ln(1 + n) of the document's); the shares of the query's words, and of its adjacent
pairs, that the document has; the mean ln(1 + count) of the query's words; 1 / (1 + place of the first of them)."""


@dataclass(frozen=True)
class Candidates:
    """Of each query the documents that any leg ranks high, and what is known of them.

    starts: int64 (n_queries + 1); query q has rows [starts[q], starts[q + 1]) of ids, keys (int64, the catalog's) and
    features, float32 (n, len(feature_names(legs))). recall: as `Ranking` has it.
    """

    starts: NDArray[np.int64]
    ids: list[str]
    keys: NDArray[np.int64]
    features: NDArray[np.float32]
    recall: float | None


def feature_names(legs: Sequence[str]) -> list[str]:
    """What the columns are, for these legs in this order."""
    return [f"{leg} {name}" for leg in legs for name in OF_LEG] + list(OF_WORDS)


def candidates_of(
    collection: Collection, queries: Sequence[str], legs: Sequence[str], depth: int, **how: Any
) -> Candidates:
    """The first `depth` documents of each leg together, by id, for each query, with their features.

    how: what `Collection.rank_many` takes beside (where, threads, vectors, approximate). A document that is deleted
    meanwhile is left out.
    """
    rankings = {
        leg: collection.rank_many(queries, max(SCORES_DEEP, depth), legs=[leg], **_of_leg(how, leg)) for leg in legs
    }
    words = _Words(collection)
    starts, ids, keys = [0], [], []
    rows: list[list[float]] = []
    for q, query in enumerate(queries):
        found = _found(rankings, q, depth)
        asked = words.of_text(query)
        said = [_said(ranking, q, found) for ranking in rankings.values()]
        for id in sorted(found):
            read = words.of_document(id)
            if read is None:
                continue
            rows.append([number for leg in said for number in leg[id]] + _shared(asked, read))
            ids.append(id)
            keys.append(found[id])
        starts.append(len(ids))
    return Candidates(
        np.array(starts, np.int64),
        ids,
        np.array(keys, np.int64),
        np.array(rows, np.float32).reshape(len(ids), len(feature_names(legs))),
        min((one.recall for one in rankings.values() if one.recall is not None), default=None),
    )


def _of_leg(how: Mapping[str, Any], leg: str) -> dict[str, Any]:
    """The options with the vectors of one leg alone, where several have some."""
    vectors = how.get("vectors")
    if isinstance(vectors, Mapping):
        return {**how, "vectors": {leg: vectors[leg]} if leg in vectors else None}
    return dict(how)


def _found(rankings: Mapping[str, Ranking], q: int, depth: int) -> dict[str, int]:
    """The candidates of one query: their keys, by id."""
    out: dict[str, int] = {}
    for ranking in rankings.values():
        begin = int(ranking.starts[q])
        end = min(int(ranking.starts[q + 1]), begin + depth)
        out.update(zip(ranking.ids[begin:end].tolist(), ranking.keys[begin:end].tolist(), strict=True))
    return out


def _said(ranking: Ranking, q: int, found: Mapping[str, int]) -> dict[str, tuple[float, float, float]]:
    """What one leg says of each candidate: OF_LEG."""
    span = slice(int(ranking.starts[q]), int(ranking.starts[q + 1]))
    scores = ranking.scores[span]
    shares = Fusion("minmax").gives("", scores, signed=ranking.signed)
    out = dict.fromkeys(found, (0.0, 0.0, 0.0))
    listed = zip(ranking.ids[span].tolist(), scores.tolist(), shares.tolist(), strict=True)
    for rank, (id, score, share) in enumerate(listed, 1):
        if id in out:
            out[id] = (score, share, 1 / rank)
    return out


def _shared(query: Sequence[str], document: Sequence[str]) -> list[float]:
    """OF_WORDS, of two texts as words."""
    asked = set(query)
    pairs = {pair for pair in pairwise(query) if pair[0] != pair[1]}
    counts = Counter(word for word in document if word in asked)
    beside = pairs and pairs.intersection(pairwise(document))
    first = next((place for place, word in enumerate(document) if word in asked), None)
    return [
        float(len(query)),
        float(np.log1p(len(document))),
        len(counts) / len(asked) if asked else 0.0,
        len(beside) / len(pairs) if pairs else 0.0,
        sum(float(np.log1p(n)) for n in counts.values()) / len(asked) if asked else 0.0,
        0.0 if first is None else 1 / (1 + first),
    ]


class _Words:
    """Texts as words: those of the first leg that has an analyzer, or plain ones. Documents are read once a call."""

    def __init__(self, collection: Collection) -> None:
        own = [one for encoder in collection.legs.values() if isinstance(one := _analyzer(encoder), Analyzer)]
        self._collection = collection
        self._analyzer = own[0] if own else Analyzer()
        self._known: dict[str, list[str] | None] = {}

    def of_text(self, text: str) -> list[str]:
        return self._analyzer.terms(text)

    def of_document(self, id: str) -> list[str] | None:
        """The words of title and text; None where the document is gone."""
        if id not in self._known:
            document = self._collection.get(id)
            self._known[id] = None if document is None else self.of_text(f"{document.title} {document.text}")
        return self._known[id]


def _analyzer(encoder: Any) -> Any:
    return getattr(encoder, "analyzer", None)
