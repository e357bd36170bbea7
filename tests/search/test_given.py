"""Vectors from elsewhere: hits are those of a plain inner product, whatever was added, replaced and deleted before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen import Collection, Document
from numen.errors import DocumentError, EncoderMismatch, InputError, OptionError
from numen.search import warm_up

Vector = Mapping[Any, float]

SPECS = ["given", "given:40", "given:terms", "given:40,negative=allow", "given:terms,negative=allow"]


def texts(ids: Mapping[str, Vector]) -> list[dict[str, str]]:
    return [{"id": id_, "text": f"text of {id_}"} for id_ in ids]


def ranked(vectors: Mapping[str, Vector], query: Vector) -> list[tuple[str, float]]:
    """(id, inner product) of the documents with a positive one, by score, then by id; in float64."""
    scores = {
        id_: sum(
            float(np.float32(query[key])) * float(np.float32(value)) for key, value in vector.items() if key in query
        )
        for id_, vector in vectors.items()
    }
    return sorted(((id_, score) for id_, score in scores.items() if score > 0), key=lambda hit: (-hit[1], hit[0]))


def some_vector(rng: np.random.Generator, spec: str, n: int) -> dict[Any, float]:
    """Values are eighths, so that sums are exact, and zeros among them."""
    low = -16 if "negative" in spec else 0
    keys = rng.choice(40, n, replace=False).tolist()
    return {f"term {key}" if "terms" in spec else key: int(rng.integers(low, 17)) / 8 for key in keys}


def some_vectors(seed: int, spec: str, n: int) -> dict[str, dict[Any, float]]:
    rng = np.random.default_rng(seed)
    return {f"d{i}": some_vector(rng, spec, int(rng.integers(0, 12))) for i in range(n)}


def as_csr(rows: list[dict[int, float]]) -> tuple[Any, Any, Any]:
    flat = [entry for row in rows for entry in row.items()]
    return (
        np.cumsum([0, *map(len, rows)]),
        np.array([key for key, _ in flat], np.int32),
        np.array([value for _, value in flat], np.float32),
    )


@pytest.fixture(params=["memory", "disk"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "c" if request.param == "disk" else None


@pytest.mark.parametrize("spec", SPECS)
def test_hits_are_those_of_the_inner_product(spec: str, path: Path | None) -> None:
    vectors = some_vectors(1, spec, 300)
    queries = list(some_vectors(2, spec, 20).values())
    collection = Collection.create(path, legs={"leg": spec})
    assert collection.add(texts(vectors), vectors=vectors.values()).added == 300
    for _ in range(2):
        rankings = collection.rank_many(k=1_000, vectors=queries, threads=2)
        assert list(rankings) == [ranked(vectors, query) for query in queries]
        assert list(collection.rank_many(k=7, vectors=queries)) == [ranked(vectors, query)[:7] for query in queries]
        for query in queries[:3]:
            hits = collection.search(None, 5, vectors=query)
            assert [(hit.id, hit.score) for hit in hits] == ranked(vectors, query)[:5]
            assert (hits.query, hits.exact) == ("", True)
        assert collection.check() == []
        if path is not None:
            collection.close()
            collection = Collection.open(path, legs={"leg": spec})
    collection.close()


def test_every_form_of_input_gives_the_same_index() -> None:
    vectors = some_vectors(3, "given", 50)
    rows, query = list(vectors.values()), dict.fromkeys(range(40), 1.0)
    sparse = pytest.importorskip("scipy.sparse")
    arrays = as_csr(rows)
    forms: list[Callable[[], Any]] = [
        lambda: rows,
        lambda: iter(rows),
        lambda: arrays,
        lambda: sparse.csr_array((arrays[2], arrays[1], arrays[0]), (50, 40)),
        lambda: sparse.csr_matrix((arrays[2].astype(np.float64), arrays[1], arrays[0]), (50, 40)),
        lambda: {"leg": rows},
    ]
    expected = ranked(vectors, query)
    matrix = sparse.csr_matrix(np.ones((1, 40)))
    for form in forms:
        with Collection.create(legs={"leg": "given:40"}) as collection:
            collection.add(texts(vectors), vectors=form())
            for one in (query, {"leg": query}, [query], matrix, {"leg": matrix}, as_csr([query])):
                assert [(h.id, h.score) for h in collection.search(k=50, vectors=one)] == expected


@given(
    st.lists(st.dictionaries(st.integers(0, 5), st.floats(0, 1e6, width=32), max_size=6), min_size=1, max_size=8),
    st.dictionaries(st.integers(0, 5), st.floats(0, 1e6, width=32), max_size=6),
    st.integers(1, 9),
)
@settings(deadline=None, max_examples=60)
def test_any_vectors_are_scored_as_numpy_scores_them(
    rows: list[dict[int, float]], query: dict[int, float], k: int
) -> None:
    dense = np.zeros((len(rows) + 1, 6))
    for place, row in enumerate([*rows, query]):
        dense[place, list(row)] = list(row.values())
    # What is too small for float32 is no score, and so no hit.
    products = dense[:-1] * dense[-1]
    expected = {f"{i}": score for i, score in enumerate(products.sum(axis=1)) if score > 1e-30}
    with Collection.create(legs={"leg": "given:6"}) as collection:
        collection.add([Document(str(i), "") for i in range(len(rows))], vectors=rows)
        found = collection.rank_many(k=20, vectors=[query])[0]
        kept = [(id_, score) for id_, score in found if score > 1e-30]
        assert {id_ for id_, _ in kept} == set(expected)
        assert all(score == pytest.approx(expected[id_], rel=1e-6) for id_, score in kept)
        assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))
        assert collection.rank_many(k=k, vectors=[query])[0] == found[:k]


def test_large_segments_with_keys_that_nearly_all_documents_have() -> None:
    rng = np.random.default_rng(4)
    n, width = 6_000, 6
    indices = np.sort(np.stack([rng.choice(12, width, replace=False) for _ in range(n)]), axis=1).astype(np.int32)
    values = (rng.integers(1, 65, (n, width)) / 32).astype(np.float32)
    arrays = (np.arange(n + 1) * width, indices.ravel(), values.ravel())
    dense = np.zeros((n, 12), np.float32)
    np.put_along_axis(dense, indices.astype(np.int64), values, axis=1)
    queries = [{int(key): float(rng.integers(1, 9)) / 4 for key in rng.choice(12, 3, replace=False)} for _ in range(8)]
    ids = np.array([f"{i:05}" for i in range(n)])
    with Collection.create(legs={"leg": "given:12"}) as collection:
        collection.add([Document(id_, "") for id_ in ids.tolist()], vectors=arrays)
        for query, found in zip(queries, collection.rank_many(k=25, vectors=queries), strict=True):
            scores = dense[:, list(query)] @ np.array(list(query.values()), np.float32)
            best = np.lexsort((ids, -scores))[:25]
            assert found == list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))


@pytest.mark.parametrize("spec", [*SPECS, "given,precision=8bit", "given:terms,precision=8bit,negative=allow"])
def test_after_any_changes_hits_are_those_of_a_fresh_build(spec: str, path: Path | None) -> None:
    rng = np.random.default_rng(5)
    queries = list(some_vectors(6, spec, 6).values())
    alive: dict[str, dict[Any, float]] = {}
    collection = Collection.create(path, legs={"leg": spec})
    for step in range(24):
        if rng.random() < 0.7:
            some = {
                f"d{i}": {
                    key: rng.random() * (1 if value >= 0 else -1) for key, value in some_vector(rng, spec, 8).items()
                }
                for i in rng.choice(60, int(rng.integers(1, 12)), replace=False).tolist()
            }
            report = collection.add(texts(some), vectors=some.values())
            assert (report.added, report.replaced) == (len(some.keys() - alive.keys()), len(some.keys() & alive.keys()))
            alive = {**{id_: vector for id_, vector in alive.items() if id_ not in some}, **some}
        else:
            gone = [f"d{i}" for i in rng.choice(60, 8, replace=False).tolist()]
            assert collection.delete(gone) == len(alive.keys() & set(gone))
            alive = {id_: vector for id_, vector in alive.items() if id_ not in gone}
        if step == 20:
            collection.compact()
        if path is not None and step % 8 == 7:
            collection.close()
            collection = Collection.open(path)
        if step % 4 == 3:
            with Collection.create(legs={"leg": spec}) as fresh:
                fresh.add(texts(alive), vectors=alive.values())
                assert list(collection.rank_many(k=100, vectors=queries)) == list(
                    fresh.rank_many(k=100, vectors=queries)
                )
                assert list(collection.rank_many(k=4, vectors=queries)) == list(fresh.rank_many(k=4, vectors=queries))
            assert collection.check() == []
    collection.close()


def test_eight_bits_are_the_value_rounded_to_255_steps_of_the_largest() -> None:
    vectors = {"a": {1: 2.55, 2: 0.1, 3: 1.0}, "b": {1: 0.1}}
    with Collection.create(legs={"leg": "given,precision=8bit"}) as collection:
        collection.add(texts(vectors), vectors=vectors.values())
        for key, value in vectors["a"].items():
            hits = {hit.id: hit.score for hit in collection.search(vectors={key: 1.0})}
            assert hits["a"] == pytest.approx(value, abs=2.55 / 255 / 2 + 1e-6)
        assert hits.keys() == {"a"}


# Documents and their vectors travel together ------------------------------------------------------------------------


def found(collection: Collection, query: Vector, **options: Any) -> list[tuple[str, float]]:
    return [(hit.id, hit.score) for hit in collection.search(k=100, vectors=query, **options)]


def test_the_last_of_an_id_wins_with_its_vector() -> None:
    with Collection.create(legs={"leg": "given"}) as collection:
        documents = [{"id": id_, "text": text} for id_, text in (("x", "1"), ("y", "2"), ("x", "3"))]
        report = collection.add(documents, vectors=[{1: 1.0}, {1: 2.0}, {1: 3.0}])
        assert (report.added, report.repeated) == (2, 1)
        assert found(collection, {1: 1.0}) == [("x", 3.0), ("y", 2.0)]
        assert collection.add(documents[:1], vectors=[{2: 5.0}]).replaced == 1
        assert found(collection, {1: 1.0, 2: 1.0}) == [("x", 5.0), ("y", 2.0)]


@pytest.mark.parametrize("csr", [False, True])
def test_a_document_that_is_left_out_takes_its_vector_along(csr: bool) -> None:
    documents = [{"id": "a", "text": ""}, {"id": "", "text": "bad"}, {"id": "b", "text": ""}, {"text": "no id"}]
    rows: list[dict[int, float]] = [{1: 1.0}, {1: float("nan")}, {1: 3.0}, {2: 4.0}]
    with Collection.create(legs={"leg": "given"}) as collection:
        report = collection.add(documents, vectors=as_csr(rows) if csr else rows, skip_bad=True)
        assert (report.added, report.skipped) == (2, 2)
        assert found(collection, {1: 1.0, 2: 1.0}) == [("b", 3.0), ("a", 1.0)]


@pytest.mark.parametrize("csr", [False, True])
def test_an_unfit_vector_names_the_document_and_takes_it_along(csr: bool) -> None:
    ids = ["a", "b", "a", "c"]
    rows: list[dict[int, float]] = [{1: 1.0}, {7: 1.0, 8: float("nan")}, {9: -1.0}, {1: 4.0}]
    documents = [{"id": id_, "text": ""} for id_ in ids]
    vectors = as_csr(rows) if csr else rows
    with Collection.create(legs={"leg": "given"}) as collection:
        message = r"document 2 of the input: document 'b': vector 1 of leg 'leg': index 8 has the value nan"
        with pytest.raises(DocumentError, match=message):
            collection.add(documents, vectors=vectors)
        assert len(collection) == 0
        report = collection.add(documents, vectors=vectors, skip_bad=True)
        assert (report.added, report.skipped, report.repeated) == (2, 2, 0)
        assert "document 3 of the input: document 'a': vector 2 of leg 'leg': index 9" in report.problems[1]
        assert found(collection, {1: 1.0}) == [("c", 4.0), ("a", 1.0)]


def test_an_error_leaves_nothing_behind(path: Path | None) -> None:
    vectors = some_vectors(7, "given:40", 3_000)
    with Collection.create(path, legs={"leg": "given:40"}) as collection:
        collection.add([{"id": "before", "text": ""}], vectors=[{39: 100.0}])
        rows = list(vectors.values())
        rows[2_500] = {40: 1.0}
        with pytest.raises(DocumentError, match="document 'd2500': vector 2500 of leg 'leg': index 40 is too large"):
            collection.add(texts(vectors), vectors=rows)
        assert len(collection) == 1
        assert found(collection, {39: 1.0}) == [("before", 100.0)]
        assert collection.check() == []


@pytest.mark.parametrize("n", [0, 1, 2, 4, 5, 3_000])
def test_as_many_vectors_as_documents(n: int) -> None:
    def lazily(items: list[Any]) -> Iterator[Any]:
        yield from items

    documents = [{"id": str(i), "text": ""} for i in range(3)]
    rows: list[dict[int, float]] = [{1: 1.0}] * n
    with Collection.create(legs={"leg": "given"}) as collection:
        for vectors in (rows, as_csr(rows), lazily(rows)):
            for some in (documents, lazily(documents)):
                with pytest.raises(InputError, match=r"leg 'leg' got .*documents; give one for each"):
                    collection.add(some, vectors=vectors)
        assert len(collection) == 0


def test_documents_and_vectors_are_read_side_by_side() -> None:
    ahead: list[int] = []
    read = {"documents": 0, "vectors": 0}

    def counted(name: str, items: list[Any]) -> Iterator[Any]:
        for item in items:
            read[name] += 1
            ahead.append(abs(read["documents"] - read["vectors"]))
            yield item

    vectors = some_vectors(8, "given", 2_500)
    with Collection.create(legs={"leg": "given"}) as collection:
        collection.add(counted("documents", texts(vectors)), vectors=counted("vectors", list(vectors.values())))
        assert max(ahead) <= 1
        assert found(collection, {1: 1.0}) == ranked(vectors, {1: 1.0})[:100]


# Several legs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(path: Path | None) -> Iterator[Collection]:
    with Collection.create(path, legs={"words": "bm25", "splade": "given:9", "tags": "given:terms"}) as collection:
        collection.add(
            [{"id": "a", "text": "red fox"}, {"id": "b", "text": "red hen"}, {"id": "c", "text": "blue fox"}],
            vectors={"splade": [{1: 1.0}, {1: 2.0, 2: 1.0}, {}], "tags": [{"x": 1.0}, {}, {"x": 2.0, "y": 1.0}]},
        )
        yield collection


def test_legs_of_both_kinds_are_fused(mixed: Collection) -> None:
    hits = mixed.search("red", vectors={"splade": {1: 1.0}, "tags": {"x": 1.0}})
    assert [hit.id for hit in hits] == ["a", "b", "c"]
    assert {name: leg.rank for name, leg in hits[0].legs.items()} == {"words": 1, "splade": 2, "tags": 2}
    assert {name: leg.score for name, leg in hits[2].legs.items()} == {"tags": 2.0}
    assert hits[0].score == pytest.approx(1 / 61 + 2 / 62)
    many = mixed.search_many(["red", "blue"], vectors={"splade": [{1: 1.0}, {}], "tags": [{"x": 1.0}, {"y": 1.0}]})
    assert list(many[0]) == list(hits)
    assert [hit.id for hit in many[1]] == ["c"]


def test_a_text_may_be_left_out_and_so_may_legs(mixed: Collection) -> None:
    assert [hit.id for hit in mixed.search("hen", legs=["words"])] == ["b"]
    assert found(mixed, {1: 1.0}, legs=["splade"]) == [("b", 2.0), ("a", 1.0)]
    assert [h.id for h in mixed.search("fox", legs=["words", "tags"], vectors={"tags": {"y": 1.0}})] == ["c", "a"]
    hits = mixed.search(vectors={"splade": {2: 1.0}, "tags": {}})
    assert [hit.id for hit in hits] == ["b"]
    assert list(mixed.rank_many(k=1, vectors=[{1: 1.0}, {}], legs=["splade"])) == [[("b", 2.0)], []]


def test_a_filter_keeps_its_documents_in_legs_of_vectors() -> None:
    with Collection.create(legs={"leg": "given"}) as collection:
        documents = [{"id": str(i), "text": "", "n": i} for i in range(300)]
        collection.add(documents, vectors=[{1: 1.0 + i} for i in range(300)])
        assert found(collection, {1: 1.0}, where="n < 2") == [("1", 2.0), ("0", 1.0)]
        assert found(collection, {1: 0.5}, where="n >= 298") == [("299", 150.0), ("298", 149.5)]


def test_progress_and_batches_of_queries_change_nothing(mixed: Collection) -> None:
    queries: list[dict[Any, float]] = [{1: 1.0, 2: float(i)} for i in range(600)]
    told: list[int] = []
    plain = mixed.rank_many(k=3, vectors=queries, legs=["splade"])
    loud = mixed.rank_many(k=3, vectors=queries, legs=["splade"], progress=lambda _, done, __: told.append(done))
    assert list(plain) == list(loud)
    assert told[-1] == 600


MISUSE: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"query": "red"}, InputError, r"leg 'splade' is made with 'given:9' and takes vectors, not texts: pass vectors="),
    ({"query": "red"}, InputError, r"or search without it: legs=\['words'\]"),
    ({"query": "red", "legs": ["splade"]}, InputError, r"leg 'splade' .* pass vectors=X$"),
    ({"query": "red", "legs": ["words", "tags"]}, InputError, "leg 'tags' is made with 'given:terms' and takes"),
    ({"query": "red", "vectors": {}}, OptionError, "the legs splade, tags take vectors; say whose these are"),
    ({"query": "red", "vectors": {"splade": {1: 1.0}}}, InputError, r"leg 'tags' .*legs=\['words', 'splade'\]"),
    ({"vectors": {"splad": {1: 1.0}}}, OptionError, "leg 'splad', which is not there; did you mean 'splade'"),
    ({"vectors": {"words": {1: 1.0}}}, OptionError, "leg 'words', but 'bm25' makes its own from the text"),
    ({"vectors": {"tags": {"x": 1.0}}, "legs": ["splade"]}, OptionError, "leg 'tags', which is not among the legs"),
    ({"vectors": {1: 1.0}}, OptionError, r"the legs splade, tags take vectors; say whose these are"),
    (
        {"vectors": {1: 1.0}, "legs": ["words"]},
        OptionError,
        "none of the legs searched takes any; these do: splade, tags",
    ),
    (
        {"vectors": {1: float("nan")}, "legs": ["splade"]},
        InputError,
        "vector 0 of leg 'splade': index 1 has the value nan",
    ),
    ({"vectors": {9: 1.0}, "legs": ["splade"]}, InputError, "index 9 is too large: numbers must be below 9"),
    ({"vectors": {1: -1.0}, "legs": ["splade"]}, InputError, "index 1 has the value -1.0"),
    ({"vectors": {1: "1"}, "legs": ["splade"]}, InputError, "the weight of 1 is '1'"),
    ({"vectors": {"x": 1.0}, "legs": ["splade"]}, InputError, "'x' is no index"),
    ({"vectors": {1: 1.0}, "legs": ["tags"]}, InputError, "1 is no term"),
    (
        {"vectors": [{1: 1.0}, {1: 1.0}], "legs": ["splade"], "query": "x"},
        InputError,
        "got 2 vectors, the queries are 1",
    ),
    ({"vectors": [{1: 1.0}, {1: 1.0}], "legs": ["splade"]}, InputError, "got 2 vectors, the queries are 1"),
    ({"vectors": [], "legs": ["splade"]}, InputError, "got 0 vectors, the queries are 1"),
    ({"legs": ["words"]}, InputError, "there are no queries: give texts, or vectors, or both"),
]


@pytest.mark.parametrize("case", range(len(MISUSE)))
def test_misuse_of_a_search_says_what_is_wrong(mixed: Collection, case: int) -> None:
    arguments, error, message = MISUSE[case]
    with pytest.raises(error, match=message):
        mixed.search(**arguments)
    with pytest.raises(error, match=message):
        mixed.explain(arguments.get("query"), "a", **{k: v for k, v in arguments.items() if k != "query"})


def test_misuse_of_a_batch_says_what_is_wrong(mixed: Collection) -> None:
    with pytest.raises(InputError, match=r"a single vector; put it in a list: vectors=\[vector\]"):
        mixed.search_many(["red"], vectors={1: 1.0}, legs=["splade"])
    with pytest.raises(InputError, match=r"leg 'splade' got a single mapping; put a single vector in a list"):
        mixed.search_many(["red"], vectors={"splade": {1: 1.0}}, legs=["splade"])
    with pytest.raises(InputError, match="leg 'splade' got 1 vectors, the queries are 2"):
        mixed.rank_many(["red", "hen"], vectors=[{1: 1.0}], legs=["splade"])
    with pytest.raises(InputError, match="there are no queries"):
        mixed.rank_many(legs=["words"])
    assert mixed.search_many([], vectors=[], legs=["splade"]) == []
    assert mixed.search_many(vectors=[], legs=["splade"]) == []


def test_misuse_of_add_says_what_is_wrong(mixed: Collection) -> None:
    documents = [{"id": "z", "text": "red"}]
    for vectors, error, message in (
        (
            None,
            InputError,
            r"leg 'splade' is made with 'given:9' and takes vectors, not texts: add\(documents, vectors=",
        ),
        ({"splade": [{}]}, InputError, "leg 'tags' is made with"),
        ([{}], OptionError, "the legs splade, tags take vectors; say whose"),
        ({"splade": [{}], "tags": [{}], "words": [{}]}, OptionError, "leg 'words', but 'bm25' makes its own"),
        ({"splade": [{}], "tag": [{}]}, OptionError, "did you mean 'tags'"),
        ({"splade": {}, "tags": [{}]}, InputError, "put a single vector in a list"),
    ):
        with pytest.raises(error, match=message):
            mixed.add(documents, vectors=vectors)
    assert "z" not in mixed
    with Collection.create() as words:
        with pytest.raises(OptionError, match="no leg takes any; make one"):
            words.add(documents, vectors=[{}])
        with pytest.raises(OptionError, match="no leg takes any"):
            words.search("red", vectors={1: 1.0})


def test_a_collection_says_what_its_legs_are(tmp_path: Path) -> None:
    with Collection.create(tmp_path / "c", legs={"s": "given:9,negative=allow"}) as collection:
        assert "s=given:9,negative=allow" in repr(collection)
        collection.add([{"id": "a", "text": ""}], vectors=[{1: -1.0}])
        (leg,) = collection.info().legs
        assert (leg.encoder, leg.terms, leg.postings) == ("given:9,negative=allow", 1, 1)
    with pytest.raises(EncoderMismatch, match="made with 'given:9,negative=allow', not with 'given:9'"):
        Collection.open(tmp_path / "c", legs={"s": "given:9"})


def test_empty_collections_queries_and_vectors(path: Path | None) -> None:
    with Collection.create(path, legs={"leg": "given"}) as collection:
        assert found(collection, {1: 1.0}) == []
        assert collection.add([], vectors=[]).added == 0
        collection.add([{"id": "a", "text": "x"}, {"id": "b", "text": "y"}], vectors=[{}, {1: 0.0}])
        assert len(collection) == 2
        assert found(collection, {1: 1.0}) == found(collection, {}) == []
        collection.compact()
        assert collection.check() == []
        collection.delete(["a", "b"])
        assert found(collection, {1: 1.0}) == []


def test_equal_scores_come_by_id() -> None:
    with Collection.create(legs={"leg": "given"}) as collection:
        for ids in (["b", "é", "a"], ["B", "aa", "10", "9"]):
            collection.add([{"id": i, "text": ""} for i in ids], vectors=[{5: 0.1}] * len(ids))
        hits = collection.search(k=5, vectors={5: 0.3})
        assert [hit.id for hit in hits] == ["10", "9", "B", "a", "aa"]


@pytest.mark.parametrize("spec", SPECS)
def test_warming_up_needs_no_vectors(spec: str) -> None:
    warm_up(spec)


# Explanations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [*SPECS, "given:40,precision=8bit"])
def test_contributions_add_up_to_the_score(spec: str) -> None:
    vectors = some_vectors(9, spec, 80)
    query = some_vector(np.random.default_rng(10), spec, 20)
    with Collection.create(legs={"leg": spec}) as collection:
        collection.add(texts(vectors), vectors=vectors.values())
        hits = collection.search(k=80, vectors=query)
        assert len(hits) > 10
        for hit in hits:
            explanation = collection.explain(None, hit.id, 80, vectors=query)
            (leg,) = explanation.legs
            assert (explanation.score, leg.rank, leg.constant) == (hit.score, hit.rank, 0.0)
            assert sum(part.contribution for part in leg.parts) == pytest.approx(hit.score, rel=1e-6)
            shared = {str(k): v for k, v in vectors[hit.id].items() if query.get(k) and v}
            assert {part.term for part in leg.parts} == set(shared)
            assert set(leg.missing) == {str(key) for key, weight in query.items() if weight} - set(shared)
            for part in leg.parts:
                key = part.term if "terms" in spec else int(part.term)
                assert part.query_weight == query[key]
                assert part.document_weight == pytest.approx(shared[part.term], abs=0.005 if "8bit" in spec else 0)
                assert part.contribution == pytest.approx(part.query_weight * part.document_weight, abs=1e-5)
                assert (part.count, part.document_frequency) == (1, sum(bool(v.get(key)) for v in vectors.values()))


def test_a_document_that_is_no_hit_is_explained() -> None:
    with Collection.create(legs={"words": "bm25", "leg": "given,negative=allow"}) as collection:
        collection.add([{"id": "a", "text": "fox"}, {"id": "b", "text": "hen"}], vectors=[{1: -2.0}, {1: 1.0}])
        words, leg = collection.explain("fox", "a", vectors={1: 0.5}).legs
        assert (leg.score, leg.rank, leg.fused) == (-1.0, None, 0.0)
        assert [(part.term, part.query_weight, part.document_weight) for part in leg.parts] == [("1", 0.5, -2.0)]
        assert words.rank == 1
