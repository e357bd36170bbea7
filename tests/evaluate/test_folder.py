"""Folders in BEIR layout: what is read, and how each missing or faulty part is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from numen.errors import DatasetError, DocumentError
from numen.evaluate.folder import load_folder, read_queries


def test_a_folder_is_read_whole(toy: Path) -> None:
    dataset = load_folder(toy)
    assert dataset.name == "toy"
    assert list(dataset.queries.items()) == [("q2", "sleeping cats"), ("q1", "dogs in the park")]
    assert dataset.qrels == {"q2": {"d 1": 1}, "q1": {"d2": 2, "d4": 1}}
    assert dataset.judgements == 3
    for _ in range(2):
        assert [document.id for document in dataset.documents()] == ["d 1", "d2", "d3", "d4"]


def test_gzipped_files_are_read_too(toy: Path) -> None:
    for name in ("corpus.jsonl", "queries.jsonl"):
        (toy / f"{name}.gz").write_bytes(gzip.compress((toy / name).read_bytes()))
        (toy / name).unlink()
    dataset = load_folder(toy)
    assert len(list(dataset.documents())) == 4
    assert len(dataset.queries) == 2


def test_judgements_in_the_columns_of_trec_are_read(toy: Path) -> None:
    (toy / "qrels" / "test.tsv").unlink()
    (toy / "qrels" / "test.qrels").write_text("q2 0 d%201 1\nq1 0 d2 2\nq1 0 d4 1\n", encoding="utf-8")
    assert load_folder(toy).qrels == {"q2": {"d 1": 1}, "q1": {"d2": 2, "d4": 1}}


def test_the_ending_of_beir_comes_before_others(toy: Path) -> None:
    for ending in ("txt", "qrels"):
        (toy / "qrels" / f"test.{ending}").write_text("q3 0 d3 1\n", encoding="utf-8")
    assert load_folder(toy).judgements == 3


def test_another_split_has_its_own_queries_and_name(toy: Path) -> None:
    (toy / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq3\td3\t1\n", encoding="utf-8")
    dataset = load_folder(toy, "train")
    assert dataset.name == "toy/train"
    assert dataset.queries == {"q3": "x"}


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("corpus.jsonl", r"toy has no corpus\.jsonl \(or corpus\.jsonl\.gz\)"),
        ("queries.jsonl", r"toy has no queries\.jsonl \(or queries\.jsonl\.gz\)"),
        ("qrels/test.tsv", r"toy has no judgements .*--known-item"),
    ],
)
def test_a_missing_part_is_named(toy: Path, gone: str, message: str) -> None:
    (toy / gone).unlink()
    with pytest.raises(DatasetError, match=message):
        load_folder(toy)


def test_a_folder_without_qrels_is_offered_known_items(toy: Path) -> None:
    (toy / "qrels" / "test.tsv").unlink()
    (toy / "qrels").rmdir()
    with pytest.raises(DatasetError, match="--known-item"):
        load_folder(toy)


@pytest.mark.parametrize("split", ["dev", "tset", "../qrels/test", ""])
def test_an_unknown_split_names_those_there(toy: Path, split: str) -> None:
    (toy / "qrels" / "train.tsv").write_text("", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"no split .*Legal: test, train"):
        load_folder(toy, split)


def test_an_empty_split_is_an_error(toy: Path) -> None:
    (toy / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="no query has a judgement"):
        load_folder(toy, "train")


def test_judged_queries_that_are_not_in_the_queries_are_counted(toy: Path) -> None:
    with (toy / "qrels" / "test.tsv").open("a", encoding="utf-8") as file:
        file.write("q8\td2\t1\nq9\td2\t1\nq9\td4\t1\n")
    with pytest.raises(DatasetError, match=r"2 of the 4 judged queries have no text, the first is 'q8'"):
        load_folder(toy)


def test_a_faulty_judgement_is_named_with_its_line(toy: Path) -> None:
    with (toy / "qrels" / "test.tsv").open("a", encoding="utf-8") as file:
        file.write("q1\td2\trelevant\n")
    with pytest.raises(DatasetError, match=r"test\.tsv, line 5: .*found 'q1\\td2\\trelevant'"):
        load_folder(toy)


def test_a_faulty_document_is_named_when_the_corpus_is_read(toy: Path) -> None:
    (toy / "corpus.jsonl").write_text('{"_id": "d1", "text": "fine"}\nnot json\n', encoding="utf-8")
    documents = load_folder(toy).documents()
    assert next(documents).id == "d1"
    with pytest.raises(DocumentError, match=r"corpus\.jsonl, line 2"):
        next(documents)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        '["q", "text"]',
        '{"text": "no id"}',
        '{"_id": "q"}',
        '{"_id": "", "text": "empty id"}',
        '{"_id": null, "text": "null id"}',
        '{"_id": true, "text": "no id either"}',
        '{"_id": "q", "text": 7}',
        '{"_id": "q", "text": "half a pair \\ud800"}',
        '{"_id": "first", "text": "again"}',
        "[" * 100_000,
    ],
)
def test_a_faulty_query_is_named_with_its_line(line: str, tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text(f'{{"_id": "first", "text": ""}}\n\n{line}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"queries\.jsonl, line 3: ") as caught:
        read_queries(file)
    assert not isinstance(caught.value, DocumentError)
    assert len(str(caught.value)) < 400


def test_whole_numbers_and_plain_id_keys_are_ids_too(tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text('{"_id": 7, "text": "seven"}\n{"id": "8", "text": "eight"}\n', encoding="utf-8")
    assert read_queries(file) == {"7": "seven", "8": "eight"}


def test_the_judged_collections_are_read(data_dir: Path) -> None:
    for folder, queries, judgements in (
        ("cranfield", 225, 1612),
        ("limit", 1000, 2000),
        ("scifact", 300, 339),
        ("climate-fever-sents", 1061, 2745),
    ):
        dataset = load_folder(data_dir / folder)
        assert (len(dataset.queries), dataset.judgements) == (queries, judgements)
    assert len(load_folder(data_dir / "scifact", "train").queries) == 809
