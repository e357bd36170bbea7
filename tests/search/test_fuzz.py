"""Any document that is taken comes back as it was, from disk too; any string is a filter, or refused with its place."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numen import Collection, Document
from numen.errors import DocumentError, InputError
from numen.search.filter import parse_filter

LEGS = {"words": "bm25", "grams": "numen:64"}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "\0",
        "\ud800",
        "a\0b",
        "e\u0301",
        "\ufdfa",
        "İ",
        "ﬁ",
        "👩‍👩‍👧",
        "\u202e",
        "'; DROP TABLE documents; --",
        "x" * 70_000,
    ]
)
IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {"id": IDS, "text": ANY_TEXT, "title": ANY_TEXT, "metadata": st.dictionaries(st.text(max_size=8), VALUES)}
    ),
    max_size=6,
)


def kept(text: str) -> str:
    """A text as it is kept: half a character, which no file can hold, is the character for unknown ones."""
    return "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)


def kept_json(value: Any) -> Any:
    if isinstance(value, str):
        return kept(value)
    if isinstance(value, list):
        return [kept_json(one) for one in value]
    return {kept(key): kept_json(one) for key, one in value.items()} if isinstance(value, dict) else value


def same(one: Any, other: Any) -> bool:
    """Equal to the type: 1, 1.0 and true differ, and so do 0.0 and -0.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(DOCUMENTS, DOCUMENTS, ANY_TEXT)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
def test_documents_come_back_as_they_were(first: list[Any], second: list[Any], query: str) -> None:
    expected = {
        one["id"]: Document(one["id"], kept(one["text"]), kept(one["title"]), kept_json(one["metadata"]))
        for one in [*first, *second]
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c"
        with Collection.create(path, legs=LEGS) as collection:
            collection.add(first)
            collection.add(second)
            gone = sorted(expected)[::3]
            assert collection.delete([*gone, "absent " * 2]) == len(gone)
        with Collection.open(path) as collection:
            assert collection.check() == []
            assert len(collection) == len(expected) - len(gone)
            held = {one.id: one for one in collection.documents()}
            assert held.keys() == expected.keys() - set(gone)
            for id_, one in held.items():
                found, wanted = collection.get(id_), expected[id_]
                assert one == found
                assert (one.text, one.title) == (wanted.text, wanted.title)
                assert same(one.metadata, wanted.metadata)
            for words in (query, *(one.text[:100] for one in held.values())):
                for hit in collection.search(words, 20):
                    assert hit.score > 0
                    assert (hit.text, hit.title) == (held[hit.id].text, held[hit.id].title)
                    assert same(hit.metadata, held[hit.id].metadata)


TOKENS = st.sampled_from(
    "( ) [ ] , . ; ' \" ` -- = == != <> < <= > >= not and or in is null between exists true false a b.c `x y` 'it''s' "
    "1 -2.5 1e9 9999999999999999999999 \\ \0 ☃ DROP TABLE SELECT * FROM documents year".split(" ")
)


@given(st.lists(TOKENS, max_size=25).map(" ".join) | st.text(max_size=60))
@settings(deadline=None, max_examples=500)
def test_any_string_is_a_filter_or_is_refused_with_its_place(text: str) -> None:
    tree, message = None, ""
    try:
        tree = parse_filter(text)
    except InputError as error:
        message = str(error)
    assert ("character " in message) != (tree is not None)
    if tree is not None:
        assert repr(parse_filter(f"({text})")) == repr(tree)


def test_sql_in_a_string_is_a_string() -> None:
    evil = "x'; DROP TABLE documents; --"
    with Collection.create(legs=LEGS) as collection:
        collection.add([{"id": evil, "text": "word", "name": evil}, {"id": "b", "text": "word", "name": "x"}])
        assert [hit.id for hit in collection.search("word", where={"name": evil})] == [evil]
        quoted = evil.replace("'", "''")
        assert [hit.id for hit in collection.search("word", where=f"name = '{quoted}'")] == [evil]
        with pytest.raises(InputError, match="character 11"):
            collection.search("word", where=f"name = '{evil}'")
        assert collection.delete([evil]) == 1
        assert len(collection) == 1


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("levels", [101, 1_000, 100_000])
def test_metadata_nested_too_deeply_is_refused(levels: int) -> None:
    with Collection.create(legs=LEGS) as collection:
        with pytest.raises(DocumentError, match="nested too deeply, more than 100 levels"):
            collection.add([{"id": "a", "text": "b", "metadata": nested(levels)}])
        assert len(collection) == 0


def test_the_deepest_metadata_is_read_wherever_the_stack_stands() -> None:
    def deep(calls: int) -> Any:
        if calls:
            return deep(calls - 1)
        found = collection.get("a")
        return found.metadata if found else None

    with Collection.create(legs=LEGS) as collection:
        collection.add([{"id": "a", "text": "b", "metadata": nested(100)}])
        assert deep(500) == nested(100)
        assert collection.count(".".join("a" * 100) + " = 1") == 1


def test_numbers_that_python_does_not_write_are_refused() -> None:
    number = -(10**5000)
    with Collection.create(legs=LEGS) as collection:
        for bad in ({"id": "a", "text": "b", "n": number}, {"id": number, "text": "b"}, {"id": "a", "text": number}):
            with pytest.raises(DocumentError, match="a number of more than 14,000 bits"):
                collection.add([bad])
        collection.add([{"id": "a", "text": "b", "n": 10**4000}])
        found = collection.get("a")
        assert found is not None
        assert found.metadata == {"n": 10**4000}
