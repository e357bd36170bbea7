"""Hashed n-grams: the kernel against plain Python and zlib."""

from __future__ import annotations

import itertools
import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.encode.hashed import HashedEncoder
from numen.index.inverted import log_table
from numen.kernels import reference
from numen.kernels.hashing import finish_rows

TEXT = st.text(st.one_of(st.sampled_from("abc  ^$é中😀.\n"), st.characters(codec="utf-8")), max_size=60)


def rows(encoder: HashedEncoder, texts: list[str]) -> list[dict[int, int]]:
    out = []
    for starts, buckets, counts in encoder.counter().batches(texts):
        out += [
            dict(zip(buckets[a:b].tolist(), counts[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(starts)
        ]
    return out


@settings(max_examples=150, deadline=None)
@given(
    st.lists(TEXT, max_size=5),
    st.sampled_from([16, 17, 512, 32_768, 65_537, 1 << 20, (1 << 20) + 1, 1 << 31]),
    st.sampled_from([{3: 1, 4: 5, 5: 10}, {1: 1}, {2: 3, 6: 7}]),
    st.sampled_from(["crc32", "fnv1a"]),
    st.booleans(),
    st.sampled_from(["whitespace", "words"]),
)
def test_counts_equal_the_plain_version(
    texts: list[str], dim: int, weights: dict[int, int], name: str, signed: bool, split: str
) -> None:
    encoder = HashedEncoder(dim=dim, weights=weights, hash=name, signed=signed, split=split)
    classes = encoder.analyzer.word_class()
    expected = [
        reference.count_grams(encoder.analyzer.normalise(t), classes, weights, dim, name, signed) for t in texts
    ]
    assert rows(encoder, texts) == expected
    assert all(list(row) == sorted(row) for row in rows(encoder, texts))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(-(2**31) + 1, 2**31 - 1).filter(bool), max_size=8), max_size=6))
def test_damped_values_and_norms(rows_of_counts: list[list[int]]) -> None:
    starts = np.cumsum([0, *map(len, rows_of_counts)]).astype(np.int64)
    counts = np.array([count for row in rows_of_counts for count in row], np.int32)
    for got, expected in zip(
        finish_rows(starts, counts, log_table()), reference.finish_rows(starts, counts), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=2e-7)


def test_the_paper_in_a_dozen_lines() -> None:
    text, dim = "Who likes Birch Trees?", 512
    vector = np.zeros(dim)
    for word in text.lower().split():
        marked = f"^{word}$"
        for n, weight in ((3, 1), (4, 5), (5, 10)):
            for i in range(len(marked) - n + 1):
                vector[zlib.crc32(marked[i : i + n].encode()) % dim] += weight
    vector = np.log1p(vector)
    vector /= np.linalg.norm(vector)
    encoded = HashedEncoder(dim=dim).encode([text])
    dense = np.zeros(dim)
    dense[encoded.indices] = encoded.values
    np.testing.assert_allclose(dense, vector, rtol=1e-6)


def test_vectors_have_length_one_or_zero() -> None:
    vectors = HashedEncoder().encode(["some text", "", "   ", "a", "ab"])
    assert vectors.shape == (5, 32_768)
    squares = [
        float((vectors.values[a:b] ** 2).sum()) for a, b in zip(vectors.indptr[:-1], vectors.indptr[1:], strict=True)
    ]
    assert squares == pytest.approx([1, 0, 0, 1, 1], abs=1e-6)


def test_batches_of_texts_do_not_change_vectors() -> None:
    texts = [f"text number {i} " * 50 for i in range(5_000)]
    whole = HashedEncoder(dim=4096).encode(texts)
    one = HashedEncoder(dim=4096).encode(texts[4_321:4_322])
    a, b = whole.indptr[4_321], whole.indptr[4_322]
    assert whole.indices[a:b].tolist() == one.indices.tolist()
    assert whole.values[a:b].tolist() == one.values.tolist()


@pytest.mark.parametrize("dim", [32_768, 1 << 24])
def test_a_word_of_a_megabyte(dim: int) -> None:
    word = "ab" * 500_000
    (row,) = rows(HashedEncoder(dim=dim), [word])
    assert max(row.values()) >= 4_999_900
    assert math.isclose(float((HashedEncoder(dim=dim).encode([word]).values ** 2).sum()), 1, rel_tol=1e-5)
