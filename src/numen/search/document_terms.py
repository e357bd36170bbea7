"""What terms some documents have, and how often or with what weight: from their texts, or from the lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder
from numen.encode.given import GivenEncoder
from numen.encode.sparse import LearnedSparse
from numen.index.keys import NumberKeys, TermKeys, Vocabulary
from numen.index.packing import unpack
from numen.search.snapshot import Snapshot

__all__ = ["DocumentTerms", "Texts", "terms_of"]

Texts: TypeAlias = Callable[[Sequence[int]], Mapping[int, str]]
"""From documents' keys in the catalog to their texts as encoders see them."""


@dataclass(frozen=True, slots=True)
class DocumentTerms:
    """The terms of some documents, document d in [starts[d], starts[d + 1]).

    starts: int64 (n_docs + 1). terms: int64, places in `keys`. values: float64, counts as stored (ratio, log) or
    weights (product, scaled). sizes: float32 (n_docs): what the leg's kernel takes of each document
    (`Encoder.doc_values`): saturations for ratio, inverse norms for log.
    """

    starts: NDArray[np.int64]
    terms: NDArray[np.int64]
    values: NDArray[np.float64]
    sizes: NDArray[np.float32]
    keys: NumberKeys | TermKeys


def terms_of(
    snapshot: Snapshot, leg: str, encoder: Encoder, documents: NDArray[np.int64], texts: Texts, bm25: BM25 | None
) -> DocumentTerms:
    """The terms of living documents, given by ascending catalog keys, at least one.

    A leg that makes its representation of texts makes it again, which for the few documents of a search takes much less
    time than going through every list; vectors, given or a model's, are taken from the lists.
    """
    if isinstance(encoder, GivenEncoder | LearnedSparse):
        return _of_lists(snapshot, leg, encoder, documents)
    found = texts(documents.tolist())
    counter = encoder.counter()
    rows = counter.count([found[key] for key in documents.tolist()])
    names = counter.vocabulary()
    keys: NumberKeys | TermKeys
    if names is None:
        numbers, terms = np.unique(rows.numbers, return_inverse=True)
        keys = NumberKeys(numbers.astype(np.uint32))
    else:
        order, keys = (names if isinstance(names, Vocabulary) else Vocabulary.of(names)).in_order()
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        terms = place[rows.numbers]
    sizes = encoder.doc_values(rows.doc_values, snapshot.statistics(leg, encoder), bm25)
    return DocumentTerms(rows.starts, terms.astype(np.int64), rows.values.astype(np.float64), sizes, keys)


def _of_lists(snapshot: Snapshot, leg: str, encoder: Encoder, documents: NDArray[np.int64]) -> DocumentTerms:
    """The terms of documents as every segment's lists have them."""
    from numen.kernels.cluster import rows_of

    parts = []
    for place, live in enumerate(snapshot.segments):
        docs = live.segment.docs_of(documents)
        alive = (docs >= 0) & (live.dead_mask[docs] == 0)
        if not alive.any():
            continue
        lists = unpack(live.segment.legs[leg])
        number = np.full(lists.n_docs, -1, np.int64)
        number[docs[alive]] = np.flatnonzero(alive)
        starts, keys, values = rows_of(
            lists.starts, lists.docs, lists.values, np.arange(len(lists.keys)), number, len(documents)
        )
        scales = np.ones(len(documents), np.float32)
        if encoder.form == "scaled":
            scales[alive] = snapshot.doc_values(leg, place, encoder, None)[docs[alive]]
        used, terms = np.unique(keys, return_inverse=True)
        of = np.repeat(np.arange(len(documents)), np.diff(starts))
        scaled = values.astype(np.float64) * scales[of].astype(np.float64)
        parts.append((of, terms, scaled, lists.keys.select(used)))
    first = parts[0][3]
    every = first.union([part[3] for part in parts[1:]])  # type: ignore[misc]
    of = np.concatenate([part[0] for part in parts])
    terms = np.concatenate([every.find(part[3])[part[1]] for part in parts])  # type: ignore[arg-type]
    order = np.lexsort((terms, of))
    starts = np.zeros(len(documents) + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=len(documents)), out=starts[1:])
    weights = np.concatenate([part[2] for part in parts])[order]
    return DocumentTerms(starts, terms[order], weights, np.ones(len(documents), np.float32), every)
