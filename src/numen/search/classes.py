"""What queries ask of a leg whose words stand for classes: found among the living words of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import OWN, PAIR, AutoEncoder
from numen.encode.bm25 import BM25
from numen.encode.classes import (
    ALIKE_MOST,
    FAMILY_MOST,
    SHORTEST_MISSPELT,
    alike_weights,
    class_frequency,
    family_weights,
)
from numen.encode.near import NearWords
from numen.index.keys import TermKeys, Vocabulary
from numen.search.snapshot import Snapshot

__all__ = ["Asked", "Kind", "Pairs", "WordClass", "asked"]

Kind: TypeAlias = Literal["class", "word", "pair"]
"""What a term of a query is: a word's class; the word itself, for being rarer than its class; two neighbours."""

PAIR_SHARE, PAIR_FREQUENT = 4, 4_096
"""Two neighbours of which each is in more documents than PAIR_FREQUENT and one in PAIR_SHARE say too little."""


@dataclass(frozen=True)
class WordClass:
    """The living words that a word of a query stands for, the weightiest first. words: numbers in `Asked.words`.

    frequency: in how many documents the class counts as occurring. itself: the number of the word, -1 if no living
    document has it.
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
    found = _Found(snapshot, leg)
    classes = found.classes(list(dict.fromkeys(word for words in sequences for word in words)), documents)
    chosen = _pairs_of(sequences, classes, found.frequencies, documents)
    by_segment, pair_frequencies = _find_pairs(snapshot, leg, found, list(chosen))
    numbers = {pair: number for number, pair in enumerate(chosen)}

    terms: list[Term] = []
    weights: list[float] = []
    members: list[NDArray[np.int64]] = []
    member_weights: list[NDArray[np.float64]] = []
    query_starts = [0]
    missing = []
    names = found.words.terms()
    one = np.ones(1)
    for words in sequences:
        rows: list[tuple[float, int, str, Kind, float, NDArray[np.int64], NDArray[np.float64]]] = []
        counts = {word: words.count(word) for word in words}
        for word, times in counts.items():
            of = classes[word]
            if not len(of.words):
                continue
            worth = float(encoder.worth(documents, np.array([of.frequency]), bm25)[0])
            rows.append((of.frequency, 0, word, "class", times * worth, of.words, of.weights))
            if of.itself >= 0 and len(of.words) > 1:
                frequency = float(found.frequencies[of.itself])
                more = float(encoder.worth(documents, np.array([frequency]), bm25)[0]) - worth
                if more > 0:
                    itself = np.array([of.itself])
                    rows.append((frequency, 1, word, "word", times * OWN * more, itself, one))
        for (a, b), times in _neighbours(words, classes).items():
            number = numbers.get((a, b), -1)
            if number >= 0 and pair_frequencies[number] > 0:
                frequency = float(pair_frequencies[number])
                weight = times * PAIR * float(encoder.worth(documents, np.array([frequency]), bm25)[0])
                name = f"{names[a].decode()} {names[b].decode()}"
                rows.append((frequency, 2, name, "pair", weight, np.array([-1 - number]), one))
        rows.sort(key=lambda row: row[:3])
        for frequency, _, name, kind, weight, of_term, worths in rows:
            terms.append(Term(kind, name, frequency))
            weights.append(weight)
            members.append(of_term)
            member_weights.append(worths)
        query_starts.append(len(terms))
        missing.append([word for word in counts if not len(classes[word].words)])
    term_starts = np.zeros(len(members) + 1, np.int64)
    np.cumsum([len(one) for one in members], out=term_starts[1:])
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


class _Found:
    """The words near those of a batch of queries, in all segments of a snapshot.

    words: in the order of their bytes; frequencies: int64; places: of each segment, int64.
    """

    def __init__(self, snapshot: Snapshot, leg: str) -> None:
        self._snapshot, self._leg = snapshot, leg
        self._near = [_near_words(live.segment.near, leg, live.segment.legs[leg].keys) for live in snapshot.segments]
        self.words = TermKeys.of([])
        self.frequencies = np.empty(0, np.int64)
        self.places: list[NDArray[np.int64]] = [np.empty(0, np.int64) for _ in snapshot.segments]

    def classes(self, words: Sequence[str], documents: int) -> dict[str, WordClass]:
        """What each of the words, all different, stands for."""
        keys = [word.encode() for word in words]
        families = [[near.family(key) for near in self._near] for key in keys]
        self._take(families)
        forms = [self._joined(row) for row in families]
        unknown = [
            i
            for i, (numbers, cosines, _) in enumerate(forms)
            if len(words[i]) >= SHORTEST_MISSPELT
            and not any(character.isnumeric() for character in words[i])
            and not (self.frequencies[numbers[cosines >= 1.0]] > 0).any()
        ]
        if unknown:
            alike = [[near.alike(keys[i]) for near in self._near] for i in unknown]
            self._take([*families, *alike])
            forms = [self._joined(row) for row in families]
            meant = dict(zip(unknown, (self._joined(row) for row in alike), strict=True))
        else:
            meant = {}
        itself = self.words.find(TermKeys.of(keys)) if len(self.words) else np.full(len(keys), -1)
        out = {}
        for i, word in enumerate(words):
            numbers, cosines, ends = meant.get(i, forms[i])
            same = cosines >= 1.0
            weights = alike_weights(cosines, ends) if i in meant else family_weights(cosines, ends)
            if i not in meant and (any(character.isnumeric() for character in word) or not self._lives(numbers[same])):
                # A number has no forms, and a short word that is not there stands for nothing.
                weights = np.where(same, weights, 0.0)
            if i in meant:
                weights = self._relative(numbers, cosines, ends)
            living = np.flatnonzero((weights > 0) & (self.frequencies[numbers] > 0))
            order = living[np.lexsort((numbers[living], -weights[living]))]
            order = order[: ALIKE_MOST if i in meant else FAMILY_MOST]
            numbers, weights, same = numbers[order], weights[order], same[order]
            frequency = class_frequency(weights, self.frequencies[numbers], same, documents)
            own = int(itself[i])
            out[word] = WordClass(numbers, weights, frequency, own if own >= 0 and self.frequencies[own] > 0 else -1)
        return out

    def _relative(
        self, numbers: NDArray[np.int64], cosines: NDArray[np.float64], edits: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        """`alike_weights` relative to the closest living word."""
        weights = np.zeros(len(numbers))
        living = np.flatnonzero(self.frequencies[numbers] > 0)
        weights[living] = alike_weights(cosines[living], edits[living])
        return weights

    def _lives(self, numbers: NDArray[np.int64]) -> bool:
        return bool((self.frequencies[numbers] > 0).any())

    def _take(self, rows: Sequence[Sequence[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]]]) -> None:
        """Make the words of these places, of every segment, those that are known."""
        segments = self._snapshot.segments
        taken = [
            np.unique(np.concatenate([np.empty(0, np.int64), *(row[s][0] for row in rows)]))
            for s in range(len(segments))
        ]
        parts = [_at(live.segment.legs[self._leg].keys, places) for live, places in zip(segments, taken, strict=True)]
        self.words = parts[0].union(parts[1:]) if parts else TermKeys.of([])
        self.frequencies = np.zeros(len(self.words), np.int64)
        self.places, self._numbers = [], []
        for live, part, places in zip(segments, parts, taken, strict=True):
            if len(parts) == 1:
                here = places
            else:
                here = live.segment.legs[self._leg].keys.find(self.words)  # type: ignore[arg-type]
            self.places.append(here)
            self.frequencies += live.frequencies(self._leg, here)
            numbers = self.words.find(part) if len(parts) > 1 else np.arange(len(places))
            self._numbers.append((places, numbers))

    def _joined(
        self, row: Sequence[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
        """What the segments found for one word: numbers in `words`, ascending, each once."""
        numbers = [
            known[np.searchsorted(places, one[0])] for one, (places, known) in zip(row, self._numbers, strict=True)
        ]
        if len(row) == 1:
            # One segment's places ascend as its keys do, but for folded words.
            order = np.argsort(numbers[0], kind="stable")
            return numbers[0][order], row[0][1][order], row[0][2][order]
        if not row:
            return np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8)
        all_numbers, first = np.unique(np.concatenate(numbers), return_index=True)
        return (
            all_numbers,
            np.concatenate([one[1] for one in row])[first],
            np.concatenate([one[2] for one in row])[first],
        )


def _near_words(known: dict[str, NearWords], leg: str, keys: object) -> NearWords:
    found = known.get(leg)
    if found is None:
        assert isinstance(keys, TermKeys)
        found = known.setdefault(leg, NearWords(keys))
    return found


def _at(keys: object, places: NDArray[np.int64]) -> TermKeys:
    assert isinstance(keys, TermKeys)
    taken = Vocabulary(keys.blob, keys.starts).take(places)
    return TermKeys(taken.blob, taken.starts)


def _neighbours(words: Sequence[str], classes: dict[str, WordClass]) -> dict[tuple[int, int], int]:
    """(number, number) -> how often: neighbours in a query, each as the weightiest word it stands for."""
    best = [int(classes[word].words[0]) if len(classes[word].words) else -1 for word in words]
    out: dict[tuple[int, int], int] = {}
    for pair in zip(best, best[1:], strict=False):
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
    most = max(PAIR_FREQUENT, documents // PAIR_SHARE)
    return {
        pair: None
        for words in sequences
        for pair in _neighbours(words, classes)
        if min(frequencies[pair[0]], frequencies[pair[1]]) <= most
    }


def _find_pairs(
    snapshot: Snapshot, leg: str, found: _Found, pairs: Sequence[tuple[int, int]]
) -> tuple[list[Pairs], NDArray[np.int64]]:
    """(of each segment the documents of each pair, living documents that have each pair)."""
    from numen.index.trailed import Trailed
    from numen.kernels.pairs import count_pairs, term_hashes

    numbers = np.array(pairs, np.int64).reshape(-1, 2)
    hashes = term_hashes(found.words.blob, found.words.starts)[numbers]
    frequencies = np.zeros(len(pairs), np.int64)
    out = []
    for live, places in zip(snapshot.segments, found.places, strict=True):
        part = live.segment.legs[leg]
        assert isinstance(part, Trailed)
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
