"""NUMEN's encoder: character n-grams of marked words, hashed into a fixed number of dimensions, without training.

Source: Sharma, "Beyond the Geometric Curse: High-Dimensional N-Gram Hashing for Dense Retrieval", arXiv 2601.15205, in
the setting of its LIMIT experiment: lower case; words split at white space; markers ^ and $; grams of 3, 4 and 5
characters with weights 1, 5 and 10; bucket = CRC-32 of the gram's UTF-8 bytes modulo the dimensions; value =
ln(1 + weighted count); length 1; score = inner product. `HashedEncoder()` is that, to the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.reverse import ReverseTable
from numen.encode.stored_fields import check_fields
from numen.encode.texts import utf8
from numen.encode.vectors import SparseVectors
from numen.errors import OptionError, nearest
from numen.index.inverted import log_table
from numen.index.keys import NumberKeys
from numen.index.rows import DocValues, Form, Rows
from numen.text import Analyzer

__all__ = ["HASHES", "PAPER_WEIGHTS", "HashedEncoder"]

PAPER_WEIGHTS: Mapping[int, int] = MappingProxyType({3: 1, 4: 5, 5: 10})
"""The weight of a gram by its length in characters, as published."""

HASHES = ("crc32", "fnv1a")
"""CRC-32 as zlib has it; FNV-1a of 32 bits. A hash is named in the collection, and its name never changes meaning."""

MAX_DIM = 1 << 31
LONGEST_GRAM = 64
LARGEST_WEIGHT = 1_000

BATCH_CHARACTERS = 1 << 20
"""Text encoded by one kernel call: enough to spread the cost of the call, little enough to hold its output."""

SCRATCH = 1 << 22
"""Room for (bucket, count) pairs in one call; a text that could need more gets more."""


@dataclass(frozen=True)
class HashedEncoder:
    """An encoder of hashed character n-grams; without arguments, the paper's.

    dim: dimensions, 16 to 2^31. weights: weight (1 to 1,000) by gram length in characters (1 to 64).
    split: "whitespace" (the paper's: punctuation stays with the word) or "words" (runs of letters, marks and numbers).
    hash: "crc32" or "fnv1a". signed: the hash's highest bit makes a gram count negative, so that collisions cancel on
    average instead of adding up (Weinberger et al. 2009, feature hashing).
    """

    dim: int = 32_768
    weights: Mapping[int, int] = field(default_factory=lambda: PAPER_WEIGHTS)
    split: str = "whitespace"
    hash: str = "crc32"
    signed: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.dim, int) or not 16 <= self.dim <= MAX_DIM:
            raise OptionError(f"dim is {self.dim!r}; it must be a whole number from 16 to {MAX_DIM} (2^31)")
        if not self.weights or any(
            not isinstance(n, int)
            or not isinstance(w, int)
            or not 1 <= n <= LONGEST_GRAM
            or not 1 <= w <= LARGEST_WEIGHT
            for n, w in self.weights.items()
        ):
            raise OptionError(
                f"weights is {dict(self.weights)!r}; give whole weights from 1 to {LARGEST_WEIGHT} for one or more "
                f"gram lengths from 1 to {LONGEST_GRAM}, as in {{3: 1, 4: 5, 5: 10}}"
            )
        if self.split not in ("whitespace", "words"):
            raise OptionError(f"split is {self.split!r}; {nearest(str(self.split), ('whitespace', 'words'))}")
        if self.hash not in HASHES:
            raise OptionError(f"hash is {self.hash!r}; {nearest(str(self.hash), HASHES)}")
        object.__setattr__(self, "weights", MappingProxyType(dict(sorted(self.weights.items()))))

    def __hash__(self) -> int:
        return hash((self.dim, tuple(self.weights.items()), self.split, self.hash, self.signed))

    def __repr__(self) -> str:
        return (
            f"HashedEncoder(dim={self.dim}, weights={dict(self.weights)}, split={self.split!r}, hash={self.hash!r}, "
            f"signed={self.signed})"
        )

    @property
    def spec(self) -> str:
        """`numen:DIM`, followed by what differs from the paper's settings."""
        options = []
        if self.weights != PAPER_WEIGHTS:
            options.append("weights=" + "+".join(f"{n}:{w}" for n, w in self.weights.items()))
        if self.split != "whitespace":
            options.append(f"split={self.split}")
        if self.hash != "crc32":
            options.append(f"hash={self.hash}")
        if self.signed:
            options.append("signed=true")
        return ",".join([f"numen:{self.dim}", *options])

    @property
    def form(self) -> Form:
        return "log"

    def to_json(self) -> dict[str, Any]:
        weights = {str(n): w for n, w in self.weights.items()}
        return {
            "kind": "hashed",
            "dim": self.dim,
            "weights": weights,
            "split": self.split,
            "hash": self.hash,
            "signed": self.signed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HashedEncoder:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        fields = dict(data)
        check_fields(fields, ("dim", "weights", "split", "hash", "signed"), "a hashed encoder")
        if "weights" in fields:
            fields["weights"] = {int(n): w for n, w in fields["weights"].items()}
        return cls(**fields)

    @cached_property
    def analyzer(self) -> Analyzer:
        """How texts are cut into words."""
        return Analyzer.faithful() if self.split == "whitespace" else Analyzer()

    def counter(self) -> HashedCounter:
        return HashedCounter(self)

    def encode(self, texts: Sequence[str]) -> SparseVectors:
        """Vectors of length 1 (all zero for a text without grams), queries and documents alike: (len(texts), dim)."""
        from numen.kernels.hashing import finish_rows

        counter = HashedCounter(self)
        table = log_table()
        starts, indices, values = [np.zeros(1, np.int64)], [], []
        done = 0
        for row_starts, buckets, counts in counter.batches(texts):
            damped, inverse = finish_rows(row_starts, counts, table)
            damped *= np.repeat(inverse, np.diff(row_starts))
            starts.append(row_starts[1:] + done)
            indices.append(buckets.copy())
            values.append(damped)
            done += len(buckets)
        return SparseVectors(
            np.concatenate(starts),
            np.concatenate(indices) if indices else np.empty(0, np.uint32),
            np.concatenate(values) if values else np.empty(0, np.float32),
            self.dim,
        )

    def query(self, texts: Sequence[str]) -> QueryCounts:
        starts, numbers, counts = [np.zeros(1, np.int64)], [], []
        done = 0
        for row_starts, buckets, signed_counts in HashedCounter(self).batches(texts):
            if self.signed:
                # Each bucket has two lists, of documents that count it above and below zero.
                positive = buckets << np.uint32(1)
                numbers.append(np.stack([positive, positive | np.uint32(1)], axis=1).ravel())
                counts.append(np.stack([signed_counts, -signed_counts], axis=1).ravel().astype(np.int64))
                starts.append(2 * row_starts[1:] + done)
            else:
                numbers.append(buckets.copy())
                counts.append(signed_counts.astype(np.int64))
                starts.append(row_starts[1:] + done)
            done += len(numbers[-1])
        all_numbers = np.concatenate(numbers) if numbers else np.empty(0, np.uint32)
        keys, terms = _numbered(all_numbers)
        return QueryCounts(
            np.concatenate(starts),
            terms,
            np.concatenate(counts) if counts else np.empty(0, np.int64),
            NumberKeys(keys),
        )

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Damped counts at length 1; no document frequency takes part."""
        n_queries = len(query.starts) - 1
        values = np.sign(query.counts) * np.log1p(np.abs(query.counts).astype(np.float64))
        of = np.repeat(np.arange(n_queries), np.diff(query.starts))
        # Signed, each bucket stands twice.
        norms = np.sqrt(np.bincount(of, values * values, n_queries) / (2 if self.signed else 1))
        return (values / norms[of]).astype(np.float32), np.zeros(n_queries, np.float32)

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        return stored.view(np.float32)

    def words(self, text: str) -> list[str]:
        """The words of `text` whose n-grams are taken."""
        return self.analyzer.words(text)

    def word_grams(self, word: str) -> list[tuple[str, int, int]]:
        """(gram, bucket, signed weight) of each n-gram of one word, by length, then from left to right.

        Plain Python: for explanation and tests, not for speed.
        """
        from numen.kernels.reference import gram_hash
        from numen.text.ngrams import ngrams

        out = []
        for n, weight in self.weights.items():
            for gram in ngrams(word, (n,)):
                h = gram_hash(gram.encode(), self.hash)
                out.append((gram, h % self.dim, -weight if self.signed and h >> 31 else weight))
        return out

    def grams(self, text: str) -> list[tuple[str, int, int]]:
        """`word_grams` of each word of `text`, in order: what its vector is made of."""
        return [gram for word in self.words(text) for gram in self.word_grams(word)]

    def reverse_table(self, texts: Iterable[str]) -> ReverseTable:
        """Which n-grams of `texts` fall into which bucket."""
        return ReverseTable.build((word for text in texts for word in self.words(text)), self.word_grams)


def _numbered(numbers: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """(the numbers that occur, ascending, each once; the place of each among them)."""
    highest = int(numbers.max(initial=0))
    if highest > 8 * len(numbers):
        keys, places = np.unique(numbers, return_inverse=True)
        return keys, places.astype(np.int64)
    # Where they are dense, marking them is many times faster than sorting.
    there = np.zeros(highest + 1, bool)
    there[numbers] = True
    return np.flatnonzero(there).astype(np.uint32), (np.cumsum(there) - 1)[numbers]


class HashedCounter:
    """Counts documents for one segment; numbers are buckets (doubled, plus 1 below zero, when signed)."""

    def __init__(self, encoder: HashedEncoder) -> None:
        self._encoder = encoder
        self._weights = np.zeros(max(encoder.weights) + 1, np.int64)
        for n, weight in encoder.weights.items():
            self._weights[n] = weight
        self._markers = np.frombuffer(b"^$", np.uint8)
        self._buckets = np.empty(0, np.uint32)
        self._counts = np.empty(0, np.int32)
        self._helpers: list[HashedCounter] = []

    def split(self, parts: int) -> list[HashedCounter]:
        """As many counters as asked for: buckets do not depend on what came before."""
        while len(self._helpers) < parts - 1:
            self._helpers.append(HashedCounter(self._encoder))
        return [self, *self._helpers[: parts - 1]]

    def batches(
        self, texts: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int32]]]:
        """(row_starts, buckets, signed weighted counts) of consecutive texts, all texts in all.

        Buckets and counts are views that the next batch overwrites.
        """
        from numen.kernels.hashing import CRC32, CRC_TABLE, FNV1A, count_grams

        encoder = self._encoder
        analyzer = encoder.analyzer
        classes = analyzer.word_class()
        kind = CRC32 if encoder.hash == "crc32" else FNV1A
        at = 0
        while at < len(texts):
            group: list[str] = []
            size = 0
            while at < len(texts) and (not group or size + len(texts[at]) <= BATCH_CHARACTERS):
                group.append(analyzer.normalise(texts[at]))
                size += len(texts[at])
                at += 1
            data, starts = utf8(group)
            done = 0
            while done < len(group):
                # The kernel stops where its worst case, every character of a text a word, might not fit.
                longest = int(np.diff(starts[done:]).max())
                need = min(len(encoder.weights) * (2 * longest + 2), encoder.dim)
                if len(self._buckets) < max(need, SCRATCH):
                    self._buckets = np.empty(max(need, SCRATCH), np.uint32)
                    self._counts = np.empty(max(need, SCRATCH), np.int32)
                row_starts = np.zeros(len(group) + 1, np.int64)
                stop = count_grams(
                    data,
                    starts,
                    classes,
                    self._weights,
                    self._markers,
                    encoder.dim,
                    kind,
                    encoder.signed,
                    CRC_TABLE,
                    done,
                    row_starts,
                    self._buckets,
                    self._counts,
                )
                filled = row_starts[stop]
                yield row_starts[done : stop + 1], self._buckets[:filled], self._counts[:filled]
                done = stop

    def count(self, texts: Sequence[str]) -> Rows:
        """The rows of the next documents; doc_values are inverse norms."""
        from numen.kernels.hashing import finish_rows

        table = log_table()
        starts, numbers, counts, norms = [np.zeros(1, np.int64)], [], [], []
        done = 0
        for row_starts, buckets, signed_counts in self.batches(texts):
            norms.append(finish_rows(row_starts, signed_counts, table)[1])
            if self._encoder.signed:
                numbers.append((buckets << np.uint32(1)) | (signed_counts < 0))
            else:
                numbers.append(buckets.copy())
            counts.append(np.abs(signed_counts).astype(np.uint32))
            starts.append(row_starts[1:] + done)
            done += len(buckets)
        if not numbers:
            return Rows(starts[0], np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.float32))
        return Rows(np.concatenate(starts), np.concatenate(numbers), np.concatenate(counts), np.concatenate(norms))

    def vocabulary(self) -> None:
        return None
