"""Vectors that come with the documents of a JSON lines file, and what the terminal says where there are none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numen import Collection

DOCUMENTS: list[dict[str, Any]] = [
    {"id": "a", "text": "red fox", "year": 1999, "vectors": {"splade": {"3": 0.5}, "tags": {"x": 1}}},
    {"id": "b", "text": "red hen", "vectors": {"splade": {"3": 1.5, "8": 1}, "tags": {}, "other": [1, 2]}},
]


def _written(folder: Path, documents: list[dict[str, Any]]) -> Path:
    path = folder / "with_vectors.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    return path


def _indexed(numen: Callable[..., Any], folder: Path, documents: list[dict[str, Any]], *more: str) -> Any:
    legs = ("--leg", "words=bm25", "--leg", "splade=given:9", "--leg", "tags=given:terms")
    return numen("index", _written(folder, documents), "--into", folder / "c", *legs, *more)


def test_vectors_of_a_file_go_to_their_legs(numen: Callable[..., Any], tmp_path: Path) -> None:
    result = _indexed(numen, tmp_path, DOCUMENTS)
    assert result.exit_code == 0, result.output
    with Collection.open(tmp_path / "c") as collection:
        assert [(h.id, h.score) for h in collection.search(vectors={3: 2.0}, legs=["splade"])] == [
            ("b", 3.0),
            ("a", 1.0),
        ]
        assert [h.id for h in collection.search(vectors={"x": 1.0}, legs=["tags"])] == ["a"]
        metadata = [document.metadata for document in collection.documents()]
    assert metadata == [{"year": 1999}, {"vectors": {"other": [1, 2]}}]
    more = [{**DOCUMENTS[0], "text": "blue fox", "vectors": {"splade": {"3": 9}, "tags": {}}}]
    assert numen("add", tmp_path / "c", _written(tmp_path, more)).exit_code == 0
    with Collection.open(tmp_path / "c") as collection:
        assert [h.id for h in collection.search(vectors={3: 1.0}, legs=["splade"])] == ["a", "b"]


def test_without_such_a_leg_vectors_are_metadata(numen: Callable[..., Any], tmp_path: Path) -> None:
    result = numen("index", _written(tmp_path, DOCUMENTS), "--into", tmp_path / "c")
    assert result.exit_code == 0, result.output
    with Collection.open(tmp_path / "c") as collection:
        assert [document.metadata["vectors"] for document in collection.documents()] == [
            d["vectors"] for d in DOCUMENTS
        ]


def test_a_document_without_its_vector_is_named(numen: Callable[..., Any], tmp_path: Path) -> None:
    lacking: list[dict[str, Any]] = [{}, {"vectors": {"tags": {}}}, {"vectors": "none"}]
    for vectors in lacking:
        result = _indexed(numen, tmp_path, [DOCUMENTS[0], {"id": "z", "text": "", **vectors}])
        assert result.exit_code == 2
        assert "document 'z': vector 1 of leg 'splade': a vector is a mapping" in result.stderr.replace("\n", " ")
        assert not (tmp_path / "c").exists()
    result = _indexed(numen, tmp_path, [DOCUMENTS[0], {"id": "z", "text": ""}], "--skip-bad", "--json")
    assert json.loads(result.stdout)["skipped"] == 1


def test_an_index_in_words_is_refused(numen: Callable[..., Any], tmp_path: Path) -> None:
    for key, message in (("fox", "'fox' is no index"), ("9", "index 9 is too large"), ("03", "'03' is no index")):
        wrong = {"id": "z", "text": "", "vectors": {"splade": {key: 1}, "tags": {}}}
        assert message in _indexed(numen, tmp_path, [wrong]).stderr


def test_a_search_by_text_says_which_leg_takes_vectors(numen: Callable[..., Any], tmp_path: Path) -> None:
    assert _indexed(numen, tmp_path, DOCUMENTS).exit_code == 0
    result = numen("search", tmp_path / "c", "fox")
    assert result.exit_code == 2
    assert "leg 'splade' is made with 'given:9' and takes vectors, not texts" in result.stderr
    assert json.loads(numen("search", tmp_path / "c", "fox", "--leg", "words", "--json").stdout)["hits"][0]["id"] == "a"


def test_an_evaluation_says_that_there_are_no_vectors(numen: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "text": "red"}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "red"}\n', encoding="utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n", encoding="utf-8")
    result = numen("eval", tmp_path, "--encoder", "given")
    assert result.exit_code == 2
    assert "leg 'words' is made with 'given' and takes vectors, not texts" in result.stderr
    assert "Traceback" not in result.stderr
