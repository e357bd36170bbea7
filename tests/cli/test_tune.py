"""`numen tune`: what is chosen, what it is worth, and how to use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ir_measures")


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A collection in which long documents are right, so that length should not count; with a training split."""
    folder = tmp_path / "long"
    (folder / "qrels").mkdir(parents=True)
    documents, queries, qrels = [], [], []
    for n in range(40):
        documents.append({"_id": f"long{n}", "text": f"word{n} " * 3 + "other things " * 60})
        documents += [{"_id": f"short{n}-{i}", "text": f"word{n} thing"} for i in range(3)]
        queries.append({"_id": f"q{n}", "text": f"word{n}"})
        qrels.append(f"q{n}\tlong{n}\t1")
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    head = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels" / "test.tsv").write_text(head + "\n".join(qrels[:20]), encoding="utf-8")
    (folder / "qrels" / "train.tsv").write_text(head + "\n".join(qrels[15:]), encoding="utf-8")
    return folder


def test_the_choice_is_shown_with_its_worth_and_its_options(numen: Callable[..., Any], judged: Path) -> None:
    result = numen("tune", judged, "--encoder", "bm25", "--quiet")
    assert result.exit_code == 0, result.stderr
    assert "chosen on 10 queries, reported on 10 others" in result.stdout
    assert "as it was" in result.stdout
    assert "two-sided paired randomisation test" in result.stdout
    assert "Better on queries it was not chosen by. To search so: --" in result.stdout
    used = result.stdout.split("To search so: ")[1].split()
    numen("index", judged / "corpus.jsonl", "--into", judged / "c", "--encoder", "bm25")
    hits = json.loads(numen("search", judged / "c", "word7", *used, "--json").stdout)["hits"]
    assert hits[0]["id"] == "long7"


def test_a_training_split_is_taken_without_what_is_held_out(numen: Callable[..., Any], judged: Path) -> None:
    printed = json.loads(numen("tune", judged, "--encoder", "bm25", "--train-split", "train", "--json", "-q").stdout)
    assert (printed["train"]["queries"], printed["held_out"]["queries"]) == (20, 20)
    assert printed["held_out"]["better"]
    assert printed["chosen"]["bm25"]["b"] < 0.75


def test_where_nothing_is_better_nothing_is_recommended(numen: Callable[..., Any], judged: Path) -> None:
    shown = numen("tune", judged, "--encoder", "numen:512,signed=true", "-q").stdout
    assert "Nothing did better than numen:512,signed=true as it is." in shown


def test_a_blend_is_learned_written_and_reported(numen: Callable[..., Any], judged: Path) -> None:
    pytest.importorskip("lightgbm")
    path = judged / "blend.json"
    how = ("--legs", "words=bm25,grams=numen:512", "--train-split", "train", "--blend", path)
    result = numen("tune", judged, *how, "--quiet")
    assert result.exit_code == 0, result.stderr
    assert "learned from 20 queries, reported on 20 others" in result.stdout
    assert f"Written to {path}" in result.stdout
    printed = json.loads(numen("tune", judged, *how, "--fuse", "rrf", "--json", "-q").stdout)["blend"]
    assert (printed["train_queries"], printed["held_out_queries"]) == (20, 20)
    assert printed["fused"]["fuse"] == "rrf"

    from numen import Collection
    from numen.search import Blend

    with Collection.create(legs={"words": "bm25", "grams": "numen:512"}) as collection:
        collection.add([{"id": "a", "text": "word1"}, {"id": "b", "text": "word2 word2"}])
        assert len(Blend.load(path).rank_many(collection, ["word1"])[0]) >= 1
    for wrong in (
        ("--fuse", "rrf"),
        ("--blend", judged / "nowhere" / "b.json"),
        ("--encoder", "bm25", "--blend", path),
    ):
        refused = numen("tune", judged, *wrong, "-q")
        assert refused.exit_code == 2
        assert "Traceback" not in refused.stderr


def test_options_that_exclude_each_other_are_refused(numen: Callable[..., Any], judged: Path) -> None:
    assert numen("tune", judged, "--encoder", "bm25", "--legs", "a=bm25,b=numen").exit_code == 2
    assert numen("tune", judged, "--train-split", "train", "--share", "0.5").exit_code == 2
    assert "above 0 and below 1" in numen("tune", judged, "--share", "1").stderr
