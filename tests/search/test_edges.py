"""The table of edges (docs/PYTHON.md), over every representation, on disk and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from numen import BM25, Collection, Document
from numen.errors import InputError, OptionError

DOCUMENTS = [
    {"id": "a", "text": "the quick brown fox", "title": "Fox"},
    {"id": "b", "text": "the lazy dog sleeps", "lang": "en"},
    {"id": "c", "text": ""},
    {"id": "d", "text": "der schnelle Fuchs"},
]


@pytest.fixture(
    params=["auto", "bm25", "bm25:english", "numen", "numen:16", "numen:2147483648", "numen:64,signed=true"]
)
def spec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["memory", "disk"])
def collection(request: pytest.FixtureRequest, spec: str, tmp_path: Path) -> Iterator[Collection]:
    path = tmp_path / "c" if request.param == "disk" else None
    with Collection.create(path, legs={"leg": spec}) as made:
        made.add(DOCUMENTS)
        yield made


@pytest.mark.parametrize("query", ["", "   ", "\0", "\n\t", "...", "zzzzqqqq"])
def test_a_query_that_matches_nothing_finds_nothing(collection: Collection, query: str) -> None:
    hits = collection.search(query)
    if collection.legs["leg"].spec.startswith("numen:16") or collection.legs["leg"].spec.startswith("numen:64"):
        assert all(hit.score > 0 for hit in hits)  # few buckets: a collision is a match
    elif query.strip("\0 \n\t.") or collection.legs["leg"].form != "log":
        assert list(hits) == []


def test_k_of_zero_and_past_the_end(collection: Collection) -> None:
    assert list(collection.search("quick fox", 0)) == []
    hits = collection.search("quick fox", 1_000_000)
    assert 1 <= len(hits) <= len(DOCUMENTS)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(hit.score > 0 for hit in hits)
    assert hits[0].id == "a"


@pytest.mark.parametrize("k", [-1, 1.5, True, "3"])
def test_an_unfit_k_is_refused(collection: Collection, k: object) -> None:
    with pytest.raises(InputError, match="k is"):
        collection.search("fox", k)  # type: ignore[arg-type]


def test_an_empty_collection_finds_nothing(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        assert list(collection.search("anything")) == []
        assert collection.delete(["a"]) == 0
        assert collection.add([]).added == 0
        collection.compact()
        assert (len(collection), "a" in collection, collection.get("a"), list(collection.documents())) == (
            0,
            False,
            None,
            [],
        )
        assert collection.check() == []
        assert list(collection.rank_many([], 10)) == []


def test_all_deleted(collection: Collection) -> None:
    assert collection.delete([d["id"] for d in DOCUMENTS]) == 4
    assert list(collection.search("fox")) == []
    assert collection.check() == []
    collection.add(DOCUMENTS[:1])
    assert collection.search("fox")[0].id == "a"


def test_an_empty_document_is_kept_and_never_found(collection: Collection) -> None:
    assert "c" in collection
    assert collection.get("c") == Document("c", "")
    assert all(hit.id != "c" for hit in collection.search("the quick lazy der fox dog", 10))


def test_a_segment_without_a_term_of_which_documents_are_deleted(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        collection.add([{"id": "found", "text": "words"}])
        collection.add({"id": f"empty{i}", "text": "."} for i in range(5))
        collection.delete(["empty2"])
        assert [hit.id for hit in collection.search("words")] == ["found"]


def test_one_document_among_none(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        collection.add([Document("only", "word")])
        assert [hit.id for hit in collection.search("word")] == ["only"]


def test_equal_documents_tie_and_come_by_id(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        for ids in (["b", "é", "a"], ["B", "aa", "10", "9"]):
            collection.add([{"id": i, "text": "same words here"} for i in ids])
        hits = collection.search("same words", 5)
        assert [hit.id for hit in hits] == ["10", "9", "B", "a", "aa"]
        assert len({hit.score for hit in hits}) == 1


def test_an_id_twice_in_one_call_the_last_wins(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        report = collection.add([{"id": "x", "text": "first"}, {"id": "x", "text": "second"}])
        assert (report.added, report.repeated, report.replaced) == (1, 1, 0)
        report = collection.add([{"id": "x", "text": "third"}])
        assert (report.added, report.repeated, report.replaced) == (0, 0, 1)
        assert collection.get("x") == Document("x", "third")
        assert [hit.text for hit in collection.search("third")] == ["third"]


@pytest.mark.parametrize(
    "text", ["nul \0 inside", "lone \ud800 surrogate", "emoji 😀 हिन्दी 中文 العربية", "\ufeffbom", "a" * 100]
)
def test_unusual_text_goes_in_and_out(spec: str, text: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        collection.add([{"id": "x", "text": text}])
        found = collection.get("x")
        assert found is not None
        assert found.text == text.replace("\ud800", "\ufffd")
        assert [hit.id for hit in collection.search(text)] == ["x"]


def test_long_documents_words_and_queries(spec: str) -> None:
    long_text = " ".join(f"w{i % 5_000}" for i in range(1_500_000))
    assert len(long_text) > 8_000_000
    with Collection.create(legs={"leg": spec}) as collection:
        collection.add(
            [{"id": "long", "text": long_text}, {"id": "word", "text": "x" * 1_000_000}, {"id": "short", "text": "w1"}]
        )
        assert {hit.id for hit in collection.search("w1 w2")} >= {"long", "short"}
        assert collection.search("x" * 1_000_000)[0].id == "word"
        assert collection.search(long_text[:1_000_000])[0].id == "long"


def test_metadata_and_title_come_back(collection: Collection) -> None:
    hit = collection.search("lazy dog")[0]
    assert (hit.id, hit.title, hit.metadata) == ("b", "", {"lang": "en"})
    assert collection.search("quick")[0].title == "Fox"
    assert hit.legs["leg"].rank == 1
    assert hit.legs["leg"].score == hit.score


def test_options_that_do_not_exist_name_the_nearest() -> None:
    with pytest.raises(OptionError, match="did you mean 'bm25'"):
        Collection.create(legs={"x": "bm52"})
    with pytest.raises(OptionError, match="did you mean 'title'"):
        Collection.create(fields=["titel"])
    with pytest.raises(OptionError, match="at least one leg"):
        Collection.create(legs={})
    with pytest.raises(OptionError, match="leg name"):
        Collection.create(legs={"../x": "bm25"})
    with Collection.create() as collection:
        with pytest.raises(OptionError, match="did you mean 'words'"):
            collection.search("x", legs=["word"])
        with pytest.raises(InputError, match=r"add\(\[document\]\)"):
            collection.add({"id": "x", "text": "y"})  # type: ignore[dict-item]
        with pytest.raises(InputError, match="a list of queries"):
            collection.search_many("text")
    with Collection.create(legs={"x": "numen"}) as collection, pytest.raises(OptionError, match="none of the legs"):
        collection.search("x", bm25=BM25(k1=1))
