"""`numen search --explain`: what a person reads, and what a script gets."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from numen import Collection
from numen.cli.explained import print_explanation


def lines_of(
    collection: Collection, query: str, id: str, *, width: int = 80, encoding: str = "utf-8", **how: Any
) -> list[str]:
    """What is printed for one document; how: as `explain` takes it."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    out = Console(file=stream, width=width, color_system=None, highlight=False)
    print_explanation(out, collection.explain(query, id, **how))
    stream.seek(0)
    return stream.read().splitlines()


def test_a_line_a_term_with_a_bar_its_weights_and_how_rare_it_is(numen: Callable[..., Any], papers: Path) -> None:
    shown = numen("search", papers, "boundary", "wing", "nozzle", "-k", "1", "--explain").stdout.splitlines()
    assert shown[0].startswith(" 1. ")
    wing, boundary, missing = shown[-4:-1]
    assert wing.split() == ["███████", "68%", "wing", "0.981", "×", "0.428", "1", "time", "in", "1", "of", "3"]
    assert boundary.split()[:3] == ["███", "32%", "boundary"]
    assert boundary.endswith("1 time  in 2 of 3")
    assert missing == "    not in it: nozzle"
    assert shown[-1] == "1 hit among 3 documents"
    assert "%" not in numen("search", papers, "boundary", "wing").stdout


def test_words_that_became_the_same_term_are_named() -> None:
    with Collection.create(legs={"w": "bm25:english"}) as collection:
        collection.add([{"id": "a", "text": "wing, winged and wings"}])
        (line,) = lines_of(collection, "wings", "a", width=100)
    assert line.endswith("3 times  in 1 of 1  as wing, winged, wings")


def test_a_hashed_leg_shows_the_words_that_met() -> None:
    with Collection.create(legs={"g": "numen:2147483648"}) as collection:
        collection.add([{"id": "a", "text": "Supersonic flow (wings)."}])
        lines = lines_of(collection, "supersonik wings zzz", "a")
    assert [line.split()[1:] for line in lines[:2]] == [
        ["82%", "supersonik", "met", "supersonic"],
        ["18%", "wings", "met", "wings"],
    ]
    assert lines[2].startswith("    n-grams: ^supe super upers perso erson ")  # alike in weight: as in the query
    assert lines[3:] == ["    not in it: zzz"]  # and not a word of collisions: there are none


def test_collisions_are_shown_where_they_count() -> None:
    with Collection.create(legs={"g": "numen:16"}) as collection:
        collection.add([{"id": "a", "text": "owl"}])
        word, collisions = lines_of(collection, "fox", "a")
    assert word.split()[1:] == ["100%", "fox", "by", "collision", "only"]
    assert collisions.startswith("    100% by collision: ")
    assert " with " in collisions


def test_several_legs_say_what_each_gave(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    numen("index", source, "--into", tmp_path / "p", "--leg", "w=bm25", "--leg", "n=numen:512")
    shown = numen("search", tmp_path / "p", "supersonik", "nozzles", "-k", "1", "--explain").stdout
    lines = shown.splitlines()
    assert lines[2] == "    0.03279 = 0.01639 w + 0.01639 n, fused by rrf"
    assert "    █████       50% w (bm25)  rank 1, 1 / (60 + 1) = 0.01639" in lines
    assert "    █████       50% n (numen:512)  rank 1, 1 / (60 + 1) = 0.01639" in lines
    assert "supersonik  met supersonic" in shown


def test_scores_fused_by_size_show_what_they_were_divided_by() -> None:
    with Collection.create(legs={"w": "bm25", "n": "numen:512"}) as collection:
        collection.add([{"id": "a", "text": "wing"}, {"id": "b", "text": "wings flow"}])
        lines = lines_of(collection, "wing", "a", fuse="minmax,w=3,n=0.5")
    assert lines[0] == "    3.5 = 3 w + 0.5 n, fused by minmax,w=3,n=0.5"
    assert lines[1].split() == "█████████ 86% w (bm25) rank 1, 0.3648 / 0.3648 × 3 = 3".split()
    assert lines[2].startswith("      ██████████ 100% wing")


def test_what_feedback_brought_is_marked() -> None:
    with Collection.create(legs={"w": "bm25:english"}) as collection:
        collection.add([{"id": "a", "text": "car motors"}, {"id": "b", "text": "sea"}])
        lines = lines_of(collection, "cars", "a", feedback="rm3")
    assert lines[0] == "    after feedback (rm3): + is what the first hits brought"
    assert [line.split()[2] for line in lines[1:]] == ["cars", "+motors"]


def test_the_constant_and_a_document_that_does_not_match_are_shown() -> None:
    with Collection.create(legs={"w": "bm25,formula=bm25+"}) as collection:
        collection.add([{"id": "a", "text": "wing"}, {"id": "b", "text": "flow"}])
        assert lines_of(collection, "wing", "a")[1].split()[1:3] == ["33%", "constant"]
        assert lines_of(collection, "wing", "b") == ["    not in it: wing"]


@pytest.mark.parametrize("spec", ["bm25", "numen:64"])
def test_long_queries_and_words_fit_the_terminal(spec: str) -> None:
    words = [f"word{i}" * (1 + i % 9) for i in range(60)]
    with Collection.create(legs={"x": spec, "y": spec}) as collection:
        collection.add([{"id": "a", "text": " ".join(words)}])
        lines = lines_of(collection, " ".join([*words, "absent" * 40]), "a")
    assert len(lines) < 30
    assert max(map(len, lines)) <= 80
    more = " 52 more" if spec == "bm25" else " 53 more"  # in 64 buckets the absent word meets something too
    assert sum(more in line for line in lines) == 2


def test_terminals_without_unicode_get_a_bar_too() -> None:
    with Collection.create() as collection:
        collection.add([{"id": "a", "text": "wing"}])
        (line,) = lines_of(collection, "wing", "a", encoding="latin-1")
    assert "##########" in line


def test_a_text_cannot_drive_the_terminal() -> None:
    with Collection.create(legs={"g": "numen"}) as collection:
        collection.add([{"id": "a", "text": "red\x1b[2J"}])
        assert "\x1b" not in "".join(lines_of(collection, "red\x1b[2K", "a"))


def test_json_holds_an_explanation_of_each_hit_only_if_asked(numen: Callable[..., Any], papers: Path) -> None:
    hits = json.loads(numen("search", papers, "boundary layer", "--json", "--explain").stdout)["hits"]
    assert len(hits) == 2
    for hit in hits:
        explanation = hit["explanation"]
        assert (explanation["id"], explanation["score"]) == (hit["id"], hit["score"])
        (leg,) = explanation["legs"]
        assert (leg["leg"], leg["encoder"], leg["rank"], leg["fused"]) == ("words", "bm25", hit["rank"], None)
        assert sum(part["contribution"] for part in leg["parts"]) == pytest.approx(hit["score"], rel=1e-6)
        assert [part["term"] for part in leg["parts"]] == ["boundary", "layer"]
    plain = json.loads(numen("search", papers, "boundary layer", "--json").stdout)["hits"]
    assert all("explanation" not in hit for hit in plain)


def test_the_parameters_of_the_search_are_those_explained(numen: Callable[..., Any], papers: Path) -> None:
    options = ["--formula", "bm25+", "--k1", "0.3"]
    (hit, *_) = json.loads(numen("search", papers, "heat", "--json", "--explain", *options).stdout)["hits"]
    assert hit["explanation"]["score"] == hit["score"]
    assert hit["explanation"]["legs"][0]["constant"] > 0
