"""The whole: a dataset in, a verdict out; and everything that cannot be measured, named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.errors import DatasetError, InputError, OptionError
from numen.evaluate import Dataset, evaluate
from numen.room import Room, measure_room
from numen.room.chart import Chart, Line
from numen.room.dense import VectorCache
from numen.room.report import page, write_report

pytest.importorskip("ir_measures")


def letters(texts: Sequence[str], kind: str) -> NDArray[np.float32]:
    """Vectors that count letters: a model that needs no model."""
    counts = np.array([[text.lower().count(letter) for letter in "aehiklnoprst"] for text in texts], np.float32)
    return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def room(tiny: Dataset) -> Room:
    """Of the tiny LIMIT, with a dense model of twelve dimensions."""
    model = ("letters", VectorCache("letters", lambda: letters))
    return measure_room(tiny, dims=(64, 4096), references=["bm25"], model=model, k=10, by="R@10")


def test_the_recommended_size_measures_what_the_verdict_says(room: Room, tiny: Dataset) -> None:
    chosen = room.verdict.recommended
    assert chosen.name in ("bm25", "numen:4096")
    again = evaluate(tiny, [chosen.name], k=10).results[0].measures["R@10"]
    assert chosen.measures["R@10"] == pytest.approx(again)
    assert f"Take {chosen.name}" in room.verdict.text
    best = max(size.measures["R@10"] for size in (*room.sizes, *room.references))
    assert chosen.measures["R@10"] >= best - 0.01


def test_every_family_is_swept_from_small_to_large(room: Room) -> None:
    families = room.families()
    assert list(families) == [
        "numen",
        "numen:32768, largest values",
        "letters, first",
        "letters, projected",
        "letters, bits",
    ]
    assert [size.room for size in families["numen"]] == [64, 4096]
    assert [size.room for size in families["letters, first"]] == [8, 12]
    for size in (*room.sizes, *room.references):
        low, high = size.band["R@10"]
        assert low <= size.measures["R@10"] <= high
        assert size.index_bytes > 0


def test_the_json_is_what_the_design_says(room: Room) -> None:
    printed = json.loads(json.dumps(room.to_json(), allow_nan=False))
    assert (printed["dataset"], printed["documents"], printed["queries"]) == ("limit", 120, 30)
    assert printed["verdict"] == room.verdict.text
    assert {"encoder", "measures", "index_bytes", "latency_ms", "band"} <= printed["sweep"][0].keys()
    assert printed["free"][-1]["perfect"] is True
    assert all(bound["assumes"].startswith("Assumes") for bound in printed["bounds"])
    assert printed["geometry"]["dim"] == 12


class Page(HTMLParser):
    """Open tags, and addresses that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.images: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "line", "polyline", "polygon", "circle"):
            self.open.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data")]
        if tag == "svg":
            self.images.append(dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_asks_for_nothing_and_its_figures_speak(room: Room, tmp_path: Path) -> None:
    path, beside = write_report(room, tmp_path / "room.html", "numen room tiny <&>")
    text = path.read_text(encoding="utf-8")
    seen = Page()
    seen.feed(text)
    assert seen.open == []
    assert seen.fetched == []
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert len(seen.images) >= 5
    for image in seen.images:
        assert image["role"] == "img"
        for id_ in (image["aria-labelledby"] or "").split():
            assert re.search(rf'id="{id_}">[^<]{{10,}}<', text), id_
    assert "numen room tiny &lt;&amp;&gt;" in text
    assert "prefers-color-scheme:dark" in text
    assert json.loads(beside.read_text(encoding="utf-8"))["dataset"] == "limit"
    assert page(room).count("<figure>") == len(seen.images)
    with pytest.raises(InputError, match=r"does not end in \.html"):
        write_report(room, tmp_path / "room.pdf")


def test_a_chart_without_points_is_refused() -> None:
    with pytest.raises(InputError, match="no points"):
        Chart("t", "t", "x", "y", (Line("a", ()),))


TEXTS = {f"d{i}": f"text number{i} of many words{i % 7}" for i in range(20)}
QUERIES = {"q1": "number1", "q2": "number2"}
QRELS = {"q1": {"d1": 1}, "q2": {"d2": 1, "d3": 1}}


@pytest.mark.parametrize(
    ("texts", "queries", "qrels", "words"),
    [
        ({"d1": "one"}, {"q1": "one", "q2": "two"}, {"q1": {"d1": 1}, "q2": {"d1": 1}}, "has 1 document; to rank"),
        (TEXTS, {"q1": "number1"}, {"q1": {"d1": 1}}, "has one query with a relevant document"),
        (TEXTS, QUERIES, {"q1": {"d1": 0}, "q2": {"d2": 0}}, "no query has a relevant document"),
        (TEXTS, QUERIES, {"q1": {"gone": 1}, "q2": {"d2": 1}}, "1 judged documents are not in the corpus.*'gone'"),
    ],
)
def test_datasets_that_say_nothing_of_room(
    dataset: Callable[..., Dataset],
    texts: dict[str, str],
    queries: dict[str, str],
    qrels: dict[str, dict[str, int]],
    words: str,
) -> None:
    with pytest.raises(DatasetError, match=words):
        measure_room(dataset(texts, queries, qrels))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"dims": (4096, 512)}, "512 comes after 4096"),
        ({"dims": (4, 512), "families": ["numen"]}, "dim is 4"),
        ({"families": ["nunem"]}, "did you mean 'numen'"),
        ({"by": "Recal@100"}, "no measure"),
        ({"k": 0}, "k is 0"),
        ({"answers": 3}, "no query of made has more than 2 relevant"),
        ({"answers": 0}, "answers is 0"),
        ({"families": [], "references": []}, "nothing is left"),
        ({"encode": 1, "model": ("letters", VectorCache("letters", lambda: letters))}, "encode is 1"),
    ],
)
def test_options_that_do_not_fit(dataset: Callable[..., Dataset], how: dict[str, object], words: str) -> None:
    common = {"families": ["dense"], "references": [], "free": False}
    with pytest.raises((OptionError, InputError), match=words):
        measure_room(dataset(TEXTS, QUERIES, QRELS), **{**common, **how})  # type: ignore[arg-type]


def test_missing_documents_can_be_left_out(dataset: Callable[..., Dataset]) -> None:
    qrels = {**QRELS, "q1": {"d1": 1, "gone": 1}}
    found = measure_room(
        dataset(TEXTS, QUERIES, qrels), families=[], references=["bm25"], free=False, skip_missing=True
    )
    assert found.judgements == 3
    assert "judgements of 1 documents" in found.notes[0]


def test_a_model_that_encodes_a_part_estimates_the_whole(tiny: Dataset) -> None:
    model = ("letters", VectorCache("letters", lambda: letters))
    common = {"families": ["dense"], "references": [], "model": model, "free": False, "k": 10, "by": "R@10"}
    whole, part = (measure_room(tiny, encode=encode, **common) for encode in (None, 80))  # type: ignore[arg-type]
    full = {size.name: size.measures["R@10"] for size in whole.sizes}
    for size in part.sizes:
        assert size.measures["R@10"] == pytest.approx(full[size.name], abs=0.15)
        assert size.index_bytes == next(one.index_bytes for one in whole.sizes if one.name == size.name)
