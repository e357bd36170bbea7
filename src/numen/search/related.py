"""The words that join queries of a leg `auto`: those of the first hits, as the terms of a second round."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import cast, overload

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import AutoEncoder
from numen.encode.bm25 import BM25
from numen.encode.related import LEAST_FREQUENT, LONGEST, MOST_SHARE, Held, related_words
from numen.encode.words import IDEOGRAPHS
from numen.index.keys import TermKeys
from numen.index.trailed import Trailed
from numen.search.classes import Asked, Kind, Pairs, Term
from numen.search.expanded import Expanded
from numen.search.ranking import Ranking
from numen.search.snapshot import Snapshot

__all__ = ["fed_back", "related"]


def related(snapshot: Snapshot, leg: str, encoder: AutoEncoder, first: Ranking, bm25: BM25 | None) -> Asked:
    """The terms that join each query, each a single word, in the order of summing: rarest first. first: its hits."""
    documents = snapshot.statistics(leg, encoder).documents
    keys = np.unique(first.keys)
    words, held, places, frequencies = _held(snapshot, leg, encoder, keys, bm25)
    rarities = encoder.rarity(documents, frequencies.astype(np.float64), bm25)
    rarities[(frequencies < LEAST_FREQUENT) | (frequencies > MOST_SHARE * documents)] = 0.0
    some = np.flatnonzero(rarities)
    rarities[some[~_are_words(words.select(some))]] = 0.0
    nothing = np.empty(0, np.int64), np.empty(0)
    made = []
    for begin, end in zip(first.starts[:-1].tolist(), first.starts[1:].tolist(), strict=True):
        rows = np.searchsorted(keys, first.keys[begin:end])
        made.append(related_words(held, rows, first.scores[begin:end], rarities) if end > begin else nothing)
    return _joining("related", words, frequencies, places, made)


def fed_back(snapshot: Snapshot, leg: str, encoder: AutoEncoder, queries: Expanded, bm25: BM25 | None) -> Asked:
    """The terms that feedback brought to each query: its weights are times what a word of the query is worth."""
    counted = queries.counted
    words = cast("TermKeys", counted.keys)
    places, frequencies = snapshot.located(leg, snapshot.table(leg, encoder, bm25), words)
    worths = encoder.worth(snapshot.statistics(leg, encoder).documents, frequencies.astype(np.float64), bm25)
    weights = cast("NDArray[np.float32]", counted.values).astype(np.float64) * worths[counted.terms]
    spans = [slice(a, b) for a, b in itertools.pairwise(counted.starts.tolist())]
    made = [(counted.terms[span], weights[span]) for span in spans]
    return _joining("feedback", words, frequencies, places, made)


def _joining(
    kind: Kind,
    words: TermKeys,
    frequencies: NDArray[np.int64],
    places: NDArray[np.int64],
    made: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]],
) -> Asked:
    """The terms of queries that are single words. made: of each query, (numbers in `words`, weights) of its words."""
    all_words = np.concatenate([np.empty(0, np.int64), *(of_query for of_query, _ in made)])
    if len(made) == 1 and (all_words[1:] > all_words[:-1]).all():
        used, at = all_words, np.arange(len(all_words))
    else:
        used, at = np.unique(all_words, return_inverse=True)
    words, frequencies, places = words.select(used), frequencies[used], places[:, used]
    query_starts = np.zeros(len(made) + 1, np.int64)
    np.cumsum([len(of_query) for of_query, _ in made], out=query_starts[1:])
    of = np.repeat(np.arange(len(made)), np.diff(query_starts))
    order = np.lexsort((at, frequencies[at], of))
    members = at[order].astype(np.int64)
    weights = np.concatenate([np.empty(0), *(of_query for _, of_query in made)])[order]
    no_pairs = Pairs(np.zeros(1, np.int64), np.empty(0, np.uint16), np.empty(0, np.float32))
    return Asked(
        words,
        frequencies,
        list(places),
        [no_pairs] * len(places),
        query_starts,
        np.arange(len(members) + 1),
        weights.astype(np.float32),
        members,
        np.ones(len(members), np.float32),
        _Terms(kind, words, frequencies, members),
        [()] * len(made),
    )


class _Terms(Sequence[Term]):
    """Terms that are single words, made when they are looked at: an explanation does, a search does not."""

    def __init__(self, kind: Kind, words: TermKeys, frequencies: NDArray[np.int64], members: NDArray[np.int64]) -> None:
        self._kind, self._words, self._frequencies, self._members = kind, words, frequencies, members

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, index: int) -> Term: ...
    @overload
    def __getitem__(self, index: slice) -> list[Term]: ...
    def __getitem__(self, index: int | slice) -> Term | list[Term]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        m, starts = int(self._members[index]), self._words.starts
        name = self._words.blob[starts[m] : starts[m + 1]].tobytes().decode()
        return Term(self._kind, name, float(self._frequencies[m]))


def _held(
    snapshot: Snapshot, leg: str, encoder: AutoEncoder, keys: NDArray[np.int64], bm25: BM25 | None
) -> tuple[TermKeys, Held, NDArray[np.int64], NDArray[np.int64]]:
    """(words, which document has which with what value, places, frequencies) of documents by ascending catalog keys.

    The words in the order of their bytes, their places in each segment, and how many living documents have them.
    """
    from numen.kernels.held import held_words

    saturations = snapshot.tabled_values(leg, encoder, bm25)
    found = []
    for place, live in enumerate(snapshot.segments):
        docs = live.segment.docs_of(keys)
        alive = (docs >= 0) & (live.dead_mask[docs] == 0)
        if not alive.any():
            continue
        part = cast("Trailed", live.segment.legs[leg])
        docs = docs[alive]
        hash_starts, hash_terms = part.by_hash
        starts, at, counts = held_words(
            docs,
            LONGEST,
            hash_starts,
            hash_terms,
            *part.lists,
            part.row_of,
            part.rows,
            part.exceptions.keys,
            part.exceptions.docs,
            part.exceptions.counts,
            part.trail_starts,
            part.trail,
        )
        used, terms = np.unique(at, return_inverse=True)
        of = np.repeat(np.arange(len(docs)), np.diff(starts))
        values = counts / (counts + saturations[place][docs].astype(np.float64)[of])
        if len(snapshot.segments) == 1:
            # What follows is the same for any number of segments, but here it can be had without the words' bytes.
            frequencies = part.frequencies[used] - (live.dead_frequencies(leg, used) if len(live.dead) else 0)
            return cast("TermKeys", part.keys).select(used), Held(starts, terms, values), used[None], frequencies
        found.append((np.flatnonzero(alive)[of], terms, values, cast("TermKeys", part.keys).select(used)))
    nothing = np.empty(0, np.int64)
    words = found[0][3].union([one[3] for one in found[1:]]) if found else TermKeys.of([])
    of = np.concatenate([nothing, *(one[0] for one in found)])
    terms = np.concatenate([nothing, *(words.find(one[3])[one[1]] for one in found)])
    values = np.concatenate([np.empty(0), *(one[2] for one in found)])
    order = np.argsort(of, kind="stable")
    starts = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=len(keys)), out=starts[1:])
    located = snapshot.located(leg, snapshot.table(leg, encoder, bm25), words)
    return words, Held(starts, terms[order], values[order]), *located


def _are_words(words: TermKeys) -> NDArray[np.bool_]:
    """bool (len(words)): which have a letter, and are no lone ones."""
    if not len(words):
        return np.empty(0, bool)
    begins = words.starts[:-1]
    letters = ((words.blob | np.uint8(0x20)) >= ord("a")) & ((words.blob | np.uint8(0x20)) <= ord("z"))
    ascii_ = np.maximum.reduceat(words.blob, begins) < 0x80
    out: NDArray[np.bool_] = np.logical_or.reduceat(letters, begins) & (np.diff(words.starts) > 1)
    for i in np.flatnonzero(~ascii_).tolist():
        word = words.blob[words.starts[i] : words.starts[i + 1]].tobytes().decode()
        out[i] = (len(word) > 1 or word >= IDEOGRAPHS) and any(map(str.isalpha, word))
    return out
