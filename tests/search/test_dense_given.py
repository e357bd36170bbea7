"""Dense vectors from elsewhere: the nearest are those of brute force, whatever was added, replaced and deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen import Collection
from numen.errors import DocumentError, EncoderMismatch, InputError, OptionError
from numen.index import plan
from numen.kernels import reference
from numen.search import building, warm_up

DIM = 20
PRECISIONS = ["float32", "float16", "int8", "8bit"]


def some(seed: int, n: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)


def texts(n: int, first: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"d{i}", "text": f"text {i}", "even": i % 2 == 0} for i in range(first, first + n)]


def nearest(vectors: NDArray[np.float32], query: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
    ranks = np.argsort(np.argsort([f"d{i}" for i in range(len(vectors))])).tolist()
    return [(f"d{doc}", score) for doc, score in reference.search_flat(vectors, query, range(len(vectors)), ranks, k)]


@pytest.fixture(params=["memory", "disk"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "c" if request.param == "disk" else None


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_hits_are_those_of_brute_force(precision: str, path: Path | None) -> None:
    vectors, queries = some(1, 300), some(2, 9)
    vectors[5] = 0
    collection = Collection.create(path, legs={"d": f"given:dense:{DIM},precision={precision}"})
    assert collection.add(texts(300), vectors=vectors).added == 300
    for _ in range(2):
        for k in (1, 10, 1_000):
            expected = [nearest(vectors, query, k) for query in queries]
            assert list(collection.rank_many(k=k, vectors=queries, threads=2)) == expected
            assert [list(collection.rank_many(k=k, vectors=[q], threads=1)[0]) for q in queries] == expected
        assert len(collection.rank_many(k=1_000, vectors=queries)[0]) == 299  # d5 has no vector
        assert collection.check() == []
        if path is not None:
            collection.close()
            collection = Collection.open(path)
    collection.close()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_after_any_changes_hits_are_those_of_a_fresh_build(
    precision: str, path: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "FAN", 3)
    monkeypatch.setattr(plan, "SMALL", 0)
    rng = np.random.default_rng(5)
    legs = {"words": "bm25", "d": f"given:dense:{DIM},precision={precision}"}
    collection = Collection.create(path, legs=legs)
    alive: dict[int, NDArray[np.float32]] = {}
    queries = some(6, 5)
    for step in range(30):
        numbers = rng.choice(80, int(rng.integers(1, 20)), replace=False).tolist()
        if rng.random() < 0.7:
            vectors = rng.standard_normal((len(numbers), DIM)).astype(np.float32)
            collection.add([texts(1, n)[0] for n in numbers], vectors=vectors)
            alive.update(zip(numbers, vectors, strict=True))
        else:
            collection.delete([f"d{n}" for n in numbers])
            alive = {n: vector for n, vector in alive.items() if n not in numbers}
        if step % 10 == 9:
            with Collection.create(legs=legs) as fresh:
                fresh.add([texts(1, n)[0] for n in alive], vectors=list(alive.values()))
                for where in (None, "even = true"):
                    how: dict[str, Any] = {"legs": ["d"], "vectors": queries, "where": where}
                    assert list(collection.rank_many(k=12, **how)) == list(fresh.rank_many(k=12, **how))
            assert collection.check() == []
            collection.compact()
    assert collection.info().segments == 1
    assert collection.info().deleted == 0
    collection.close()


def test_past_one_segment_and_with_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "MAX_DOCUMENTS", 100)
    monkeypatch.setattr(plan, "MAX_DOCUMENTS", 100)
    vectors, query = some(1, 550), some(2, 1)[0]
    with Collection.create(legs={"d": f"given:dense:{DIM}"}) as collection:
        documents = [{**one, "rare": i % 50 == 0} for i, one in enumerate(texts(550))]
        collection.add(documents, vectors=vectors)
        assert collection.info().segments > 5
        assert list(collection.rank_many(k=7, vectors=[query])[0]) == nearest(vectors, query, 7)
        for where, step in (("even = true", 2), ("rare = true", 50)):
            expected = [hit for hit in nearest(vectors, query, 550) if int(hit[0][1:]) % step == 0][:7]
            assert list(collection.rank_many(k=7, vectors=[query], where=where)[0]) == expected


def test_ties_come_by_id_and_negative_scores_are_hits() -> None:
    with Collection.create(legs={"d": "given:dense:2"}) as collection:
        for ids in (["b", "a"], ["c", "é"]):
            collection.add([{"id": i, "text": ""} for i in ids], vectors=[[1, 0], [1, 0]])
        collection.add([{"id": "far", "text": ""}, {"id": "none", "text": ""}], vectors=[[-2, 0], None])
        hits = collection.search(vectors=[1.0, 0.0], k=9)
        assert [(hit.id, hit.score) for hit in hits] == [("a", 1), ("b", 1), ("c", 1), ("é", 1), ("far", -2)]
        assert [hit.id for hit in collection.search(vectors=[1, 0], k=2)] == ["a", "b"]
        assert list(collection.search(vectors=[0, 0])) == []
        assert list(collection.search(vectors=[1, 0], k=0)) == []


def test_cosine_brings_both_sides_to_length_one() -> None:
    with Collection.create(legs={"d": "given:dense:2,similarity=cosine"}) as collection:
        collection.add([{"id": "long", "text": ""}, {"id": "near", "text": ""}], vectors=[[0, 100], [0.2, 0.2]])
        hits = collection.search(vectors=np.array([3.0, 3.0]))
        assert [hit.id for hit in hits] == ["near", "long"]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5])


def test_vectors_may_have_any_form_that_is_rows_of_numbers() -> None:
    vectors = some(3, 4)
    forms: list[Any] = [vectors, vectors.astype(np.float64), vectors.tolist(), iter(vectors), tuple(vectors)]
    for form in forms:
        with Collection.create(legs={"d": f"given:dense:{DIM}", "w": "bm25"}) as collection:
            collection.add(texts(4), vectors={"d": form})
            for query in (vectors[2], vectors[2:3], vectors[2].tolist()):
                assert collection.search("text", vectors=query, legs=["d"])[0].id == "d2"
                assert collection.search("text 2", vectors={"d": query})[0].id == "d2"


BAD: list[tuple[Any, str]] = [
    ([[1.0] * DIM, [np.nan] * DIM], "dimension 0 has the value nan"),
    ([[1.0] * DIM, [1.0] * 3], r"shape \(3,\)"),
    ([[1.0] * DIM, [1e300] * DIM], "inf"),
    ([[1.0] * DIM, [1e30] * DIM], "must be shorter"),
    ([[1.0] * DIM, ["x"] * DIM], "must hold numbers"),
    ([[1.0] * DIM, {"a": 1.0}], "it is a dict"),
]


@pytest.mark.parametrize(("vectors", "message"), BAD)
def test_an_unfit_vector_is_named_and_can_be_skipped(vectors: Any, message: str) -> None:
    with Collection.create(legs={"d": f"given:dense:{DIM}"}) as collection:
        with pytest.raises(DocumentError, match=message):
            collection.add(texts(2), vectors=vectors)
        assert len(collection) == 0
        report = collection.add(texts(2), vectors=vectors, skip_bad=True)
        assert (report.added, report.skipped) == (1, 1)
        assert "vector 1 of leg 'd'" in report.problems[0]


def test_float16_ends_early() -> None:
    legs = {"d": "given:dense:2,precision=float16"}
    message = "dimension 1 has the value 70000, float16 ends at 65504"
    with Collection.create(legs=legs) as collection, pytest.raises(DocumentError, match=message):
        collection.add(texts(1), vectors=[[1.0, 7e4]])


def test_input_that_cannot_be_vectors_of_the_leg() -> None:
    with Collection.create(legs={"d": f"given:dense:{DIM}"}) as collection:
        with pytest.raises(InputError, match="takes vectors, not texts"):
            collection.add(texts(1))
        with pytest.raises(InputError, match=rf"it takes \(n, {DIM}\)"):
            collection.add(texts(1), vectors=np.zeros((1, 3)))
        with pytest.raises(InputError, match="in a list"):
            collection.add(texts(1), vectors=np.zeros(DIM))
        with pytest.raises(InputError, match="3 vectors for 1 documents"):
            collection.add(texts(1), vectors=some(1, 3))
        with pytest.raises(InputError, match="toarray"):
            collection.add(texts(1), vectors=(type("Csr", (), {"indptr": 0})()))
        collection.add(texts(3), vectors=some(1, 3))
        with pytest.raises(InputError, match="takes vectors, not texts"):
            collection.search("text")
        with pytest.raises(InputError, match="dimension 2 has the value nan"):
            collection.search(vectors=[0.0, 0.0, np.nan, *[0.0] * (DIM - 3)])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("given:dense", "no number of dimensions"),
        ("given:dense:0", "dim is 0"),
        ("given:dense:70000", "1 to 65,536"),
        ("given:dense:8,precision=int4", "did you mean 'int8'"),
        ("given:dense:8,similarity=euclid", "Legal: cosine, dot"),
        ("given:dense:8,negative=allow", "unknown option 'negative'"),
    ],
)
def test_unfit_specs(spec: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Collection.create(legs={"d": spec})


def test_a_leg_of_another_dimension_or_precision_is_another_leg(tmp_path: Path) -> None:
    spec = "given:dense:8,precision=float16,similarity=cosine"
    with Collection.create(tmp_path / "c", legs={"d": spec}) as collection:
        assert collection.legs["d"].spec == spec
    with pytest.raises(EncoderMismatch, match=r"given:dense:8,precision=float16.*not with 'given:dense:9'"):
        Collection.open(tmp_path / "c", legs={"d": "given:dense:9"})
    with Collection.open(tmp_path / "c", legs={"d": spec}) as collection:
        assert collection.info().legs[0].encoder == spec


def test_a_damaged_vector_is_found_and_its_document_dropped_by_repair(tmp_path: Path) -> None:
    path = tmp_path / "c"
    vectors = np.random.default_rng(0).standard_normal((2_000, 600)).astype(np.float32)  # past a bundle
    with Collection.create(path, legs={"words": "bm25", "d": "given:dense:600"}) as collection:
        collection.add(texts(2_000), vectors=vectors)
        collection.add([{"id": "whole", "text": "other"}], vectors=vectors[:1])
    file = next(path.glob("segments/*/d/rows.npy"))
    data = bytearray(file.read_bytes())
    data[5_000] ^= 1
    file.write_bytes(data)
    with Collection.open(path) as collection:
        assert "does not match its checksum" in collection.check()[0]
    told = " ".join(Collection.repair(path))
    assert "vectors given for leg d are lost" in told
    with Collection.open(path) as collection:
        assert collection.check() == []
        assert [hit.id for hit in collection.search(vectors=vectors[0], legs=["d"])] == ["whole"]


def test_a_dense_leg_explains_its_score_to_the_last_bit() -> None:
    vectors = some(1, 30)
    legs = {"words": "bm25", "d": f"given:dense:{DIM}"}
    with Collection.create(legs=legs) as collection:
        collection.add(texts(30), vectors=vectors)
        ways: list[dict[str, Any]] = [{"fuse": "rrf"}, {"fuse": "minmax"}, {"legs": ["d"]}]
        for how in ways:
            for hit in collection.search("text 3", 5, vectors=vectors[3], **how):
                told = collection.explain("text 3", hit.id, 5, vectors=vectors[3], **how)
                assert told.score == hit.score
                leg = next(one for one in told.legs if one.leg == "d")
                if "d" in hit.legs:
                    assert (leg.score, leg.rank) == (hit.legs["d"].score, hit.legs["d"].rank)
                assert sum(part.contribution for part in leg.parts) == pytest.approx(leg.score)


def test_feedback_moves_the_query_towards_its_first_hits() -> None:
    vectors = some(1, 40)
    query = vectors[0] + vectors[1]
    with Collection.create(legs={"d": f"given:dense:{DIM},similarity=cosine"}) as collection:
        collection.add(texts(40), vectors=vectors)
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        first = [int(hit.id[1:]) for hit in collection.search(vectors=query, k=3)]
        moved = 0.25 * query / np.linalg.norm(query) + 0.75 * units[first].mean(axis=0)
        expected = units @ (moved / np.linalg.norm(moved))
        hits = collection.search(vectors=query, k=40, feedback="average")
        assert [hit.score for hit in hits] == pytest.approx(sorted(expected.tolist(), reverse=True), abs=1e-5)
        told = collection.explain(None, hits[0].id, vectors=query, feedback="average")
        assert told.score == hits[0].score
        with pytest.raises(OptionError, match="has no terms, which rm3 weighs"):
            collection.search(vectors=query, feedback="rm3")


def test_warming_up_takes_the_leg() -> None:
    warm_up("given:dense:3")
