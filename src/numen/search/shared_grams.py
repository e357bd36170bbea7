"""Which n-grams of a query and of a document meet in which bucket of a hashed leg, and what each query word gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from numen.encode.hashed import HashedEncoder
from numen.search.explanation import Part, WordShare

__all__ = ["name_grams"]

COLLISIONS = 10
"""Colliding n-grams that are named: with few dimensions a long document has hundreds in a bucket."""

CLOSEST = 5
"""Words of the document that are named for one word of the query."""

CLOSE = 0.5
"""What a word of the document must share with a word of the query to be named, as a share of what the closest does."""


@dataclass(slots=True)
class _Gram:
    """One n-gram of a text: its weighted count, sign left out, and the words it occurs in."""

    count: int = 0
    words: set[str] = field(default_factory=set)


def name_grams(
    encoder: HashedEncoder, query: str, text: str, parts: Sequence[Part]
) -> tuple[list[Part], list[str], list[WordShare]]:
    """(the parts with their n-grams, the query's words without any part, what the other words got, most first).

    The parts come back in the order in which the query first has their buckets, then those that only feedback brought,
    whose contributions go to the document's words. parts: as the index has them: term is
    the key, which for a signed hash is the bucket doubled, plus 1 below zero.
    """
    by_bucket = {int(part.term): part for part in (map(_unsigned, parts) if encoder.signed else parts)}
    asked = _grams(encoder, query)
    found = _grams(encoder, text, by_bucket)
    named: list[Part] = []
    shares: dict[str, WordShare] = {}
    met: dict[str, dict[str, float]] = {}
    for bucket, ours in asked.items():
        if bucket not in by_bucket:
            continue
        part, theirs = by_bucket[bucket], found[bucket]
        shared = [gram for gram in ours if gram in theirs]
        others = sorted((gram for gram in theirs if gram not in ours), key=lambda gram: (-theirs[gram].count, gram))
        collided = part.contribution * (1.0 - _share(ours, shared) * _share(theirs, shared))
        some = tuple(others[:COLLISIONS])
        named.append(replace(part, asked=tuple(ours), found=tuple(shared), collisions=some, collided=collided))
        words = sorted({word for gram in ours.values() for word in gram.words})
        for word in words:
            before = shares.get(word, WordShare(word, 0.0, (), 0.0))
            shares[word] = replace(
                before,
                contribution=before.contribution + part.contribution / len(words),
                collided=before.collided + collided / len(words),
            )
            alike = {w for gram in shared if word in ours[gram].words for w in theirs[gram].words}
            with_word = met.setdefault(word, {})
            for other in alike:
                with_word[other] = with_word.get(other, 0.0) + part.contribution / len(words)
    words_named = [replace(share, closest=_closest(met[word])) for word, share in shares.items()]
    brought: dict[str, float] = {}
    for bucket, part in by_bucket.items():
        if part.added:
            named.append(replace(part, found=tuple(found[bucket])))
            words = sorted({word for gram in found[bucket].values() for word in gram.words})
            for word in words:
                brought[word] = brought.get(word, 0.0) + part.contribution / len(words)
    words_named += [WordShare(word, gave, (word,), 0.0, added=True) for word, gave in brought.items()]
    known = {word for grams in asked.values() for gram in grams.values() for word in gram.words}
    missing = [word for word in dict.fromkeys(encoder.words(query)) if word in known and word not in shares]
    return named, missing, sorted(words_named, key=lambda share: (-share.contribution, share.word))


def _unsigned(part: Part) -> Part:
    """A part of one of a bucket's two lists as one of the bucket, with signs on the weights of both sides."""
    number = int(part.term)
    sign = -1 if number & 1 else 1
    return replace(
        part,
        term=str(number >> 1),
        count=sign * part.count,
        query_weight=sign * part.query_weight,
        document_weight=sign * part.document_weight,
    )


def _grams(encoder: HashedEncoder, text: str, buckets: Container[int] | None = None) -> dict[int, dict[str, _Gram]]:
    """bucket -> its n-grams of `text`, for all buckets or some; each distinct word is cut once."""
    out: dict[int, dict[str, _Gram]] = {}
    for word, times in Counter(encoder.words(text)).items():
        for gram, bucket, weight in encoder.word_grams(word):
            if buckets is None or bucket in buckets:
                entry = out.setdefault(bucket, {}).setdefault(gram, _Gram())
                entry.count += times * abs(weight)
                entry.words.add(word)
    return out


def _share(grams: Mapping[str, _Gram], some: Sequence[str]) -> float:
    """The weighted count of some of the n-grams over that of all."""
    return sum(grams[gram].count for gram in some) / sum(gram.count for gram in grams.values())


def _closest(met: Mapping[str, float]) -> tuple[str, ...]:
    best = sorted(met.items(), key=lambda item: (-item[1], item[0]))[:CLOSEST]
    return tuple(word for word, share in best if share >= CLOSE * best[0][1] and share > 0)
