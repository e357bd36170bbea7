"""Conversions: each keeps what it promises, is the same for the same seed, and survives saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen import Collection
from numen.encode.convert import (
    PCA,
    ProductCodes,
    RandomProjection,
    SlicedVectors,
    SparseAutoencoder,
    WideCodes,
    hamming_search,
    sign_bits,
    truncated,
)
from numen.encode.kmeans import kmeans, nearest_centroids
from numen.encode.matrix import best
from numen.encode.top_codes import top_entries
from numen.encode.vectors import SparseVectors
from numen.errors import InputError, ModelError, OptionError

Rows: TypeAlias = NDArray[np.float32]


def cloud(n: int = 400, dim: int = 24, seed: int = 0) -> Rows:
    """Vectors that vary much in a few directions and little in others, around a mean that is not 0."""
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    rows = rng.standard_normal((n, dim)) * 0.7 ** np.arange(dim)
    out: Rows = (rows @ turned + 0.3).astype(np.float32)
    return out


def sparse(rows: Rows) -> SparseVectors:
    row, column = np.nonzero(rows)
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(rows)))])
    return SparseVectors(starts, column.astype(np.uint32), rows[row, column], rows.shape[1])


def test_truncation_keeps_the_first_dimensions_at_length_one() -> None:
    rows = cloud()
    cut = truncated(rows, 8)
    np.testing.assert_allclose(np.linalg.norm(cut, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(cut * np.linalg.norm(rows[:, :8], axis=1)[:, None], rows[:, :8], rtol=1e-5)
    assert (truncated(rows, 24, normalise=False) == rows).all()
    with pytest.raises(OptionError, match="24"):
        truncated(rows, 25)


def test_components_are_those_of_the_singular_values() -> None:
    rows = cloud()
    fitted = PCA.fit(rows, 5)
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(fitted.variances, singular**2 / (len(rows) - 1), rtol=1e-4, atol=1e-7)
    products = fitted.transform(rows, normalise=False)
    np.testing.assert_allclose(np.abs(products), np.abs(centred @ right[:5].T), atol=1e-4)
    assert fitted.dim == 5
    assert PCA.fit(rows, 0.9).dim == int(np.argmax(fitted.explained >= 0.9)) + 1


def test_whitened_components_vary_alike_and_not_together() -> None:
    rows = cloud()
    white = PCA.fit(rows, 6, whiten=True).transform(rows, normalise=False)
    np.testing.assert_allclose(np.cov(white.T), np.eye(6), atol=2e-3)
    flat = np.concatenate([rows, np.zeros((len(rows), 2), np.float32)], axis=1)
    assert (PCA.fit(flat, 26, whiten=True).transform(flat, normalise=False)[:, 24:] == 0).all()


@pytest.mark.parametrize("kind", ["gaussian", "sign", "orthogonal"])
def test_random_projections_keep_inner_products_in_the_mean(kind: str) -> None:
    rows = cloud(60)
    wanted = rows @ rows.T
    made = [RandomProjection.make(24, 40, kind=kind, seed=seed).transform(rows) for seed in range(40)]
    found = np.mean([one @ one.T for one in made], axis=0)
    assert np.abs(found - wanted).mean() < 0.05 * np.abs(wanted).mean()
    again = RandomProjection.make(24, 40, kind=kind, seed=3).transform(rows)
    assert (again == made[3]).all()
    assert (again != made[4]).any()


def test_bits_are_signs_and_the_nearest_differ_least() -> None:
    rows = cloud(300, 70) - 0.3
    bits = sign_bits(rows)
    assert bits.shape == (300, 2)
    unpacked = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, :70]
    assert (unpacked == (rows > 0)).all()
    places, distances = hamming_search(bits[:20], bits, 9)
    wanted = (unpacked[:20, None] != unpacked[None]).sum(axis=2)
    order = np.argsort(wanted, axis=1, kind="stable")[:, :9]
    assert (places == order).all()
    assert (distances == np.take_along_axis(wanted, order, axis=1)).all()
    assert hamming_search(bits[:2], bits[:3], 10)[0].shape == (2, 3)
    assert hamming_search(bits[:2], bits[:0], 10)[0].shape == (2, 0)
    with pytest.raises(InputError, match="sign_bits"):
        hamming_search(rows, bits, 3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be alike"):
        hamming_search(sign_bits(rows[:, :60]), bits, 3)


def test_product_codes_are_the_nearest_centroids_and_search_sums_them() -> None:
    rows = cloud(600)
    codes = ProductCodes.fit(rows, 6, seed=1)
    made = codes.encode(rows)
    back = codes.decode(made)
    assert made.shape == (600, 6)
    assert ((rows - back) ** 2).mean() < 0.05 * rows.var()
    blocks = rows.reshape(600, 6, 4)
    errors = ((blocks[:, :, None] - codes.centroids[None]) ** 2).sum(axis=3)
    chosen = np.take_along_axis(errors, made[:, :, None].astype(np.int64), axis=2)[:, :, 0]
    np.testing.assert_allclose(chosen, errors.min(axis=2), atol=1e-4)
    places, products = codes.search(rows[:5], made, 7)
    exact = rows[:5] @ back.T
    for query in range(5):
        np.testing.assert_allclose(products[query], exact[query, places[query]], rtol=1e-4, atol=1e-5)
        assert products[query][-1] >= np.sort(exact[query])[-7] - 1e-4
    assert (ProductCodes.fit(rows, 6, seed=1).centroids == codes.centroids).all()
    with pytest.raises(OptionError, match="must divide"):
        ProductCodes.fit(rows, 7)
    with pytest.raises(InputError, match="6 bytes"):
        codes.decode(made[:, :5])
    assert ProductCodes.fit(rows[:3], 2).encode(rows).max() < 3


def test_centroids_lose_no_vector_and_none_is_empty() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 5, axis=0)
    centroids = kmeans(rows, 3, iterations=5, seed=2)
    assert len(np.unique(nearest_centroids(rows, centroids)[0])) == 3
    with pytest.raises(InputError, match="at least as many"):
        kmeans(rows, 16)


def test_slices_hold_the_largest_weight_of_each_slot() -> None:
    rng = np.random.default_rng(5)
    rows = (rng.random((30, 50)) * (rng.random((30, 50)) < 0.3)).astype(np.float32)
    sliced = SlicedVectors.of(sparse(rows), 16, first=2)
    dense = np.zeros((30, 16 * 3), np.float32)
    dense[:, :48] = rows[:, 2:]
    by_slot = dense.reshape(30, 3, 16)
    assert (by_slot.max(axis=1) == sliced.weights.T).all()
    filled = sliced.weights.T > 0
    assert (sliced.places.T[filled] == by_slot.argmax(axis=1)[filled]).all()
    # Where no two dimensions share a slot, the score is the inner product.
    whole = SlicedVectors.of(sparse(rows), 50)
    query = SlicedVectors.of(sparse(rows[:1]), 50)
    np.testing.assert_allclose(whole.scores(query), rows @ rows[0], rtol=1e-5)


def test_slices_are_searched_in_one_stage_or_two() -> None:
    rng = np.random.default_rng(6)
    rows = (rng.random((200, 90)) * (rng.random((200, 90)) < 0.1)).astype(np.float32)
    sliced = SlicedVectors.of(sparse(rows), 30)
    queries = sliced.select(np.arange(4))
    places, scores = sliced.search(queries, 10)
    for q in range(4):
        every = sliced.scores(queries.select(np.array([q])))
        assert (scores[q] == np.sort(every)[::-1][: len(scores[q])]).all()
        assert (scores[q] > 0).all()
        assert places[q][0] == q or every[places[q][0]] >= every[q]
    staged = sliced.search(queries, 10, above=0.5, candidates=200)
    assert all((one == two).all() for one, two in zip(staged[0], places, strict=True))
    assert SlicedVectors.of(sparse(rows), 30, half=True).bytes < 0.7 * sliced.bytes
    with pytest.raises(OptionError, match="slots is 0"):
        SlicedVectors.of(sparse(rows), 0)
    with pytest.raises(InputError, match="above 0"):
        SlicedVectors.of(sparse(-rows), 30)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=6, max_size=6), min_size=1, max_size=5), st.integers(1, 8))
@settings(deadline=None, max_examples=50)
def test_top_entries_are_the_largest_above_zero_the_first_of_equal_ones(rows: list[list[int]], k: int) -> None:
    found = top_entries(np.array(rows, np.float32), k)
    for i, row in enumerate(rows):
        wanted = sorted(sorted(range(6), key=lambda j: (-row[j], j))[:k])
        here = slice(int(found.indptr[i]), int(found.indptr[i + 1]))
        assert found.indices[here].tolist() == [j for j in wanted if row[j] > 0]
        assert found.values[here].tolist() == [row[j] for j in wanted if row[j] > 0]


def test_wide_codes_set_so_many_bits_and_like_vectors_share_them() -> None:
    rows = cloud(50)
    codes = WideCodes.make(24, 500, 8, buckets=3, seed=1)
    made = codes.transform(rows)
    assert made.dim == 1500
    assert (np.diff(made.indptr) == 24).all()
    assert (made.values == 1).all()
    near = codes.transform(rows[:1] + 0.001)
    shared = [len(np.intersect1d(near.indices, made.indices[made.indptr[i] : made.indptr[i + 1]])) for i in range(50)]
    assert shared[0] == max(shared) > 20
    texts = codes.transform(rows[:5], np.array([0, 2, 2, 5]))
    assert np.diff(texts.indptr).tolist()[1] == 0
    assert set(texts.indices[: texts.indptr[1]].tolist()) == set(made.indices[: made.indptr[2]].tolist())
    with pytest.raises(InputError, match="starts"):
        codes.transform(rows, np.array([0, 7]))


def test_wide_codes_are_searched_in_a_leg() -> None:
    rows = cloud(80)
    made = WideCodes.make(24, 500, 8, seed=1).transform(rows)
    with Collection.create(legs={"wide": f"given:{made.dim}"}) as collection:
        collection.add([{"id": str(i), "text": "x"} for i in range(80)], vectors=made)
        hits = collection.search(None, 3, vectors=dict.fromkeys(made.indices[: made.indptr[1]].tolist(), 1.0))
        assert (hits[0].id, hits[0].score) == ("0", 8.0)


@pytest.mark.parametrize("normalise", [False, True])
def test_an_autoencoder_gives_what_sentence_transformers_gives(normalise: bool, tmp_path: Path) -> None:
    import torch
    from sentence_transformers.sparse_encoder.modules import SparseAutoEncoder

    torch.manual_seed(0)
    module = SparseAutoEncoder(24, 96, k=7, k_aux=8, normalize=normalise)
    torch.nn.init.normal_(module.pre_bias, 0, 0.1)
    torch.nn.init.normal_(module.latent_bias, 0, 0.1)
    (tmp_path / "sae").mkdir()
    module.save(str(tmp_path / "sae"))
    rows = cloud(30)
    with torch.inference_mode():
        wanted = module({"sentence_embedding": torch.from_numpy(rows.copy())})["sentence_embedding"].numpy()
    found = SparseAutoencoder.read(tmp_path / "sae")
    made = found.transform(rows)
    dense = np.zeros((30, 96), np.float32)
    dense[np.repeat(np.arange(30), np.diff(made.indptr)), made.indices] = made.values
    np.testing.assert_allclose(dense, wanted, atol=1e-5)
    assert np.diff(found.transform(rows, 3).indptr).max() <= 3
    with pytest.raises(OptionError, match="number of latents"):
        found.transform(rows, 97)
    (tmp_path / "sae" / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="cannot be read"):
        SparseAutoencoder.read(tmp_path / "sae")
    with pytest.raises(ModelError, match="holds no sparse autoencoder"):
        SparseAutoencoder.read(tmp_path)


def test_what_is_fitted_survives_saving(tmp_path: Path) -> None:
    rows = cloud()
    autoencoder = SparseAutoencoder(rows[:30], rows[30], rows[:30, 0].copy(), 4)
    fitted: list[Any] = [
        PCA.fit(rows, 5, whiten=True),
        RandomProjection.make(24, 9, seed=2),
        WideCodes.make(24, 60, 4),
        autoencoder,
    ]
    for one in fitted:
        one.save(tmp_path / "one.npz")
        made, again = one.transform(rows), type(one).load(tmp_path / "one.npz").transform(rows)
        if isinstance(made, SparseVectors):
            assert (made.indices == again.indices).all()
            assert (made.values == again.values).all()
        else:
            assert (made == again).all()
    codes = ProductCodes.fit(rows, 4)
    codes.save(tmp_path / "one.npz")
    assert (ProductCodes.load(tmp_path / "one.npz").encode(rows) == codes.encode(rows)).all()
    sliced = SlicedVectors.of(sparse(np.abs(rows)), 7, first=1)
    sliced.save(tmp_path / "sliced.npz")
    assert (SlicedVectors.load(tmp_path / "sliced.npz").weights == sliced.weights).all()
    with pytest.raises(InputError, match="holds product codes, not pca"):
        PCA.load(tmp_path / "one.npz")
    (tmp_path / "one.npz").write_bytes(b"PK")
    with pytest.raises(InputError, match="no file of arrays"):
        PCA.load(tmp_path / "one.npz")
    with pytest.raises(InputError, match="there is no file"):
        PCA.load(tmp_path / "none.npz")
    with pytest.raises(InputError, match="must end in"):
        codes.save(tmp_path / "one.npy")


@pytest.mark.parametrize(
    ("vectors", "says"),
    [
        ([[1.0] * 23 + [np.nan]], "vector 0 has a number that is none"),
        ([1.0, 2.0], "shape"),
        ([["a"]], "no matrix"),
        ([[1.0], [2.0, 3.0]], "no matrix"),
        (np.ones((3, 5)), "5 dimensions; this takes vectors of 24"),
    ],
)
def test_vectors_that_are_none_are_named(vectors: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        RandomProjection.make(24, 8).transform(vectors)


@pytest.mark.parametrize("dim", [0, 25, 1.0, 0.0, -1, True, "5"])
def test_numbers_of_components_that_are_none(dim: Any) -> None:
    with pytest.raises(OptionError, match="dim is"):
        PCA.fit(cloud(), dim)


def test_the_best_are_the_largest_and_of_equal_ones_the_first() -> None:
    scores = np.array([1, 3, 2, 3, 2, 2], np.float32)
    assert best(scores, 4).tolist() == [1, 3, 2, 4]
    assert best(scores, 99).tolist() == [1, 3, 2, 4, 5, 0]
    assert best(scores, 0).tolist() == []
