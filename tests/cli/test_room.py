"""`numen room` and `numen limit`: from a folder to a verdict, and one clear line for what does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ir_measures")

SHAPE = ("--documents", 80, "--queries", 15, "--held", 12, "--use", 60, "-q")


@pytest.fixture
def limit(numen: Callable[..., Any], tmp_path: Path) -> Path:
    """A LIMIT of 80 documents and 15 queries, made by the terminal."""
    folder = tmp_path / "limit"
    result = numen("limit", "--into", folder, *SHAPE)
    assert result.exit_code == 0, result.stderr
    assert "80 documents, 15 queries, 30 judgements" in result.stdout
    assert "The first query: Who likes " in result.stdout
    return folder


def test_a_verdict_as_text_and_as_json_and_as_a_page(numen: Callable[..., Any], limit: Path, tmp_path: Path) -> None:
    options = ("--dims", "64,1024", "--reference", "bm25", "--family", "numen", "-q")
    shown = numen("room", limit, *options, "--report", tmp_path / "room.html")
    assert shown.exit_code == 0, shown.stderr
    assert "Take " in shown.stdout
    assert "numen:1024" in shown.stdout
    assert "of the answers in front" in shown.stdout
    assert "<!doctype html>" in (tmp_path / "room.html").read_text(encoding="utf-8")
    printed = json.loads(numen("room", limit, *options, "--no-free", "--json").stdout)
    assert [one["encoder"] for one in printed["sweep"]] == ["numen:64", "numen:1024", "bm25"]
    assert printed["free"] == []
    beside = json.loads((tmp_path / "room.json").read_text(encoding="utf-8"))
    assert [one["measures"] for one in beside["sweep"]] == [one["measures"] for one in printed["sweep"]]


def test_known_item_needs_no_judgements(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "stories.jsonl"
    lines = [
        {"id": f"s{n}", "text": f"A tale of number{n} begins. It goes on with number{n} and ends."} for n in range(12)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    options = ("--dims", "64", "--reference", "bm25", "--family", "numen", "--no-free", "--json")
    printed = json.loads(numen("room", path, "--known-item", *options).stdout)
    assert (printed["documents"], printed["queries"]) == (12, 12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--dims", "1024,512"], "512 comes after 1024"),
        (["--dims", "a few"], "whole numbers with commas"),
        (["--family", "nunem"], "did you mean 'numen'"),
        (["--answers", "3"], "more than 2 relevant"),
        (["--sample", "3"], "--known-item"),
        (["--encode", "10"], "--model"),
        (["--cache", "vectors"], "--model"),
        (["--report", "absent/room.html"], "there is no folder"),
        (["--measure", "nDGC@10"], "nDGC@10"),
        (["--reference", "bm26"], "bm25"),
        (["--split", "tset"], "test"),
    ],
)
def test_options_that_do_not_fit_are_named(
    numen: Callable[..., Any], limit: Path, options: list[str], words: str
) -> None:
    result = numen("room", limit, "--family", "dense", "--no-free", "-q", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_dataset_without_judgements_is_offered_known_item(numen: Callable[..., Any], limit: Path) -> None:
    (limit / "qrels" / "test.tsv").unlink()
    result = numen("room", limit)
    assert result.exit_code == 2
    assert "--known-item" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--queries", "50"], "leave 10 to fill up"),
        (["--pattern", "disjoint"], "needs 30 documents"),
        (["--pattern", "ring"], "Legal: cycle, dense, disjoint, random"),
        (["-k", "0"], "at least 1"),
        (["--document", "nobody"], "lacks {name}"),
        (["--attributes", "absent.txt"], "there is no file"),
    ],
)
def test_shapes_that_do_not_fit_are_named(
    numen: Callable[..., Any], tmp_path: Path, options: list[str], words: str
) -> None:
    small = ("--documents", 20, "--queries", 15, "--held", 12, "--use", 60, "-q")
    result = numen("limit", "--into", tmp_path / "x", *small, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert not (tmp_path / "x").exists()


def test_synonyms_in_the_terminal(numen: Callable[..., Any], tmp_path: Path) -> None:
    numen("limit", "--into", tmp_path / "s", *SHAPE, "--synonyms")
    corpus = (tmp_path / "s" / "corpus.jsonl").read_text(encoding="utf-8")
    lines = (tmp_path / "s" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = [json.loads(line)["text"] for line in lines]
    assert not any(query.removeprefix("Who likes ").removesuffix("?") in corpus for query in queries)
