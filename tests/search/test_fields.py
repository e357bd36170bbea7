"""What there is to filter by: the fields of the living documents' metadata."""

from __future__ import annotations

from typing import Any

import pytest

from numen import Collection
from numen.search import fields as module

DOCUMENTS: list[dict[str, Any]] = [
    {"id": "1", "text": "a", "year": 2020, "lang": "de", "by": {"name": "Ida", "born": 1900.5}, "open": True},
    {"id": "2", "text": "b", "year": 1999, "lang": "fr", "open": False, "tags": ["x"]},
    {"id": "3", "text": "c", "year": "unknown", "lang": "de", "odd name": 1, "nothing": None},
    {"id": "4", "text": "d", "only here": 1},
]


def test_fields_with_their_kinds_values_and_ends() -> None:
    collection = Collection.create()
    collection.add(DOCUMENTS[:2])
    collection.add(DOCUMENTS[2:])
    collection.delete(["4"])
    found = {field.name: field for field in collection.metadata_fields()}
    assert [*found][:2] == ["lang", "year"]  # those that most documents have
    assert "`only here`" not in found
    assert (found["lang"].values, found["lang"].distinct) == ((("de", 2), ("fr", 1)), 2)
    assert (found["year"].least, found["year"].most, found["year"].kinds) == (1999, 2020, ("numbers", "strings"))
    assert found["open"].values == ((False, 1), (True, 1))
    assert found["by.name"].values == (("Ida", 1),)
    assert (found["by"].kinds, found["tags"].kinds, found["nothing"].kinds) == (("objects",), ("lists",), ("null",))
    for field in found.values():
        assert collection.count(f"exists {field.name}") == field.documents


def test_only_so_many_values_are_told_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_DISTINCT", 5)
    collection = Collection.create()
    collection.add({"id": str(n), "text": "x", "name": f"n{n % 7}"} for n in range(70))
    (field,) = collection.metadata_fields(values=3)
    assert (field.values, field.distinct) == ((("n0", 10), ("n1", 10), ("n2", 10)), 5)


def test_a_collection_without_metadata_has_none() -> None:
    collection = Collection.create()
    assert collection.metadata_fields() == ()
    collection.add([{"id": "1", "text": "x"}])
    assert collection.metadata_fields() == ()


@pytest.mark.parametrize(
    "options", [{}, {"feedback": "rm3"}, {"fuse": "minmax"}, {"where": "year = 2020 or year = 1999"}]
)
def test_several_explanations_are_those_asked_one_by_one(options: dict[str, Any]) -> None:
    collection = Collection.create(legs={"words": "bm25", "grams": "numen:256"})
    collection.add([{**one, "text": "fox hen " * n + one["text"]} for n, one in enumerate(DOCUMENTS)])
    together = collection.explain_many("fox a hens", ["2", "1", "4", "2"], **options)
    assert together == [collection.explain("fox a hens", id, **options) for id in ("2", "1", "4", "2")]
    with pytest.raises(ValueError, match="no document has the id"):
        collection.explain_many("fox", ["1", "nobody"])
    with pytest.raises(ValueError, match="list of ids"):
        collection.explain_many("fox", "1")
    assert collection.explain_many("fox", []) == []
