"""Which parts of a text the words of a query match."""

from __future__ import annotations

from collections.abc import Iterable

from numen.encode.auto import AutoEncoder
from numen.encode.classes import SHORTEST_MISSPELT
from numen.encode.encoder import Encoder
from numen.encode.hashed import HashedEncoder
from numen.encode.near import NearWords
from numen.encode.words import WordsEncoder
from numen.index.keys import TermKeys
from numen.text import Analyzer
from numen.text.ngrams import ngrams

__all__ = ["highlights"]

CLOSE = 0.4
"""The share of its n-grams that a word must have in common with a query word to be shown as a match of a hashed leg."""


FEW_EDITS = 1
"""Edits that may lie between a misspelt word of a query and what is shown as a match of it."""


def highlights(encoders: Iterable[Encoder], query: str, text: str) -> list[tuple[int, int]]:
    """Character spans (start, end) of `text`, ascending and disjoint, that match the query in any of the legs.

    For BM25, the words that have a term of the query. For hashed n-grams, which match in part, the words whose marked
    form shares enough grams of 3 with that of a word of the query (Dice coefficient of 0.4 or more). For auto, the
    words that a word of the query stands for, or where the text has none of those, what it may be a misspelling of.
    """
    spans: set[tuple[int, int]] = set()
    for encoder in encoders:
        if isinstance(encoder, WordsEncoder):
            wanted = set(encoder.analyzer.terms(query))
            spans.update((t.start, t.end) for t in encoder.analyzer.analyze(text) if t.text in wanted)
        elif isinstance(encoder, AutoEncoder):
            spans.update(_class_words(encoder, query, text))
        elif isinstance(encoder, HashedEncoder):
            spans.update(_close_words(query, text))
    return _disjoint(sorted(spans))


def _class_words(encoder: AutoEncoder, query: str, text: str) -> list[tuple[int, int]]:
    terms = encoder.analyzer.analyze(text)
    known = sorted({term.text.encode() for term in terms})
    near = NearWords(TermKeys.of(known))
    wanted: set[str] = set()
    for word in dict.fromkeys(encoder.words(query)):
        places = near.family(word.encode())[0]
        if not len(places) and len(word) >= SHORTEST_MISSPELT:
            found, _, edits = near.alike(word.encode())
            places = found[edits <= FEW_EDITS]
        wanted.update(known[place].decode() for place in places.tolist())
    return [(term.start, term.end) for term in terms if term.text in wanted]


def _close_words(query: str, text: str) -> list[tuple[int, int]]:
    analyzer = Analyzer()
    grams = [set(ngrams(word, (3,))) for word in analyzer.terms(query)]
    known: dict[str, bool] = {}
    out = []
    for term in analyzer.analyze(text):
        if term.text not in known:
            own = set(ngrams(term.text, (3,)))
            known[term.text] = any(2 * len(own & g) >= CLOSE * (len(own) + len(g)) > 0 for g in grams)
        if known[term.text]:
            out.append((term.start, term.end))
    return out


def _disjoint(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
