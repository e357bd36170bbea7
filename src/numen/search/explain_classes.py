"""Why a document has its score in a leg whose words stand for classes: from the stored counts, as the kernel sums."""

from __future__ import annotations

import numpy as np

from numen.encode.auto import AutoEncoder
from numen.encode.bm25 import BM25
from numen.search.classes import Asked, asked
from numen.search.explanation import ClassWord, LegExplanation, Part
from numen.search.snapshot import Snapshot

__all__ = ["explain_classes"]


def explain_classes(
    snapshot: Snapshot, at: tuple[int, int], leg: str, encoder: AutoEncoder, text: str, bm25: BM25 | None
) -> LegExplanation:
    """The leg's part of the explanation, without its rank; the score is summed as the kernel does, to the last bit.

    A part is a word with its class (`Part.words` says which words that is), or "pair": two words of the query that the
    document has side by side. "word" is what a word gives for being rarer than its class.
    """
    place, doc = at
    query = asked(snapshot, leg, encoder, [text], bm25)
    saturation = snapshot.doc_values(leg, place, encoder, bm25)[doc]
    held = snapshot.segments[place].segment.legs[leg].values_of(doc, query.places[place])
    score = np.float32(0)
    parts = []
    met: set[str] = set()
    for number, term in enumerate(query.terms):
        begin, end = query.term_starts[number : number + 2].tolist()
        members, weights = query.members[begin:end].tolist(), query.member_weights[begin:end]
        counts = [_pair_count(query, place, -1 - m, doc) if m < 0 else int(held[m]) for m in members]
        f = np.float32(0)
        for weight, count in zip(weights, counts, strict=True):
            f += weight * np.float32(count)
        if f == 0:
            continue
        worth = f / (f + saturation)
        before = score
        score += query.term_weights[number] * worth
        given = float(score) - float(before)
        words = tuple(
            ClassWord(
                _name(query, m),
                float(weight),
                count,
                int(query.frequencies[m]),
                given * float(weight) * count / float(f),
            )
            for m, weight, count in zip(members, weights, counts, strict=True)
            if m >= 0
        )
        names = (term.name,)
        met.update(names if term.kind == "class" else ())
        parts.append(
            Part(
                term.name,
                sum(counts),
                round(term.frequency),
                float(query.term_weights[number]),
                float(worth),
                given,
                asked=names,
                found=tuple(one.word for one in words if one.count) or names,
                kind=term.kind,
                words=words,
            )
        )
    wanted = dict.fromkeys([*(term.name for term in query.terms if term.kind == "class"), *query.missing[0]])
    order = {word: i for i, word in enumerate(encoder.words(text))}
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
        parts=tuple(sorted(parts, key=lambda part: -part.contribution)),
        missing=tuple(sorted((word for word in wanted if word not in met), key=order.__getitem__)),
    )


def _name(query: Asked, word: int) -> str:
    starts = query.words.starts
    return query.words.blob[starts[word] : starts[word + 1]].tobytes().decode()


def _pair_count(query: Asked, place: int, pair: int, doc: int) -> int:
    """How often the document has the pair."""
    pairs = query.pairs[place]
    begin, end = pairs.starts[pair : pair + 2].tolist()
    at = begin + int(np.searchsorted(pairs.docs[begin:end], np.uint16(doc)))
    return int(pairs.counts[at]) if at < end and pairs.docs[at] == doc else 0
