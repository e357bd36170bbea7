"""Collisions: what chance expects is what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from numen.encode.hashed import HashedEncoder
from numen.errors import InputError
from numen.evaluate import Dataset
from numen.room.collisions import SIZES, colliding_pairs, count_collisions, vocabulary
from numen.room.hash_error import hash_errors


def test_twelve_sizes_are_as_expected(tiny: Dataset) -> None:
    encoder = HashedEncoder()
    grams = vocabulary(encoder, [document.text for document in tiny.documents()])
    found = count_collisions(encoder, grams)
    assert [one.dim for one in found] == list(SIZES)
    for one in found:
        assert one.hashes_pairs == pytest.approx(one.chance_pairs, abs=4 * one.spread_pairs / 4)  # 16 hashes
        assert one.counted_pairs == pytest.approx(one.expected_pairs, abs=4 * one.spread_pairs)
        assert one.counted_used == pytest.approx(one.expected_used, rel=0.02)
        assert one.counted_shared == pytest.approx(one.expected_shared, abs=0.02)
        assert one.hashes_used == pytest.approx(-one.dim * np.expm1(one.grams * np.log1p(-1 / one.dim)), rel=0.01)


def test_counts_are_those_of_the_encoder() -> None:
    encoder = HashedEncoder(64)
    texts = ["Who likes cats?", "dogs, birds and fish", "Katzen mögen Fische"]
    grams = vocabulary(encoder, texts)
    assert set(grams) == {gram for text in texts for gram, _, _ in encoder.grams(text)}
    buckets: dict[int, set[str]] = {}
    for text in texts:
        for gram, bucket, _ in encoder.grams(text):
            buckets.setdefault(bucket, set()).add(gram)
    (found,) = count_collisions(encoder, grams, (64,))
    assert found.counted_used == len(buckets)
    assert found.counted_pairs == sum(len(b) * (len(b) - 1) // 2 for b in buckets.values())
    assert found.counted_shared == pytest.approx(np.mean([len(buckets[b]) > 1 for b in buckets for _ in buckets[b]]))


def test_pairs_that_blur_share_a_bucket_and_are_frequent(tiny: Dataset) -> None:
    encoder = HashedEncoder(256)
    texts = [document.text for document in tiny.documents()]
    pairs = colliding_pairs(encoder, texts, 5)
    bucket = {gram: number for text in texts for gram, number, _ in encoder.grams(text)}
    assert len(pairs) == 5
    for pair in pairs:
        assert bucket[pair.first] == bucket[pair.second] == pair.bucket
        assert pair.second_documents == sum(
            pair.second in {gram for gram, _, _ in encoder.grams(text)} for text in texts
        )
    assert [p.second_documents for p in pairs] == sorted((p.second_documents for p in pairs), reverse=True)


def test_errors_of_inner_products_are_those_of_the_formula(tiny: Dataset) -> None:
    texts = [document.text for document in tiny.documents()]
    for one in hash_errors(HashedEncoder(), texts, (512, 4096)):
        if one.signed:
            assert one.expected_spread is not None
            assert abs(one.mean) < one.expected_spread / 2
            assert one.spread == pytest.approx(one.expected_spread, rel=0.35)
        else:
            assert one.mean == pytest.approx(one.expected_mean, rel=0.15)
    with pytest.raises(InputError, match="0 of the texts"):
        hash_errors(HashedEncoder(), ["", " "])


def test_empty_texts_are_named() -> None:
    with pytest.raises(InputError, match="0 n-grams"):
        count_collisions(HashedEncoder(), vocabulary(HashedEncoder(), ["", " "]))
