"""`numen search`: hits for people and for scripts, and the edges of k and of the query."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def _hits(result: Any) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    hits: list[dict[str, Any]] = json.loads(result.stdout)["hits"]
    return hits


def test_hits_are_shown_with_their_matches(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("search", papers, "boundary layer")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith(" 1. ")
    assert "The [boundary] [layer] of a wing in slow flow." in result.stdout
    assert lines[-1] == "2 hits among 3 documents"
    assert "d3" not in result.stdout


def test_a_long_title_leaves_room_for_the_id(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps({"id": "the-id", "title": "wing " * 100, "text": "flow " * 1000}), encoding="utf-8")
    numen("index", path, "--into", tmp_path / "p")
    first, *rest = numen("search", tmp_path / "p", "flow").stdout.splitlines()
    assert first.endswith("…  the-id")
    assert rest[1].endswith("[flow] ...")
    assert max(len(line) for line in (first, *rest)) <= 100


def test_json_holds_what_the_design_says(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("search", papers, "wing", "-k", "5", "--json")
    assert result.stdout.count("\n") == 1
    printed = json.loads(result.stdout)
    (hit,) = printed.pop("hits")
    assert printed == {"query": "wing", "k": 5, "exact": True}
    score = hit.pop("score")
    assert score > 0
    assert hit == {
        "id": "d1",
        "rank": 1,
        "title": "Wings",
        "text": "The boundary layer of a wing in slow flow.",
        "metadata": {"year": 1962},
        "legs": {"words": {"rank": 1, "score": score}},
    }


def test_json_keeps_characters_as_they_are(numen: Callable[..., Any], papers: Path) -> None:
    assert "ünïcode" in numen("search", papers, "nozzles", "--json").stdout


def test_words_need_no_quotes(numen: Callable[..., Any], papers: Path) -> None:
    assert _hits(numen("search", papers, "heat", "transfer", "--json"))[0]["id"] == "d2"


@pytest.mark.parametrize(("k", "count"), [(0, 0), (1, 1), (1000, 2)])
def test_k_is_the_most_that_comes(numen: Callable[..., Any], papers: Path, k: int, count: int) -> None:
    assert len(_hits(numen("search", papers, "boundary", "-k", k, "--json"))) == count


def test_a_negative_k_is_refused(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("search", papers, "boundary", "-k", "-1")
    assert result.exit_code == 2
    assert "-1" in result.stderr


@pytest.mark.parametrize("query", ["zebra", "", "   ", "!?"])
def test_no_match_is_said_and_is_an_empty_list(numen: Callable[..., Any], papers: Path, query: str) -> None:
    result = numen("search", papers, query)
    assert result.exit_code == 0
    assert "no match" in result.stdout
    assert _hits(numen("search", papers, query, "--json")) == []


def test_full_shows_the_whole_text(numen: Callable[..., Any], tmp_path: Path) -> None:
    text = "needle\n" + "straw\n" * 300 + "the end"
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps({"id": "a", "text": text}), encoding="utf-8")
    numen("index", path, "--into", tmp_path / "p")
    assert "the end" not in numen("search", tmp_path / "p", "needle").stdout
    full = numen("search", tmp_path / "p", "needle", "--full").stdout
    assert "[needle]\nstraw\n" in full
    assert "the end" in full


def test_bm25_can_be_chosen_for_one_search(numen: Callable[..., Any], papers: Path) -> None:
    own = _hits(numen("search", papers, "boundary", "--json"))[0]["score"]
    other = _hits(numen("search", papers, "boundary", "--json", "--k1", "0.1", "--b", "0", "--formula", "bm25+"))
    assert other[0]["score"] != pytest.approx(own)


def test_a_filter_leaves_out_what_does_not_fit(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("search", papers, "boundary", "--where", "year < 2000", "--json")
    printed = json.loads(result.stdout)
    assert ([hit["id"] for hit in printed["hits"]], printed["where"]) == (["d1"], "year < 2000")
    shown = numen("search", papers, "boundary", "--where", "not (year < 2000)").stdout
    assert shown.splitlines()[-1] == "1 hit among 2 documents that the filter keeps"
    assert "no match" in numen("search", papers, "boundary", "--where", "year > 2000").stdout
    explained = json.loads(numen("search", papers, "boundary", "--where", "year < 2000", "--json", "--explain").stdout)
    assert explained["hits"][0]["explanation"]["legs"][0]["rank"] == 1


@pytest.mark.parametrize(
    ("where", "words"),
    [("yaer < 2000", "did you mean 'year'"), ("year <", "character 7"), ("year = 'x'", "holds numbers"), ("", "empty")],
)
def test_a_filter_that_does_not_fit_is_said(numen: Callable[..., Any], papers: Path, where: str, words: str) -> None:
    result = numen("search", papers, "boundary", "--where", where)
    assert (result.exit_code, words in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--formula", "okapi"], "okapi"),
        (["--k1", "-1"], "k1"),
        (["--b", "2"], "b is 2"),
        (["--leg", "ngrams"], "ngrams"),
    ],
)
def test_options_that_do_not_fit_are_named(
    numen: Callable[..., Any], papers: Path, options: list[str], words: str
) -> None:
    result = numen("search", papers, "boundary", *options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_one_leg_can_be_asked(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    numen("index", source, "--into", tmp_path / "p", "--leg", "w=bm25", "--leg", "n=numen:512")
    (first, *_) = _hits(numen("search", tmp_path / "p", "supersonik", "--leg", "n", "--json"))
    assert first["id"] == "d3"
    assert list(first["legs"]) == ["n"]


def test_a_text_cannot_drive_the_terminal(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(
        json.dumps({"id": "a\x1b[2J", "title": "[red]T[/]", "text": "word \x1b[31mred\x07"}), encoding="utf-8"
    )
    numen("index", path, "--into", tmp_path / "p")
    for options in ([], ["--full"]):
        shown = numen("search", tmp_path / "p", "word", *options).stdout
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "[red]T[/]" in shown


@pytest.mark.parametrize("inside", [False, True])
def test_a_folder_that_is_no_collection_is_named(numen: Callable[..., Any], tmp_path: Path, inside: bool) -> None:
    folder = tmp_path / "folder"
    if inside:
        folder.mkdir()
    result = numen("search", folder, "x")
    assert result.exit_code == 2
    assert str(folder) in result.stderr


def test_a_query_of_a_megabyte_is_answered(numen: Callable[..., Any], papers: Path) -> None:
    assert _hits(numen("search", papers, "boundary " * 110_000, "--json"))[0]["score"] > 0


def test_a_query_that_is_not_unicode_is_refused(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("search", papers, "caf\udce9")
    assert (result.exit_code, "not UTF-8" in result.stderr) == (2, True)


def test_highlights_are_spans_of_title_and_text(numen: Callable[..., Any], papers: Path) -> None:
    (hit,) = _hits(numen("search", papers, "wings wing", "--json", "--highlights"))
    assert [hit["title"][a:b] for a, b in hit["highlights"]["title"]] == ["Wings"]
    assert [hit["text"][a:b] for a, b in hit["highlights"]["text"]] == ["wing"]
    part = hit["snippet"]
    assert hit["text"][part["start"] : part["end"]] == part["text"]
    assert [part["text"][a:b] for a, b in part["highlights"]] == ["wing"]
    assert "highlights" not in _hits(numen("search", papers, "wing", "--json"))[0]
    assert numen("search", papers, "wing", "--highlights").exit_code == 2


def test_feedback_finds_what_the_query_has_no_word_for(numen: Callable[..., Any], papers: Path) -> None:
    assert [hit["id"] for hit in _hits(numen("search", papers, "wing", "--json"))] == ["d1"]
    found = _hits(numen("search", papers, "wing", "--feedback", "rocchio", "--json"))
    assert [hit["id"] for hit in found] == ["d1", "d2"]  # both have the boundary layer
    assert "did you mean 'rm3'" in numen("search", papers, "wing", "--feedback", "rm4").stderr


def test_legs_are_fused_as_asked(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    numen("index", source, "--into", tmp_path / "p", "--leg", "w=bm25", "--leg", "n=numen:512")
    hits = _hits(numen("search", tmp_path / "p", "wing", "--fuse", "minmax,w=0.75,n=0.25", "--json"))
    assert (hits[0]["id"], hits[0]["score"]) == ("d1", 1.0)
    shown = numen("search", tmp_path / "p", "wing", "--fuse", "minmax,w=3,n=1", "--explain").stdout
    assert "4 = 3 w + 1 n, fused by minmax,w=3,n=1" in shown
