"""Collisions of hashed n-grams: how many to expect, how many there are, and which n-grams they join.

V different n-grams thrown evenly into d buckets: C(V, 2) / d pairs share one on average; an n-gram has its bucket to
itself with probability (1 - 1 / d)^(V - 1); d (1 - (1 - 1 / d)^V) buckets are in use (the birthday problem; Feller
1968, ch. 2). Hashes drawn by a seed do that. The hash that numen uses, CRC-32, is linear and does not: its pairs are
expected by numen.room.linear_hash, and shares by the formulas with the d that would make as many pairs.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import expm1, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from numen.encode.hashed import HashedEncoder
from numen.errors import InputError
from numen.room.linear_hash import crc_pairs
from numen.types import JSON

__all__ = ["SIZES", "Collided", "Collisions", "colliding_pairs", "count_collisions", "digests", "seeded", "vocabulary"]

SIZES = tuple(1 << power for power in range(9, 21))
"""Twelve sizes, 512 to 2^20."""

_HASHES = 16
"""Seeded hashes that the average is taken over."""


@dataclass(frozen=True)
class Collisions:
    """One size. shared: the share of n-grams that share their bucket with another one; pairs: pairs in one bucket;
    used: buckets in use. Each as `expected` and as `counted` with the encoder's hash, and as the mean of several seeded
    `hashes`. chance_pairs: expected of an even hash; spread_pairs: the standard deviation that one such hash has."""

    dim: int
    grams: int
    chance_pairs: float
    expected_pairs: float
    counted_pairs: int
    hashes_pairs: float
    spread_pairs: float
    expected_shared: float
    counted_shared: float
    hashes_shared: float
    expected_used: float
    counted_used: int
    hashes_used: float

    def to_json(self) -> dict[str, JSON]:
        return asdict(self)


@dataclass(frozen=True)
class Collided:
    """Two n-grams in one bucket, and in how many of the sampled documents each occurs."""

    first: str
    second: str
    bucket: int
    first_documents: int
    second_documents: int


def vocabulary(encoder: HashedEncoder, texts: Iterable[str]) -> list[str]:
    """The different n-grams of the texts, in alphabetical order."""
    from numen.text.ngrams import ngrams

    words = {word for text in texts for word in encoder.words(text)}
    lengths = tuple(encoder.weights)
    return sorted({gram for word in words for gram in ngrams(word, lengths)})


def count_collisions(
    encoder: HashedEncoder, grams: Sequence[str], sizes: Sequence[int] = SIZES, seed: int = 0
) -> list[Collisions]:
    """What to expect and what there is, for each size; `encoder` says which hash. InputError for fewer than 2
    n-grams."""
    if len(grams) < 2:
        raise InputError(f"there are {len(grams)} n-grams; to collide takes at least 2: are the texts empty?")
    numbers, base = _hashed(encoder, grams), digests(grams)
    linear = crc_pairs(grams, sizes) if encoder.hash == "crc32" else {}
    others = [seeded(base, seed + number) for number in range(_HASHES)]
    return [_at(dim, numbers, others, linear.get(dim)) for dim in sizes]


def colliding_pairs(encoder: HashedEncoder, texts: Sequence[str], count: int = 20) -> list[Collided]:
    """The pairs of n-grams that blur most: both in many of the texts, in one bucket of encoder.dim, and from different
    words; by the smaller of the two numbers of texts, then by name."""
    from numen.text.ngrams import ngrams

    lengths = tuple(encoder.weights)
    of_word: dict[str, tuple[str, ...]] = {}
    found: Counter[str] = Counter()
    for text in texts:
        grams: set[str] = set()
        for word in set(encoder.words(text)):
            if word not in of_word:
                of_word[word] = tuple(ngrams(word, lengths))
            grams.update(of_word[word])
        found.update(grams)
    names = sorted(found)
    buckets = _hashed(encoder, names) % np.uint64(encoder.dim)
    by_bucket: dict[int, list[str]] = {}
    for name, bucket in zip(names, buckets.tolist(), strict=True):
        by_bucket.setdefault(bucket, []).append(name)
    pairs = []
    for bucket, together in by_bucket.items():
        ranked = sorted(together, key=lambda gram: (-found[gram], gram))[:2]
        if len(ranked) == 2:
            pairs.append(Collided(ranked[0], ranked[1], bucket, found[ranked[0]], found[ranked[1]]))
    return sorted(pairs, key=lambda pair: (-pair.second_documents, pair.first, pair.second))[:count]


def seeded(base: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Hashes that differ from seed to seed as if drawn anew: the mixing of splitmix64 over a digest of each n-gram."""
    with np.errstate(over="ignore"):
        mixed = base + np.uint64(seed + 1) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def digests(grams: Sequence[str]) -> NDArray[np.uint64]:
    """64 bits of BLAKE2b for each n-gram: what seeded hashes start from."""
    joined = b"".join(hashlib.blake2b(gram.encode(), digest_size=8).digest() for gram in grams)
    return np.frombuffer(joined, np.uint64)


def _hashed(encoder: HashedEncoder, grams: Sequence[str]) -> NDArray[np.uint64]:
    from numen.kernels.reference import gram_hash

    return np.fromiter((gram_hash(gram.encode(), encoder.hash) for gram in grams), np.uint64, len(grams))


def _at(
    dim: int, numbers: NDArray[np.uint64], others: Sequence[NDArray[np.uint64]], linear: float | None
) -> Collisions:
    n = len(numbers)
    chance = n * (n - 1) / (2 * dim)
    pairs = chance if linear is None else linear
    alone = log1p(-pairs / (n * (n - 1) / 2))  # with pairs by chance, ln(1 - 1 / dim)
    counted = _counts(numbers, dim)
    means = np.mean([_counts(hashes, dim) for hashes in others], axis=0)
    return Collisions(
        dim=dim,
        grams=n,
        chance_pairs=chance,
        expected_pairs=pairs,
        counted_pairs=int(counted[0]),
        hashes_pairs=float(means[0]),
        spread_pairs=sqrt(chance * (1 - 1 / dim)),
        expected_shared=-expm1((n - 1) * alone),
        counted_shared=counted[1],
        hashes_shared=float(means[1]),
        expected_used=min(-dim * chance / pairs * expm1(n * alone), dim),
        counted_used=int(counted[2]),
        hashes_used=float(means[2]),
    )


def _counts(numbers: NDArray[np.uint64], dim: int) -> tuple[float, float, float]:
    """(pairs that share a bucket, share of n-grams that do not have one to themselves, buckets in use)."""
    sizes = np.bincount((numbers % np.uint64(dim)).astype(np.int64), minlength=dim)
    return (
        float((sizes * (sizes - 1) // 2).sum()),
        float(1 - (sizes == 1).sum() / len(numbers)),
        float((sizes > 0).sum()),
    )
