"""What queries ask of a leg whose words stand for classes: found among the living words of a snapshot."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import OWN, PAIR, AutoEncoder
from numen.encode.bm25 import BM25
from numen.encode.classes import (
    ALIKE_MOST,
    FAMILY_MOST,
    SHORTEST_MISSPELT,
    alike_weights,
)
from numen.index.keys import TermKeys
from numen.search.snapshot import Snapshot
from numen.search.vocabularies import vocabularies

if TYPE_CHECKING:
    from numen.index.trailed import Trailed

__all__ = ["Asked", "Kind", "Pairs", "Term", "WordClass", "asked"]

Kind: TypeAlias = Literal["class", "word", "pair", "related", "feedback"]
"""What a term of a query is: a word's class; the word itself, for being rarer than its class; two neighbours; a word
that joins because the first hits have it; a word that feedback brought."""

PAIR_FREQUENT = 4_096
"""Words in no more documents than this are always looked for as neighbours: it costs little."""

PAIR_SHARE, PAIR_EVERY = 4, 2
"""Of frequent words, neighbours are not looked for where both are in more than one document of PAIR_SHARE, or one of
them in more than one of PAIR_EVERY: that bounds the trails to be read, and such pairs tell little."""


@dataclass(frozen=True)
class WordClass:
    """The living words that a word of a query stands for, the weightiest first; numbers in `Asked.words`.

    frequency: in how many documents the class counts as occurring: as often as its weightiest word does, or as the word
    itself with all its diacritics. itself: the number of the word, -1 if no living document has it.
    """

    words: NDArray[np.int64]
    weights: NDArray[np.float64]
    frequency: float
    itself: int


@dataclass(frozen=True)
class Pairs:
    """For one segment, the documents that have two words side by side, and how often: pair p's in
    [starts[p], starts[p + 1])."""

    starts: NDArray[np.int64]
    docs: NDArray[np.uint16]
    counts: NDArray[np.float32]


@dataclass(frozen=True)
class Term:
    """One term of a query. name: the word, or both words of a pair. frequency: of it, as its weight takes it."""

    kind: Kind
    name: str
    frequency: float


@dataclass(frozen=True)
class Asked:
    """The terms of a batch of queries as numen.kernels.classes takes them, and where their words are in each segment.

    words: every living word that takes part; frequencies: int64, living documents that have it. places: of each
    segment, int64 (len(words)). pairs: of each segment. terms: what each term is. missing: of each query, the words
    that stand for nothing.
    """

    words: TermKeys
    frequencies: NDArray[np.int64]
    places: Sequence[NDArray[np.int64]]
    pairs: Sequence[Pairs]
    query_starts: NDArray[np.int64]
    term_starts: NDArray[np.int64]
    term_weights: NDArray[np.float32]
    members: NDArray[np.int64]
    member_weights: NDArray[np.float32]
    terms: Sequence[Term]
    missing: Sequence[Sequence[str]]


def asked(snapshot: Snapshot, leg: str, encoder: AutoEncoder, texts: Sequence[str], bm25: BM25 | None) -> Asked:
    """The terms of queries, each query's in the order of summing: rarest first."""
    documents = snapshot.statistics(leg, encoder).documents
    sequences = [encoder.words(text) for text in texts]
    found = Living(snapshot, leg, snapshot.table(leg, encoder, bm25))
    classes = found.classes(list(dict.fromkeys(word for words in sequences for word in words)), documents)
    itself = np.array([of.itself for of in classes.values()], np.int64)
    own = np.where(itself >= 0, np.append(found.frequencies, 0)[itself], 0).astype(np.float64)
    of_classes = encoder.worth(documents, np.array([of.frequency for of in classes.values()]), bm25).tolist()
    of_words = encoder.worth(documents, own, bm25).tolist()
    worths = dict(zip(classes, zip(of_classes, of_words, strict=True), strict=True))
    chosen = _pairs_of(sequences, classes, found.frequencies, documents)
    by_segment, pair_frequencies = _find_pairs(snapshot, leg, found, list(chosen))
    of_pairs = encoder.worth(documents, pair_frequencies.astype(np.float64), bm25).tolist()
    numbers = {pair: number for number, pair in enumerate(chosen) if pair_frequencies[number] > 0}

    terms: list[Term] = []
    weights: list[float] = []
    members: list[NDArray[np.int64]] = []
    member_weights: list[NDArray[np.float64]] = []
    query_starts = [0]
    missing = []
    one = np.ones(1)
    for words in sequences:
        rows: list[tuple[float, int, str, Kind, float, NDArray[np.int64], NDArray[np.float64]]] = []
        counts = Counter(words)
        for word, times in counts.items():
            of = classes[word]
            if not len(of.words):
                continue
            worth, more = worths[word]
            rows.append((of.frequency, 0, word, "class", times * worth, of.words, of.weights))
            if more > worth and len(of.words) > 1:
                frequency = float(found.frequencies[of.itself])
                rows.append((frequency, 1, word, "word", times * OWN * (more - worth), np.array([of.itself]), one))
        for pair, times in _neighbours(words, classes).items():
            number = numbers.get(pair, -1)
            if number >= 0:
                name = " ".join(found.name(place) for place in pair)
                weight = times * PAIR * of_pairs[number]
                rows.append((float(pair_frequencies[number]), 2, name, "pair", weight, np.array([-1 - number]), one))
        rows.sort(key=lambda row: row[:3])
        for frequency, _, name, kind, weight, of_term, of_members in rows:
            terms.append(Term(kind, name, frequency))
            weights.append(weight)
            members.append(of_term)
            member_weights.append(of_members)
        query_starts.append(len(terms))
        missing.append([word for word in counts if not len(classes[word].words)])
    term_starts = np.zeros(len(members) + 1, np.int64)
    np.cumsum([len(some) for some in members], out=term_starts[1:])
    return Asked(
        found.words,
        found.frequencies,
        found.places,
        by_segment,
        np.array(query_starts, np.int64),
        term_starts,
        np.array(weights, np.float32),
        np.concatenate([np.empty(0, np.int64), *members]),
        np.concatenate([np.empty(0), *member_weights]).astype(np.float32),
        terms,
        missing,
    )


class Living:
    """The words near those of a batch of queries, in all segments of a snapshot.

    words: in the order of their bytes; frequencies: int64; places: of each segment, int64. table: the leg's.
    """

    def __init__(self, snapshot: Snapshot, leg: str, table: NDArray[np.int64]) -> None:
        self._snapshot, self._leg, self._table = snapshot, leg, table
        self._near = vocabularies(snapshot, leg)
        self._numbers: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self.words = TermKeys.of([])
        self.frequencies = np.empty(0, np.int64)
        self.places: Sequence[NDArray[np.int64]] = []

    def name(self, number: int) -> str:
        """A word."""
        return self.words.blob[self.words.starts[number] : self.words.starts[number + 1]].tobytes().decode()

    def classes(self, words: Sequence[str], documents: int) -> dict[str, WordClass]:
        """What each of the words, all different, stands for."""
        keys = [word.encode() for word in words]
        families = [[near.family(key) for key in keys] for near in self._near]
        self._take(families)
        of, numbers, weights, same = self._flat(families)
        there = np.bincount(of[same & (self.frequencies[numbers] > 0)], minlength=len(words)) > 0
        number_like = np.array([any(character.isnumeric() for character in word) for word in words], bool)
        # A number has no forms; a word that is not there has none that it could be told by.
        kept = same | (there & ~number_like)[of]
        unknown = [
            i
            for i in np.flatnonzero(~there & ~number_like).tolist()
            if len(words[i]) >= SHORTEST_MISSPELT and self._near
        ]
        of, numbers, weights, same = of[kept], numbers[kept], weights[kept], same[kept]
        if unknown:
            alike = [[near.alike(keys[i]) for i in unknown] for near in self._near]
            before = self.words
            self._take(families, alike)
            if len(numbers):
                numbers = self.words.find(before)[numbers]
            of_alike, meant, cosines, edits = self._flat(alike)
            living = self.frequencies[meant] > 0
            of_alike, meant, cosines, edits = of_alike[living], meant[living], cosines[living], edits[living]
            likeness = alike_weights(of_alike, cosines, edits)
            of = np.concatenate([of, np.array(unknown, np.int64)[of_alike]])
            numbers = np.concatenate([numbers, meant])
            weights = np.concatenate([weights, likeness])
            same = np.concatenate([same, np.zeros(len(meant), bool)])
        return self._cut(words, keys, set(unknown), of, numbers, weights, same, documents)

    def _cut(
        self,
        words: Sequence[str],
        keys: Sequence[bytes],
        unknown: Container[int],
        of: NDArray[np.int64],
        numbers: NDArray[np.int64],
        weights: NDArray[np.float64],
        same: NDArray[np.bool_],
        documents: int,
    ) -> dict[str, WordClass]:
        """The classes: of each word what lives, the weightiest first, not too many."""
        living = np.flatnonzero((weights > 0) & (self.frequencies[numbers] > 0))
        order = living[np.lexsort((numbers[living], -weights[living], of[living]))]
        of, numbers, weights, same = of[order], numbers[order], weights[order], same[order]
        bounds = np.searchsorted(of, np.arange(len(words) + 1)).tolist()
        weighted = weights * self.frequencies[numbers]
        itself = self.words.find(TermKeys.of(keys)).tolist() if len(self.words) else [-1] * len(words)
        out = {}
        for i, word in enumerate(words):
            begin = bounds[i]
            end = min(bounds[i + 1], begin + (ALIKE_MOST if i in unknown else FAMILY_MOST))
            equal = same[begin:end]
            there = weighted[begin:end]
            frequency = max(float(there[equal].sum()), float(there[~equal].max(initial=0.0)))
            own = itself[i] if itself[i] >= 0 and self.frequencies[itself[i]] > 0 else -1
            out[word] = WordClass(numbers[begin:end], weights[begin:end], min(frequency, float(documents)), own)
        return out

    def _take(self, *found: Sequence[Sequence[tuple[NDArray[np.int64], Any, Any]]]) -> None:
        """Make the words at all these places, of each vocabulary its own, those that are known."""
        nothing = np.empty(0, np.int64)
        taken = [
            np.unique(np.concatenate([nothing, *(one[0] for rows in found for one in rows[s])]))
            for s in range(len(self._near))
        ]
        parts = [near.keys.select(places) for near, places in zip(self._near, taken, strict=True)]
        self.words = parts[0].union(parts[1:]) if parts else TermKeys.of([])
        located, self.frequencies = self._snapshot.located(self._leg, self._table, self.words)
        self.places = list(located)
        self._numbers = [(places, self.words.find(part)) for part, places in zip(parts, taken, strict=True)]

    def _flat(
        self, found: Sequence[Sequence[tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any], NDArray[Any]]:
        """(which word, number in `words`, and the two values) of all that was found, each once, by word."""
        columns: list[tuple[NDArray[Any], ...]] = []
        for row, (places, numbers) in zip(found, self._numbers, strict=True):
            at = np.concatenate([np.empty(0, np.int64), *(one[0] for one in row)])
            of = np.repeat(np.arange(len(row)), [len(one[0]) for one in row])
            here = numbers[np.searchsorted(places, at)] if len(at) else at
            columns.append((of, here, *(np.concatenate([one[i] for one in row]) for i in (1, 2) if row)))
        if not columns or not len(found[0]):
            nothing = np.empty(0, np.int64)
            return nothing, nothing, np.empty(0), np.empty(0, bool)
        of, numbers, first, second = (np.concatenate([column[i] for column in columns]) for i in range(4))
        _, each = np.unique(of * max(len(self.words), 1) + numbers, return_index=True)
        return of[each], numbers[each], first[each], second[each]


def _neighbours(words: Sequence[str], classes: dict[str, WordClass]) -> dict[tuple[int, int], int]:
    """(number, number) -> how often: neighbours in a query, each as the weightiest word it stands for."""
    best = [int(classes[word].words[0]) if len(classes[word].words) else -1 for word in words]
    out: dict[tuple[int, int], int] = {}
    for pair in itertools.pairwise(best):
        if min(pair) >= 0:
            out[pair] = out.get(pair, 0) + 1
    return out


def _pairs_of(
    sequences: Sequence[Sequence[str]],
    classes: dict[str, WordClass],
    frequencies: NDArray[np.int64],
    documents: int,
) -> dict[tuple[int, int], None]:
    """The neighbours to look for."""
    most, every = max(PAIR_FREQUENT, documents // PAIR_SHARE), max(PAIR_FREQUENT, documents // PAIR_EVERY)
    return {
        (a, b): None
        for words in sequences
        for a, b in _neighbours(words, classes)
        if min(frequencies[a], frequencies[b]) <= most and max(frequencies[a], frequencies[b]) <= every
    }


def _find_pairs(
    snapshot: Snapshot, leg: str, found: Living, pairs: Sequence[tuple[int, int]]
) -> tuple[list[Pairs], NDArray[np.int64]]:
    """(of each segment the documents of each pair, living documents that have each pair)."""
    from numen.kernels.pairs import count_pairs, term_hashes

    numbers = np.array(pairs, np.int64).reshape(-1, 2)
    hashes = term_hashes(*found.words.sealed())[numbers]
    frequencies = np.zeros(len(pairs), np.int64)
    out = []
    for live, places in zip(snapshot.segments, found.places, strict=True):
        part = cast("Trailed", live.segment.legs[leg])
        starts, docs, _, long_of, long_starts, gaps, long_codes, _, _ = part.lists
        here = Pairs(
            *count_pairs(
                places[numbers[:, 0]],
                places[numbers[:, 1]],
                hashes[:, 0].copy(),
                hashes[:, 1].copy(),
                part.frequencies,
                starts,
                docs,
                long_of,
                long_starts,
                gaps,
                long_codes,
                part.row_of,
                part.rows,
                part.trail_starts,
                part.trail,
            )
        )
        alive = np.concatenate([np.zeros(1, np.int64), np.cumsum(live.dead_mask[here.docs] == 0)])
        frequencies += alive[here.starts[1:]] - alive[here.starts[:-1]]
        out.append(here)
    return out, frequencies
