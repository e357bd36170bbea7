"""From a query and its first hits to the query that is asked next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import AutoEncoder
from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder, QueryCounts
from numen.encode.words import IDEOGRAPHS, WordsEncoder
from numen.errors import OptionError
from numen.index.keys import NumberKeys, TermKeys
from numen.search.document_terms import DocumentTerms, Texts, terms_of
from numen.search.expanded import Expanded
from numen.search.feedback import Feedback
from numen.search.queries import Queryable, texts_of
from numen.search.ranking import Ranking
from numen.search.snapshot import Snapshot

__all__ = ["expand", "takes_feedback"]

_Weighted: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]
"""(terms, weights, whether only feedback brought it) of one query."""

_NOTHING: _Weighted = (np.empty(0, np.int64), np.empty(0), np.empty(0, bool))


def takes_feedback(encoder: Encoder) -> bool:
    """Whether there is feedback for legs of this encoder: for all but those with weights of both signs."""
    return not getattr(encoder, "signed", False) and not getattr(encoder, "negative", False)


def expand(
    snapshot: Snapshot,
    leg: str,
    encoder: Encoder,
    queries: Queryable,
    first: Ranking,
    feedback: Feedback,
    texts: Texts,
    bm25: BM25 | None,
) -> Expanded:
    """The queries with the terms of their first `feedback.documents` hits in `first`.

    texts: from catalog keys to texts as encoders see them. Sums run in float64 in the order of the hits, then of the
    terms, so that the same hits give the same weights to the last bit.
    """
    if not takes_feedback(encoder):
        raise OptionError(f"leg {leg!r} is made with {encoder.spec!r}: feedback takes no weights of both signs")
    counted = queries.counts(leg, encoder)
    values = _query_values(snapshot, leg, encoder, counted)
    spans = zip(first.starts[:-1].tolist(), first.starts[1:].tolist(), strict=True)
    heads = [slice(begin, min(end, begin + feedback.documents)) for begin, end in spans]
    documents = np.unique(np.concatenate([np.empty(0, np.int64), *(first.keys[head] for head in heads)]))
    of_classes = isinstance(encoder, AutoEncoder)
    if not len(documents) and not of_classes:
        return Expanded(replace(counted, values=values.astype(np.float32)), np.zeros(len(values), bool))
    if not len(documents):
        return _of_classes(queries, counted.keys, [_NOTHING] * len(queries), feedback)
    found = terms_of(snapshot, leg, encoder, documents, texts, bm25)
    keys = counted.keys.union([found.keys])  # type: ignore[list-item]
    usable = _usable(snapshot, leg, encoder, keys, feedback)
    rows = _rows(found, keys.find(found.keys), usable, encoder, feedback)  # type: ignore[arg-type]
    asked = keys.find(counted.keys)[counted.terms]  # type: ignore[arg-type]
    made = []
    for q, head in enumerate(heads):
        span = slice(int(counted.starts[q]), int(counted.starts[q + 1]))
        model = _model(rows, np.searchsorted(documents, first.keys[head]), first.scores[head], feedback)
        if of_classes:
            made.append((model[0], feedback.added * _size(values[span], feedback) * model[1], _NOTHING[2]))
        else:
            made.append(_combined(asked[span], values[span], *model, feedback))
    if of_classes:
        return _of_classes(queries, keys, made, feedback)
    return Expanded(_counts(made, keys), np.concatenate([added for _, _, added in made]))


def _of_classes(
    queries: Queryable, keys: NumberKeys | TermKeys, made: Sequence[_Weighted], feedback: Feedback
) -> Expanded:
    """What feedback brought to queries whose own terms stand for classes: those stay as they are, at their share."""
    counted = _counts(made, keys)
    shares = np.where(np.diff(counted.starts) > 0, feedback.original, 1.0)
    return Expanded(counted, np.ones(len(counted.terms), bool), texts_of(queries), shares)


def _counts(made: Sequence[_Weighted], keys: NumberKeys | TermKeys) -> QueryCounts:
    """Queries of these terms and weights."""
    starts = np.zeros(len(made) + 1, np.int64)
    np.cumsum([len(terms) for terms, _, _ in made], out=starts[1:])
    terms, weights = (np.concatenate([_NOTHING[i], *(one[i] for one in made)]) for i in range(2))
    return QueryCounts(starts, terms.astype(np.int64), np.ones(len(terms), np.int64), keys, weights.astype(np.float32))


def _query_values(snapshot: Snapshot, leg: str, encoder: Encoder, counted: QueryCounts) -> NDArray[np.float64]:
    """float64 (len(counted.terms)): counts in a BM25 leg, else the weights of the query's vector."""
    if encoder.form == "ratio":
        return counted.counts.astype(np.float64)
    unknown = np.zeros(len(counted.keys), np.int64)  # these vectors take no document frequencies
    return encoder.weigh(counted, unknown, snapshot.statistics(leg, encoder), None)[0].astype(np.float64)


def _usable(
    snapshot: Snapshot, leg: str, encoder: Encoder, keys: NumberKeys | TermKeys, feedback: Feedback
) -> NDArray[np.bool_]:
    """bool (len(keys)): which terms feedback may bring; of words, those with a letter, and no lone ones."""
    most = max(feedback.share * snapshot.statistics(leg, encoder).documents, feedback.documents)
    usable: NDArray[np.bool_] = snapshot.located(leg, snapshot.table(leg, encoder, None), keys)[1] <= most
    if isinstance(encoder, AutoEncoder | WordsEncoder) and isinstance(keys, TermKeys) and feedback.method != "average":
        usable &= np.array([_is_word(term.decode()) for term in keys.terms()], bool)
    return usable


def _is_word(term: str) -> bool:
    return (len(term) > 1 or term >= IDEOGRAPHS) and any(map(str.isalpha, term))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Documents as feedback counts them, row d in [starts[d], starts[d + 1]): terms int64, values float64."""

    starts: NDArray[np.int64]
    terms: NDArray[np.int64]
    values: NDArray[np.float64]


def _rows(
    found: DocumentTerms, place: NDArray[np.int64], usable: NDArray[np.bool_], encoder: Encoder, feedback: Feedback
) -> _Rows:
    """The documents' usable terms, normalised: to the sum 1 after the cut for RM3, else to the length 1.

    place: int64 (len(found.keys)), where each key is among those of `usable`.
    """
    n = len(found.starts) - 1
    of = np.repeat(np.arange(n), np.diff(found.starts))
    terms, values = place[found.terms], found.values
    if encoder.form == "log":
        values = np.log1p(values) * found.sizes[of]
    elif encoder.form == "ratio" and feedback.method == "average":
        values = values / (values + found.sizes[of])
    kept = np.flatnonzero(usable[terms])
    if feedback.method == "rm3" and feedback.terms is not None:
        kept = kept[np.lexsort((terms[kept], -values[kept], of[kept]))]
        begins = np.searchsorted(of[kept], np.arange(n))
        kept = kept[np.arange(len(kept)) - begins[of[kept]] < feedback.terms]
    of, terms, values = of[kept], terms[kept], values[kept]
    sums = np.bincount(of, values if feedback.method == "rm3" else values * values, n)
    sizes = sums if feedback.method == "rm3" else np.sqrt(sums)
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=n), out=starts[1:])
    return _Rows(starts, terms, values / sizes[of])


def _model(
    rows: _Rows, documents: NDArray[np.int64], scores: NDArray[np.float32], feedback: Feedback
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(terms, weights) of what one query's hits have in common: at most `feedback.terms`, of size 1 but for `average`.

    documents: rows of the hits, best first.
    """
    shares = (
        scores.astype(np.float64) if feedback.method == "rm3" else np.full(len(documents), 1 / max(len(documents), 1))
    )
    spans = [slice(int(rows.starts[d]), int(rows.starts[d + 1])) for d in documents]
    terms, at = np.unique(np.concatenate([_NOTHING[0], *(rows.terms[span] for span in spans)]), return_inverse=True)
    parts = np.concatenate(
        [_NOTHING[1], *(share * rows.values[span] for share, span in zip(shares, spans, strict=True))]
    )
    weights = _summed(at, parts, len(terms))
    if feedback.terms is not None and len(terms) > feedback.terms:
        best = np.sort(np.lexsort((terms, -weights))[: feedback.terms])
        terms, weights = terms[best], weights[best]
    return terms, weights / _size(weights, feedback) if feedback.method != "average" and len(terms) else weights


def _combined(
    asked: NDArray[np.int64],
    values: NDArray[np.float64],
    brought: NDArray[np.int64],
    weights: NDArray[np.float64],
    feedback: Feedback,
) -> _Weighted:
    """(terms, weights, whether only feedback brought it) of the query and its model, at the query's own size."""
    if not len(brought):
        return asked, values, np.zeros(len(asked), bool)
    size = _size(values, feedback)
    terms, at = np.unique(np.concatenate([asked, brought]), return_inverse=True)
    parts = np.concatenate([feedback.original * values, feedback.added * size * weights])
    return terms, _summed(at, parts, len(terms)), ~np.isin(terms, asked)


def _summed(at: NDArray[np.int64], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """float64 (n): the sum of the values at each place, in their order."""
    return np.bincount(at, values, n).astype(np.float64)


def _size(weights: NDArray[np.float64], feedback: Feedback) -> float:
    """The sum for RM3, which mixes probabilities; else the length."""
    return float(weights.sum()) if feedback.method == "rm3" else float(np.sqrt(weights @ weights))
