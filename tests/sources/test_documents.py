"""The mapping that becomes a document, and the ones that are refused with a message that helps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numen.errors import DocumentError
from numen.sources import checked_document, document_from
from numen.types import Document


def test_all_keys_find_their_place() -> None:
    mapping = {"_id": "a", "title": "T", "text": "x", "metadata": {"year": 1962, "tags": ("b",)}, "author": None}
    assert document_from(mapping) == Document("a", "x", "T", {"year": 1962, "tags": ["b"], "author": None})


@pytest.mark.parametrize(
    ("mapping", "document"),
    [
        ({"id": 7, "text": "x"}, Document("7", "x")),
        ({"id": -7, "text": "x"}, Document("-7", "x")),
        ({"id": "a", "text": "x", "title": None, "metadata": None}, Document("a", "x")),
        ({"id": "a", "text": "", "title": "T"}, Document("a", "", "T")),
        ({"id": "a", "text": "", "title": ""}, Document("a", "")),
        ({"id": "a", "text": "x\0y"}, Document("a", "x\0y")),
        ({"id": "a", "text": "x\ud800y", "title": "\udfff"}, Document("a", "x\ufffdy", "\ufffd")),
        ({"id": "a", "text": "x", "n": {"\ud800": ["\udc00"]}}, Document("a", "x", "", {"n": {"\ufffd": ["\ufffd"]}})),
        ({"_id": "a", "id": "b", "text": "x"}, Document("a", "x", "", {"id": "b"})),
        ({"id": "a", "text": "x", "metadata": "kept"}, Document("a", "x", "", {"metadata": "kept"})),
        ({"id": "a", "text": "x", "metadata": {"k": 1, "m": 1}, "k": 2}, Document("a", "x", "", {"k": 2, "m": 1})),
    ],
)
def test_legal_mappings(mapping: dict[str, Any], document: Document) -> None:
    assert document_from(mapping) == document


def _deep() -> list[Any]:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"text": "x", "title": "y"}, ['"_id" or "id"', "'text', 'title'"]),
        ({}, ["(none)"]),
        ({"id": "", "text": "x"}, ['"id"', "non-empty", "''"]),
        ({"id": None, "text": "x"}, ["null"]),
        ({"id": True, "text": "x"}, ["true"]),
        ({"id": 1.5, "text": "x"}, ["the number 1.5"]),
        ({"id": ["a"], "text": "x"}, ["a list"]),
        ({"_id": None, "id": "a", "text": "x"}, ['"_id"', "null"]),
        ({"id": "a\0b", "text": "x"}, ["NUL"]),
        ({"id": "a\ud800", "text": "x"}, ["lone surrogate"]),
        ({"id": "a"}, ["'a'", 'no "text"', "'id'"]),
        ({"id": "a", "text": None}, ['"text"', "'a'", "null"]),
        ({"id": "a", "text": {"b": 1}}, ["an object"]),
        ({"id": "a", "text": "x", "title": 3}, ['"title"', "the number 3"]),
        ({"id": "a", "text": "x", "y": float("nan")}, ["metadata['y']", "nan"]),
        ({"id": "a", "text": "x", "y": [1, float("inf")]}, ["metadata['y'][1]", "inf"]),
        ({"id": "a", "text": "x", "y": {1: 2}}, ["key '1'", "strings"]),
        ({"id": "a", "text": "x", "y": b"z"}, ["bytes"]),
        ({"id": "a", "text": "x", "y": _deep()}, ["too deeply"]),
    ],
)
def test_an_unfit_mapping_is_refused_with_what_was_found(mapping: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(DocumentError) as caught:
        document_from(mapping, source="file.jsonl", line=3)
    message = str(caught.value)
    assert message.startswith("file.jsonl, line 3: ")
    assert [word for word in words if word not in message] == []


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(DocumentError, match="an object with"):
        document_from(["a"])  # type: ignore[arg-type]


def test_a_long_value_is_quoted_in_part() -> None:
    with pytest.raises(DocumentError) as caught:
        document_from({"id": "a" * 10_000, "k" * 10_000: "x", "l" * 10_000: "y"})
    assert len(str(caught.value)) < 400


@given(st.text(min_size=1), st.text(), st.text(min_size=1))
def test_any_text_becomes_a_document_that_utf8_can_hold(identifier: str, text: str, title: str) -> None:
    try:
        document = document_from({"id": identifier, "text": text, "title": title, "k": text})
    except DocumentError:
        assert "\0" in identifier or any("\ud800" <= character <= "\udfff" for character in identifier)
    else:
        assert document.id == identifier
        for string in (document.id, document.text, document.title, document.metadata["k"]):
            string.encode("utf-8")
        assert len(document.text) == len(text)


@pytest.mark.parametrize(
    "document",
    [
        Document("a", "text", "title"),
        Document("é", "texte", "titre", {"année": 1}),
        Document("a", "", "", {"x": [1, {"y": None}]}),
    ],
)
def test_a_fit_document_is_kept_as_it_is(document: Document) -> None:
    assert checked_document(document) == document


@pytest.mark.parametrize(
    "document",
    [
        Document("", "text"),
        Document("a\0b", "text"),
        Document("\ud800", "text"),
        Document(1.5, "text"),  # type: ignore[arg-type]
        Document("a", None),  # type: ignore[arg-type]
        Document("a", "text", "", {"x": float("nan")}),
    ],
)
def test_an_unfit_document_is_refused_like_a_mapping(document: Document) -> None:
    with pytest.raises(DocumentError, match="here"):
        checked_document(document, source="here")


def test_half_a_character_in_a_document_is_mended() -> None:
    assert checked_document(Document("a", "x\ud800")) == Document("a", "x\ufffd")
