"""From a query and one document back to the parts of its score, by the counts that the index holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from numen.encode.auto import AutoEncoder
from numen.encode.encoder import Encoder
from numen.encode.given import GivenEncoder
from numen.encode.hashed import HashedEncoder
from numen.encode.sparse import LearnedSparse
from numen.encode.vector_encoder import VectorEncoder
from numen.encode.words import WordsEncoder
from numen.index.keys import NumberKeys, TermKeys, Vocabulary
from numen.search.answer import Answer, Request
from numen.search.expanded import Expanded, Reweighed
from numen.search.explain_classes import explain_classes
from numen.search.explain_vectors import explain_vectors
from numen.search.explanation import Explanation, LegExplanation, Part, WordShare
from numen.search.queries import DenseQueries, Queries
from numen.search.shared_grams import name_grams
from numen.search.snapshot import Kept, Snapshot
from numen.text import Analyzer
from numen.text.analyzer import EXACT

if TYPE_CHECKING:
    from numen.encode.bm25 import BM25

__all__ = ["explain"]


def explain(
    snapshot: Snapshot,
    at: tuple[int, int],
    encoders: Mapping[str, Encoder],
    answer: Answer,
    query: Queries,
    text: str,
    request: Request,
    kept: Sequence[Kept] | None,
) -> Explanation:
    """Why the living document `at` (place of the segment, document) has its score for the one query of `query`.

    answer: what `request` gave, of the documents `kept`. text: the document as encoders see it.
    """
    place, doc = at
    segment = snapshot.segments[place].segment
    fusion = request.fusion if len(answer.by_leg) > 1 else None
    out = []
    for name, ranking in answer.by_leg.items():
        found = np.flatnonzero(ranking.keys == segment.doc_keys[doc])
        rank = int(found[0]) + 1 if len(found) else None
        expanded = answer.expanded.get(name)
        explained = replace(
            _leg(snapshot, at, name, encoders[name], query, expanded, text, request.bm25, kept), rank=rank
        )
        if fusion is not None:
            explained = replace(
                explained,
                fused=0.0 if rank is None else float(fusion.gives(name, ranking.scores)[rank - 1]),
                weight=fusion.weight(name),
                scale=None if fusion.method == "rrf" else fusion.scale(ranking.scores),
            )
        out.append(explained)
    score = out[0].score if fusion is None else float(np.float32(sum(leg.fused or 0.0 for leg in out)))
    return Explanation(
        segment.id_of(doc),
        score,
        tuple(out),
        None if fusion is None else fusion.spec,
        None if request.feedback is None else request.feedback.spec,
    )


def _leg(
    snapshot: Snapshot,
    at: tuple[int, int],
    leg: str,
    encoder: Encoder,
    query: Queries,
    expanded: Expanded | DenseQueries | None,
    text: str,
    bm25: BM25 | None,
    kept: Sequence[Kept] | None,
) -> LegExplanation:
    """One leg's part of the explanation, without its rank. The score is summed as the kernels do, to the last bit.

    expanded: what feedback had the leg asked in the place of the query.
    """
    if isinstance(encoder, VectorEncoder):
        return explain_vectors(snapshot, at, leg, encoder, query if expanded is None else expanded)
    if isinstance(expanded, DenseQueries):
        raise ValueError(f"leg {leg!r} has terms, and was asked vectors")
    if isinstance(encoder, AutoEncoder):
        return explain_classes(snapshot, at, leg, encoder, query if expanded is None else expanded, bm25, kept)
    place, doc = at
    part = snapshot.segments[place].segment.legs[leg]
    statistics = snapshot.statistics(leg, encoder)
    counted = query.counts(leg, encoder) if expanded is None else expanded.counted
    weigher = encoder if expanded is None else Reweighed(encoder)
    _, frequencies = snapshot.located(leg, snapshot.table(leg, encoder, bm25), counted.keys)
    weights, constants = weigher.weigh(counted, frequencies, statistics, bm25)
    values = part.values_of(doc, part.keys.find(counted.keys)[counted.terms])  # type: ignore[arg-type]

    # The order of summing (numen.search.leg): rarest first, then by key.
    shared = np.flatnonzero(values)
    terms = counted.terms[shared]
    shared = shared[np.lexsort((terms, frequencies[terms]))]
    terms, weights, values = counted.terms[shared], weights[shared], values[shared]
    value = snapshot.doc_values(leg, place, encoder, bm25)[doc]
    worth, scale = values.astype(np.float32), value if encoder.form in ("log", "scaled") else np.float32(1)
    if encoder.form == "log":
        worth = np.log1p(values.astype(np.float64)).astype(np.float32)
    elif encoder.form == "ratio":
        worth /= worth + value
    sums = np.cumsum(weights * worth, dtype=np.float32)
    total = sums[-1] * scale if len(sums) else np.float32(0)
    constant = constants[0] if total > 0 else np.float32(0)
    # By what each term moved the rounded sum, so that the contributions add up however many terms there are.
    contributions = np.diff(sums.astype(np.float64), prepend=0.0) * np.float64(scale)

    if isinstance(encoder, HashedEncoder) and encoder.signed:
        # A bucket's two lists stand side by side, and a document is in one of them at most.
        frequencies = frequencies.reshape(-1, 2).sum(axis=1).repeat(2)

    brought = np.zeros(len(counted.terms), bool) if expanded is None else expanded.added
    columns = zip(
        _names(counted.keys, terms.tolist()),
        values.tolist() if encoder.form in ("ratio", "log") else [1] * len(values),
        frequencies[terms].tolist(),
        weights.tolist(),
        (worth * scale).tolist(),
        contributions.tolist(),
        strict=True,
    )
    parts = [replace(Part(*known), added=new) for known, new in zip(columns, brought[shared].tolist(), strict=True)]
    missing: Sequence[str] = _names(counted.keys, np.setdiff1d(counted.terms[~brought], terms).tolist())
    words: Sequence[WordShare] = ()
    if isinstance(encoder, WordsEncoder):
        parts, missing = _name_words(encoder.analyzer, query.texts[0], text, parts, set(missing))
    elif isinstance(encoder, HashedEncoder):
        parts, missing, words = name_grams(encoder, query.texts[0], text, parts)
    elif isinstance(encoder, GivenEncoder) and encoder.negative:
        every = _names(counted.keys, range(len(counted.keys)))
        parts, missing = _name_signed(encoder, parts, missing, dict(zip(every, frequencies.tolist(), strict=True)))
    elif isinstance(encoder, LearnedSparse):
        parts = [replace(part, term=encoder.named(part.term)) for part in parts]
        missing = [encoder.named(key) for key in missing]
    return LegExplanation(
        leg=leg,
        encoder=encoder.spec,
        score=float(total + constant),
        rank=None,
        fused=None,
        weight=None,
        scale=None,
        constant=float(constant),
        documents=statistics.documents,
        parts=tuple(sorted(parts, key=lambda part: -part.query_weight * part.document_weight)),
        missing=tuple(missing),
        words=tuple(words),
    )


def _names(keys: NumberKeys | TermKeys, places: Sequence[int]) -> list[str]:
    """Keys as strings."""
    if isinstance(keys, NumberKeys):
        return [str(number) for number in keys.numbers[places].tolist()]
    return [term.decode() for term in Vocabulary(keys.blob, keys.starts).take(np.array(places, np.int64))]


def _name_words(
    analyzer: Analyzer, query: str, text: str, parts: Sequence[Part], missing: Collection[str]
) -> tuple[list[Part], list[str]]:
    """(the parts with the words behind their terms, the query's words behind the `missing` terms), as in the query.

    What feedback brought comes after that.
    """
    asked, found = _words_of_terms(analyzer, query), _words_of_terms(analyzer, text)
    by_term = {part.term: part for part in parts if not part.added}
    named = [replace(by_term[term], asked=asked[term], found=found[term]) for term in asked if term in by_term]
    named += [replace(part, found=found[part.term]) for part in parts if part.added]
    named = [replace(part, term=part.term.removeprefix(EXACT)) for part in named]
    return named, list(dict.fromkeys(word for term in asked if term in missing for word in asked[term]))


def _name_signed(
    encoder: GivenEncoder, parts: Sequence[Part], missing: Sequence[str], frequencies: Mapping[str, int]
) -> tuple[list[Part], list[str]]:
    """(parts, missing) by index or term as it was given instead of by key, with signs on the weights of both sides.

    frequencies: of every key that the query asks for.
    """
    held: dict[str, int] = {}
    for key, frequency in frequencies.items():
        name = encoder.named(key)[0]
        held[name] = held.get(name, 0) + frequency
    named = []
    for part in parts:
        name, sign = encoder.named(part.term)
        query_weight, document_weight = sign * part.query_weight, sign * part.document_weight
        named.append(
            replace(
                part,
                term=name,
                document_frequency=held[name],
                query_weight=query_weight,
                document_weight=document_weight,
            )
        )
    met = {part.term for part in named}
    names = dict.fromkeys(encoder.named(key)[0] for key in missing)
    return named, [name for name in names if name not in met]


def _words_of_terms(analyzer: Analyzer, text: str) -> dict[str, tuple[str, ...]]:
    """term -> the different words of a text that become it, in order of first occurrence.

    Of a run of a script without spaces, the part that the term stands for.
    """
    out: dict[str, dict[str, None]] = {}
    if analyzer.unspaced:
        for term in analyzer.analyze(text):
            out.setdefault(term.text, {})[analyzer.normalise(text[term.start : term.end])] = None
    else:
        words = list(dict.fromkeys(analyzer.words(text)))
        for word, terms in zip(words, analyzer.terms_of_many(words), strict=True):
            for one in terms:
                out.setdefault(one, {})[word] = None
    return {term: tuple(found) for term, found in out.items()}
