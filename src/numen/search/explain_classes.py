"""Why a document has its score in a leg whose words stand for classes: from the stored counts, as the kernel sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import AutoEncoder
from numen.encode.bm25 import BM25
from numen.search.class_leg import all_rounds
from numen.search.classes import Asked
from numen.search.explanation import ClassWord, LegExplanation, Part
from numen.search.queries import Queryable, texts_of
from numen.search.snapshot import Kept, Snapshot

__all__ = ["explain_classes"]


def explain_classes(
    snapshot: Snapshot,
    at: tuple[int, int],
    leg: str,
    encoder: AutoEncoder,
    queries: Queryable,
    bm25: BM25 | None,
    kept: Sequence[Kept] | None,
) -> LegExplanation:
    """The leg's part of the explanation, without its rank; the score is summed as the kernel does, to the last bit.

    A part is a word with its class (`Part.words` says which words that is), or "pair": two words of the query that the
    document has side by side. "word" is what a word gives for being rarer than its class, "related" a word that joins
    because the first hits have it, "feedback" one that feedback brought. queries: a single one.
    """
    place, doc = at
    score = np.float32(0)
    parts: list[Part] = []
    rounds = all_rounds(snapshot, leg, encoder, queries, bm25, kept)
    own = rounds[0]
    saturation = snapshot.doc_values(leg, place, encoder, bm25)[doc]
    for query in rounds:
        held = snapshot.segments[place].segment.legs[leg].values_of(doc, query.places[place])
        pairs = _pair_counts(query, place, doc)
        for number in range(len(query.terms)):
            before = score
            score, part = _added(query, number, held, pairs, saturation, score)
            if part is not None:
                parts.append(replace(part, contribution=float(score) - float(before)))
    met = {part.term for part in parts if part.kind == "class"}
    wanted = dict.fromkeys([*(term.name for term in own.terms if term.kind == "class"), *own.missing[0]])
    order = {word: i for i, word in enumerate(encoder.words(texts_of(queries)[0]))}
    return LegExplanation(
        leg=leg,
        encoder=encoder.spec,
        score=float(score),
        rank=None,
        fused=None,
        weight=None,
        scale=None,
        constant=0.0,
        documents=snapshot.statistics(leg, encoder).documents,
        parts=tuple(sorted(map(_shared_out, parts), key=lambda part: -part.contribution)),
        missing=tuple(sorted((word for word in wanted if word not in met), key=order.__getitem__)),
    )


def _added(
    query: Asked,
    number: int,
    held: NDArray[Any],
    pairs: Mapping[int, int],
    saturation: np.float32,
    score: np.float32,
) -> tuple[np.float32, Part | None]:
    """(the score with a term's part, the part without its contribution, None where the document lacks the term)."""
    term = query.terms[number]
    begin, end = query.term_starts[number : number + 2].tolist()
    members, weights = query.members[begin:end].tolist(), query.member_weights[begin:end]
    counts = [pairs.get(-1 - m, 0) if m < 0 else int(held[m]) for m in members]
    f = np.float32(0)
    for weight, count in zip(weights, counts, strict=True):
        f += weight * np.float32(count)
    if f == 0:
        return score, None
    worth = f / (f + saturation)
    words = tuple(
        ClassWord(_name(query, m), float(weight), count, int(query.frequencies[m]), 0.0)
        for m, weight, count in zip(members, weights, counts, strict=True)
        if m >= 0
    )
    brought = term.kind in ("related", "feedback")
    part = Part(
        term.name,
        sum(counts),
        round(term.frequency),
        float(query.term_weights[number]),
        float(worth),
        0.0,
        asked=() if brought else (term.name,),
        found=tuple(one.word for one in words if one.count) or (term.name,),
        added=brought,
        kind=term.kind,
        words=words,
    )
    return score + query.term_weights[number] * worth, part


def _shared_out(part: Part) -> Part:
    """The part with its contribution given to its words, each by its weight and count."""
    total = sum(one.weight * one.count for one in part.words)
    words = [replace(one, contribution=part.contribution * one.weight * one.count / total) for one in part.words]
    return replace(part, words=tuple(words))


def _name(query: Asked, word: int) -> str:
    starts = query.words.starts
    return query.words.blob[starts[word] : starts[word + 1]].tobytes().decode()


def _pair_counts(query: Asked, place: int, doc: int) -> dict[int, int]:
    """How often the document has each pair that it has."""
    pairs = query.pairs[place]
    at = np.flatnonzero(pairs.docs == np.uint16(doc))
    which = np.searchsorted(pairs.starts, at, side="right") - 1
    return dict(zip(which.tolist(), pairs.counts[at].astype(np.int64).tolist(), strict=True))
