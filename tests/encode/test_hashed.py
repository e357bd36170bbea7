"""Hashed encoders: options, what a text is made of, and the way back from a bucket."""

from __future__ import annotations

import json

import numpy as np
import pytest

from numen import Collection, HashedEncoder
from numen.encode.reverse import ReverseTable
from numen.errors import OptionError

TEXTS = ["Who likes Birch Trees?", "Birch, trees and birches", "naïve café 中文字", ""]


@pytest.mark.parametrize(
    "encoder", [HashedEncoder(), HashedEncoder(64, signed=True), HashedEncoder(2**31, split="words", hash="fnv1a")]
)
def test_grams_are_what_the_vector_is_made_of(encoder: HashedEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    for r, text in enumerate(TEXTS):
        counts: dict[int, int] = {}
        for _, bucket, weight in encoder.grams(text):
            counts[bucket] = counts.get(bucket, 0) + weight
        counts = {bucket: count for bucket, count in counts.items() if count}
        values = np.array([np.sign(c) * np.log1p(abs(c)) for _, c in sorted(counts.items())])
        a, b = vectors.indptr[r], vectors.indptr[r + 1]
        assert vectors.indices[a:b].tolist() == sorted(counts)
        np.testing.assert_allclose(vectors.values[a:b], values / (np.linalg.norm(values) or 1), rtol=1e-6)


@pytest.mark.parametrize("encoder", [HashedEncoder(256), HashedEncoder(256, signed=True, split="words")])
def test_search_scores_are_inner_products_of_vectors(encoder: HashedEncoder) -> None:
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(["tree", "trees", "bird", "birds", "rock"], 6)) for _ in range(50)]
    dense = np.zeros((len(texts) + 1, 256), np.float32)
    vectors = encoder.encode([*texts, "bird rocks"])
    for r in range(len(dense)):
        a, b = vectors.indptr[r], vectors.indptr[r + 1]
        dense[r, vectors.indices[a:b]] = vectors.values[a:b]
    expected = dense[:-1] @ dense[-1]
    with Collection.create(legs={"x": encoder}) as collection:
        collection.add({"id": str(i), "text": text} for i, text in enumerate(texts))
        hits = {hit.id: hit.score for hit in collection.search("bird rocks", 50)}
    assert hits == pytest.approx({str(i): s for i, s in enumerate(expected.tolist()) if s > 1e-6}, rel=1e-5)


def test_the_reverse_table_names_what_a_bucket_holds() -> None:
    encoder = HashedEncoder(64)
    table = encoder.reverse_table(TEXTS)
    grams = [gram for text in TEXTS for gram in encoder.grams(text)]
    assert sum(abs(n) for bucket in range(64) for _, n in table.grams(bucket)) == len(grams)
    for gram, bucket, _ in grams:
        assert gram in dict(table.grams(bucket))
    assert dict(table.grams(encoder.grams("birch")[0][1]))["^bi"] == 3
    assert table.collisions()
    assert ReverseTable.from_json(json.loads(json.dumps(table.to_json()))).to_json() == table.to_json()
    assert HashedEncoder(2**31).reverse_table(TEXTS).collisions() == []
    assert table.grams(10**6) == []


def test_signed_occurrences_have_their_sign() -> None:
    encoder = HashedEncoder(2**20, signed=True)
    table = encoder.reverse_table(["abcdefgh"])
    signs = {gram: weight > 0 for gram, _, weight in encoder.grams("abcdefgh")}
    assert set(signs.values()) == {True, False}
    assert all((n > 0) == signs[gram] for bucket in range(2**20) for gram, n in table.grams(bucket))


def test_typing_errors_still_find() -> None:
    texts = ["boundary layer control", "heat transfer in pipes", "supersonic wind tunnels"]
    with Collection.create(legs={"grams": "numen"}) as collection:
        collection.add({"id": str(i), "text": text} for i, text in enumerate(texts))
        found = [collection.search(q)[0].id for q in ("boundry lyaer contrl", "heet transfr", "supersnic tunels")]
    assert found == ["0", "1", "2"]


@pytest.mark.parametrize(
    "unfit",
    [
        {"dim": 8},
        {"dim": 2**31 + 1},
        {"dim": 512.0},
        {"weights": {}},
        {"weights": {3: 0}},
        {"weights": {65: 1}},
    ],
)
def test_unfit_options_are_refused(unfit: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        HashedEncoder(**unfit)  # type: ignore[arg-type]
