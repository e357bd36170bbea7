"""Words of the first hits that join a query of a leg `auto`."""

from __future__ import annotations

import pytest

from numen import Collection
from numen.search import class_leg

FILLER = [{"id": f"filler{i}", "text": f"nothing of the kind, entry{i} lot{i // 2}"} for i in range(60)]
ANIMALS = [
    {"id": "both", "text": "a feline, the tomcat, with whiskers"},
    {"id": "again", "text": "feline whiskers"},
    {"id": "other", "text": "whiskers of a tomcat"},
]


@pytest.fixture
def collection() -> Collection:
    made = Collection.create()
    made.add([*FILLER, *ANIMALS])
    return made


def test_documents_are_found_by_what_the_first_hits_share(collection: Collection) -> None:
    hits = collection.search("feline").hits
    assert [hit.id for hit in hits] == ["again", "both", "other"]
    parts = collection.explain("feline", "other").legs[0].parts
    assert {part.term for part in parts} == {"whiskers", "tomcat"}
    assert all(part.kind == "related" and part.added and part.asked == () for part in parts)
    assert sum(part.contribution for part in parts) == pytest.approx(hits[2].score, abs=1e-5)


def test_frequent_words_and_lone_ones_do_not_join(collection: Collection) -> None:
    # Every filler has "nothing"; entry5 is in one document alone; lot2 is in two.
    joined = {p.term for p in collection.explain("entry5", "filler5").legs[0].parts if p.kind == "related"}
    assert joined == {"lot2"}
    assert [hit.id for hit in collection.search("entry5").hits] == ["filler5", "filler4"]
    collection.add([{"id": "lot", "text": "plot2 filler plot2"}, {"id": "lots", "text": "entry5 plot2 filler"}])
    joined = {p.term for p in collection.explain("entry5", "lot").legs[0].parts}
    assert joined == {"plot2", "filler"}


def test_a_small_collection_finds_only_what_is_asked_for() -> None:
    with Collection.create() as collection:
        collection.add(ANIMALS)
        assert [hit.id for hit in collection.search("feline").hits] == ["again", "both"]


def test_only_hits_that_a_filter_keeps_bring_words(collection: Collection) -> None:
    collection.add([{"id": "old", "text": "feline panther", "metadata": {"year": 1900}}])
    collection.add([{"id": "older", "text": "panther jaguar", "metadata": {"year": 1900}}])
    where = "year = 1900"
    assert [hit.id for hit in collection.search("feline", where=where).hits] == ["old", "older"]
    parts = collection.explain("feline", "old", where=where).legs[0].parts
    assert {part.term for part in parts if part.kind == "related"} == {"panther", "feline"}
    assert sum(p.contribution for p in parts) == pytest.approx(collection.search("feline", where=where)[0].score)


def test_batches_of_any_size_give_the_same(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = ["feline", "whiskers", "nothing of entry7", "tomcat", "", "absent"]
    together = list(collection.rank_many(queries, 50, threads=1))
    assert together == [next(iter(collection.rank_many([query], 50))) for query in queries]
    monkeypatch.setattr(class_leg, "CELLS", 1)
    assert list(collection.rank_many(queries, 50, threads=2)) == together
