"""Why a document has its score, as values: what `Collection.explain` returns, and `numen search --explain` prints."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClassWord", "Explanation", "LegExplanation", "Part", "WordShare"]


@dataclass(frozen=True, slots=True)
class ClassWord:
    """A living word that a word of the query stands for in a leg `auto`, and what it gave.

    weight: of each of its occurrences, 1 for the word itself. count: how often the document has it, 0 if not at all.
    """

    word: str
    weight: float
    count: int
    document_frequency: int
    contribution: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one term that the query and the document share gave to the score of a leg.

    term: as the index has it: a word or its stem; in a hashed leg, the number of the bucket; in a leg of given vectors,
    the index or term. count: how often the document has it, as stored (a weighted count in a hashed leg, below zero
    where a signed hash counts so; 1 in a leg of given vectors).
    document_frequency: how many living documents have it. contribution: query_weight * document_weight, but for the
    rounding of float32.

    asked: the words of the query that became the term; in a hashed leg, the query's n-grams in the bucket. found: the
    words of the document that became it; the n-grams of `asked` that the document has. collisions: other n-grams of the
    document in the bucket, those that weigh most, ten at most. collided: how much of the contribution came from n-grams
    that differ: all of it where none is shared, else by the weighted counts of the shared ones on either side.
    added: only feedback, or the first hits in a leg `auto`, brought the term; `asked` is then empty, and in a hashed
    leg `found` are the n-grams of the document.

    kind: in a leg of dense vectors "vector", its only part; in a leg `auto` "class" (a word of the query and the words
    near it), "word" (what the word itself gives more, for being rarer than its class), "pair" (two words of the query
    side by side), "related" (a word that joined the query because the first hits have it) or "feedback"; else empty.
    words: the class, the weightiest first, whether the document has them or not; their contributions add up to the
    part's.
    """

    term: str
    count: int
    document_frequency: int
    query_weight: float
    document_weight: float
    contribution: float
    asked: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    collisions: tuple[str, ...] = ()
    collided: float = 0.0
    added: bool = False
    kind: str = ""
    words: tuple[ClassWord, ...] = ()


@dataclass(frozen=True, slots=True)
class WordShare:
    """What the n-grams of one word of the query gave; a bucket that several words use is split evenly among them.

    closest: the words of the document that share most with it, best first: at most five, none with less than half of
    what the first has. collided: how much of the contribution came from n-grams that differ (`Part`). added: a word of
    the document instead, with n-grams that only feedback brought.
    """

    word: str
    contribution: float
    closest: tuple[str, ...]
    collided: float
    added: bool = False


@dataclass(frozen=True, slots=True)
class LegExplanation:
    """One leg's score of the document: constant + the contributions of `parts`, greatest first, then as in the query.

    encoder: its short string. score: the leg's own; of a document that is no hit, what its terms add up to (0 or
    below). rank: the document's place in this leg, None where it is not among those that the search looks at. fused:
    what the leg gave to the fused score, None where one leg answers: by rank weight / (constant of the fusion + rank),
    by score weight * score / scale. weight: the leg's. scale: what its scores are divided by (numen.search.fuse), None
    where ranks are fused. constant: what every hit has (bm25l and bm25+; else 0). documents: how many are alive.
    missing: the words of the query that meet nothing in the document (the indices or terms of its vector, in a leg of
    given vectors). words: hashed legs only, the same contributions by word of the query, greatest first.
    """

    leg: str
    encoder: str
    score: float
    rank: int | None
    fused: float | None
    weight: float | None
    scale: float | None
    constant: float
    documents: int
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    words: tuple[WordShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document has its score: that of its only leg, or the sum of what the legs gave (`LegExplanation.fused`).

    fuse: the short string of the fusion, None where one leg answers. feedback: that of the feedback, None without.
    """

    id: str
    score: float
    legs: tuple[LegExplanation, ...]
    fuse: str | None = None
    feedback: str | None = None
