"""Legs of token vectors: hits are those of MaxSim, updates equal a fresh build, candidates find nearly all of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen import Collection
from numen.encode.multi import LateInteraction
from numen.encode.token_vectors import TokenVectors
from numen.errors import EncoderMismatch, ModelError, OptionError

KINDS = ["native", "pylate", "stanford", "dense", "bare"]

TEXTS = {
    "a": "the flow of air over a wing.",
    "b": "heat in a boundary layer, heat",
    "c": "shock wave and supersonic flow, shock wave",
    "d": "pressure drag of a body at supersonic speed",
    "e": "a jet of hot air from a nozzle",
    "f": "lift and drag of a plate",
    "blank": " ",
}
QUERIES = ["supersonic shock wave", "drag", "heat of the jet; heat", "wing"]


def documents(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"id": id_, "text": text, "early": id_ < "d"} for id_, text in texts.items()]


def found(collection: Collection, query: str, k: int = 20, **options: Any) -> dict[str, float]:
    return {hit.id: hit.score for hit in collection.search(query, k, **options)}


class Made(LateInteraction):
    """Token vectors of words by a hash instead of a model: many documents cost nothing."""

    def vectors(self, texts: list[str]) -> TokenVectors:
        def of(word: str) -> NDArray[np.float32]:
            near, own = (np.random.default_rng([7, *seed.encode()]) for seed in (word[:2], word))
            row = near.standard_normal(16) + 0.5 * own.standard_normal(16)
            return (row / np.linalg.norm(row)).astype(np.float32)

        return TokenVectors.of([np.array([of(w) for w in t.split()], np.float32).reshape(-1, 16) for t in texts], 16)

    def settled(self) -> LateInteraction:
        return self

    @property
    def width(self) -> int:
        return 16

    def documents(self, texts: Any) -> TokenVectors:
        return self.vectors(list(texts))

    queries = documents


def some_texts(seed: int, n: int, most: int) -> dict[str, str]:
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abcde"), 4)) for _ in range(80)]
    return {f"{seed}-{i:04}": " ".join(rng.choice(words, rng.integers(0, most))) for i in range(n)}


def scored(encoder: Made, texts: Mapping[str, str], query: str) -> dict[str, float]:
    """MaxSim in float64, by id."""
    asked = encoder.vectors([query]).rows.astype(np.float64)
    made = encoder.vectors(list(texts.values()))
    return {
        id_: float((asked @ made.rows[a:b].T.astype(np.float64)).max(axis=1).sum())
        for id_, a, b in zip(texts, made.starts[:-1], made.starts[1:], strict=True)
        if b > a and len(asked)
    }


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_the_maxsim_of_the_models_vectors(
    kind: str, colbert_folders: dict[str, Path], tmp_path: Path
) -> None:
    import torch
    from sentence_transformers import MultiVectorEncoder, SentenceTransformer

    folder = colbert_folders[kind]
    texts = [text for text in TEXTS.values() if text.strip()]
    if kind in ("dense", "bare"):
        model: Any = SentenceTransformer(str(folder), device="cpu")
        encode = [model.encode(some, output_value="token_embeddings") for some in (QUERIES, texts)]
        unit = torch.nn.functional.normalize
        queries, held = ([unit(one.float(), dim=-1) for one in some] for some in encode)
    else:
        model = MultiVectorEncoder(str(folder), device="cpu")
        queries, held = model.encode_query(QUERIES), model.encode_document(texts)
        assert held[0].shape[1] == 12
    wanted = [[float((q @ d.T).max(dim=1).values.sum()) for d in held] for q in queries]
    ids = [id_ for id_, text in TEXTS.items() if text.strip()]
    with Collection.create(tmp_path / "c", legs={"t": f"multi:{folder}"}) as collection:
        assert collection.add(documents(TEXTS)).truncated == 0
    with Collection.open(tmp_path / "c") as collection:
        assert collection.check() == []
        for query, row in zip(QUERIES, wanted, strict=True):
            scores = found(collection, query)
            assert scores.keys() == set(ids)
            np.testing.assert_allclose([scores[id_] for id_ in ids], row, rtol=1e-4)


def test_explanations_say_which_token_met_which(colbert_folders: dict[str, Path]) -> None:
    with Collection.create(legs={"t": f"multi:{colbert_folders['dense']}"}) as collection:
        collection.add(documents(TEXTS))
        explained = collection.explain("supersonic drag", "d").legs[0]
        assert explained.score == found(collection, "supersonic drag")["d"]
        assert sum(part.contribution for part in explained.parts) == pytest.approx(explained.score, rel=1e-6)
        assert sorted(part.term for part in explained.parts) == ["[CLS]", "[SEP]", "drag", "supersonic"]
        assert all(part.found for part in explained.parts)
        assert collection.explain("drag", "blank").legs[0].parts == ()


@pytest.mark.parametrize("precision", ["float32", "float16", "8bit"])
def test_hits_are_those_of_maxsim_whatever_was_added_and_deleted(precision: str, tmp_path: Path) -> None:
    encoder = Made("made", precision)
    texts = {**some_texts(1, 150, 30), **some_texts(2, 40, 3)}
    with Collection.create(tmp_path / "c", legs={"t": encoder}) as collection:
        items = list(texts.items())
        collection.add(documents({**dict(items[:90]), "gone": "abcd", items[3][0]: "other words"}))
        collection.add(documents(dict(items[60:])))
        collection.add(documents(dict(items[3:4])))
        collection.delete(["gone"])
        with Collection.create(legs={"t": encoder}) as fresh:
            fresh.add(documents(texts))
            for query in list(some_texts(3, 12, 8).values()):
                hits = [(hit.id, hit.score) for hit in collection.search(query, 15)]
                assert hits == [(hit.id, hit.score) for hit in fresh.search(query, 15)]
                if precision == "float32":
                    wanted = scored(encoder, texts, query)
                    assert [score for _, score in hits] == pytest.approx([wanted[id_] for id_, _ in hits], rel=1e-5)
                    best = sorted(wanted.values(), reverse=True)[:15]
                    assert [score for _, score in hits] == pytest.approx(best, rel=1e-5)
                kept = [hit.id for hit in collection.search(query, 15, where={"early": True})]
                every = [hit.id for hit in collection.search(query, 1_000)]
                assert kept == [id_ for id_ in every if id_ < "d"][:15]
            before = list(collection.rank_many(QUERIES, 10, threads=2))
            collection.compact()
            assert list(collection.rank_many(QUERIES, 10)) == before
        assert collection.check() == []


def test_edges_are_as_in_every_leg() -> None:
    encoder = Made("made")
    with Collection.create(legs={"t": encoder}) as collection:
        assert list(collection.search("abcd")) == []
        collection.add(documents({"x": "abcd abce", "y": "", "z": "abcd"}))
        assert list(collection.search("")) == []
        assert list(collection.search("abcd", 0)) == []
        assert set(found(collection, "abcd", 99)) == {"x", "z"}
        # Both have the word itself: equal scores, by id.
        assert [hit.id for hit in collection.search("abcd", 1)] == ["x"]
        assert [len(one) for one in collection.rank_many(["abcd", "", "abce"], 5)] == [2, 0, 2]
        collection.delete(["x", "y", "z"])
        assert list(collection.search("abcd")) == []


def test_candidates_by_anchors_find_what_is_asked_for_with_exact_scores() -> None:
    encoder = Made("made")
    texts = some_texts(5, 900, 25)
    with Collection.create(legs={"t": encoder}) as collection:
        collection.add(documents(texts))
        queries = [text for text in some_texts(6, 40, 8).values() if text]
        exact = list(collection.rank_many(queries, 10))
        about = collection.rank_many(queries, 10, approximate=0.9)
        assert about.recall is not None
        assert about.recall >= 0.9
        shared = sum(len({id_ for id_, _ in a} & {id_ for id_, _ in b}) for a, b in zip(exact, about, strict=True))
        assert shared >= 0.85 * sum(map(len, exact))
        scores = [dict(one) for one in collection.rank_many(queries, 900)]
        assert all(scores[q][id_] == score for q, hits in enumerate(about) for id_, score in hits)
        result = collection.search(queries[0], 10, approximate=0.9)
        assert not result.exact
        assert result.recall is not None
        kept = collection.search(queries[0], 10, approximate=0.9, where={"early": False})
        assert len(kept) == 0
        collection.delete([exact[0][0][0]])
        assert exact[0][0][0] not in found(collection, queries[0], 10, approximate=0.9)


def test_pooled_documents_have_fewer_tokens(colbert_folders: dict[str, Path]) -> None:
    full, few = (f"multi:{colbert_folders['native']}{option}" for option in ("", ",pool=2"))
    with Collection.create(legs={"full": full, "few": few}) as collection:
        collection.add(documents(TEXTS))
        sizes = {leg.name: leg.postings for leg in collection.info().legs}
        assert 0.4 * sizes["full"] < sizes["few"] < 0.7 * sizes["full"]
        hits = collection.search("supersonic shock wave", legs=["few"])
        assert len(hits) == 6
        assert all(part.found == () for part in collection.explain("drag", "d", legs=["few"]).legs[0].parts)


def test_texts_beyond_what_the_model_reads_are_counted(colbert_folders: dict[str, Path]) -> None:
    with Collection.create(legs={"t": f"multi:{colbert_folders['dense']}"}) as collection:
        assert collection.add(documents({"long": "flow " * 60, "short": "flow"})).truncated == 1


def test_a_leg_remembers_its_model(colbert_folders: dict[str, Path], tmp_path: Path) -> None:
    here, there, path = tmp_path / "here", tmp_path / "there", tmp_path / "c"
    shutil.copytree(colbert_folders["native"], here)
    with Collection.create(path, legs={"t": f"multi:{here}"}) as collection:
        collection.add(documents(TEXTS))
        scores = found(collection, "drag")
    shutil.move(here, there)
    with Collection.open(path) as collection, pytest.raises(ModelError, match="there is no folder"):
        collection.search("drag")
    with Collection.open(path, legs={"t": f"multi:{there}"}) as collection:
        assert found(collection, "drag") == scores
    shutil.copytree(colbert_folders["dense"], here)
    with Collection.open(path) as collection, pytest.raises(EncoderMismatch, match="of 12 dimensions, not 32"):
        collection.search("drag")


def test_fused_with_words_and_refused_where_it_cannot_be_fed_back() -> None:
    with Collection.create(legs={"words": "bm25", "t": Made("made")}) as collection:
        collection.add(documents({"x": "abcd abce", "y": "abce dddd", "z": "eeee"}))
        hit = collection.search("abcd")[0]
        assert (hit.id, set(hit.legs)) == ("x", {"words", "t"})
        with pytest.raises(OptionError, match="cannot be fed back"):
            collection.search("abcd", feedback="rocchio")
        assert len(collection.search("abcd", feedback="rocchio", legs=["words"])) > 0


def test_options_and_models_that_are_none(colbert_folders: dict[str, Path], tmp_path: Path) -> None:
    folder = colbert_folders["native"]
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "model.safetensors").write_bytes(b"cut")
    for spec, error, says in [
        ("multi:", OptionError, "names no model"),
        (f"multi:{folder},precision=int4", OptionError, "precision is 'int4'"),
        (f"multi:{folder},pool=0", OptionError, "pool is 0"),
        (f"multi:{folder},pol=2", OptionError, "did you mean 'pool'"),
        ("multi:./nowhere", ModelError, "there is no folder"),
        (f"multi:{broken}", ModelError, "cannot be loaded"),
    ]:
        with pytest.raises(error, match=says):
            Collection.create(tmp_path / "c", legs={"t": spec})
    assert not (tmp_path / "c").exists()
