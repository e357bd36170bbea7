"""`numen eval`: the JSON of the design, runs, comparisons, and known item on any source."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ir_measures")

TEXTS = {
    "d1": "the boundary layer of a wing",
    "d2": "heat transfer in a laminar layer",
    "d3": "supersonic nozzles and shock waves",
}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A judged collection of three documents and two queries."""
    folder = tmp_path / "tiny"
    (folder / "qrels").mkdir(parents=True)
    lines = [json.dumps({"_id": key, "text": text}) for key, text in TEXTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    queries = [{"_id": "q1", "text": "wing boundary"}, {"_id": "q2", "text": "shok waves"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t1\n"
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n", encoding="utf-8")
    return folder


def test_json_holds_what_the_design_says(numen: Callable[..., Any], dataset: Path) -> None:
    result = numen("eval", dataset, "--encoder", "bm25", "--encoder", "numen:512", "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    printed = json.loads(result.stdout)
    assert (printed["dataset"], printed["documents"], printed["queries"], printed["judgements"]) == ("tiny", 3, 2, 2)
    assert [found["encoder"] for found in printed["results"]] == ["bm25", "numen:512"]
    for found in printed["results"]:
        assert found["measures"] == {"nDCG@10": 1.0, "R@2": 1.0, "R@10": 1.0, "R@100": 1.0, "RR@10": 1.0}
        assert found["latency_ms"].keys() == {"p50", "p95", "p99"}
        assert (found["threads"], found["exact"]) == (1, True)
    assert {(c["encoder"], c["against"], c["tied"]) for c in printed["comparisons"]} == {("numen:512", "bm25", 2)}


def test_the_table_has_a_row_an_encoder_and_the_comparison(numen: Callable[..., Any], dataset: Path) -> None:
    result = numen("eval", dataset, "--encoder", "bm25", "--encoder", "numen:512", "--measure", "RR@10")
    assert result.exit_code == 0
    assert "tiny: 3 documents, 2 queries, 2 judgements" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["encoder", "RR@10"] in rows
    assert ["bm25", "1.0000"] in rows
    assert ["numen:512", "1.0000"] in rows
    assert ["RR@10", "+0.0000", "0", "0", "2", "1.0000"] in rows


def test_a_split_is_chosen(numen: Callable[..., Any], dataset: Path) -> None:
    printed = json.loads(numen("eval", dataset, "--split", "dev", "--json").stdout)
    assert (printed["queries"], printed["results"][0]["encoder"]) == (1, "auto")


def test_the_run_of_one_encoder_has_the_name_given(numen: Callable[..., Any], dataset: Path, tmp_path: Path) -> None:
    result = numen("eval", dataset, "--encoder", "bm25", "--run", tmp_path / "tiny.run")
    assert str(tmp_path / "tiny.run") in result.stdout.replace("\n", "")
    columns = (tmp_path / "tiny.run").read_text(encoding="utf-8").splitlines()[0].split()
    assert (columns[:4], columns[5]) == (["q1", "Q0", "d1", "1"], "bm25")


def test_runs_of_several_encoders_have_theirs_in_the_name(
    numen: Callable[..., Any], dataset: Path, tmp_path: Path
) -> None:
    numen("eval", dataset, "--encoder", "numen:512", "--encoder", "bm25:english", "--run", tmp_path / "tiny.run")
    assert sorted(path.name for path in tmp_path.glob("*.run")) == ["tiny.bm25-english.run", "tiny.numen-512.run"]


def test_two_evaluations_write_the_same_bytes(numen: Callable[..., Any], dataset: Path, tmp_path: Path) -> None:
    for name, threads in (("a", 1), ("b", 2)):
        numen("eval", dataset, "--encoder", "numen:512", "--threads", threads, "--run", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != b""


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    path = tmp_path / "stories.jsonl"
    lines = [
        {"id": f"s{number}", "text": f"A tale of number{number} begins. It goes on with number{number} and ends."}
        for number in range(20)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def test_known_item_needs_no_judgements(numen: Callable[..., Any], stories: Path) -> None:
    printed = json.loads(numen("eval", stories, "--known-item", "--json").stdout)
    assert (printed["documents"], printed["queries"]) == (20, 20)
    assert printed["results"][0]["measures"]["RR@10"] == 1.0


def test_known_item_reads_standard_input(numen: Callable[..., Any], stories: Path) -> None:
    result = numen("eval", "-", "--known-item", "--sample", "5", "--json", stdin=stories.read_text(encoding="utf-8"))
    printed = json.loads(result.stdout)
    assert (printed["documents"], printed["queries"]) == (20, 5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--encoder", "bm26"], "bm25"),
        (["--measure", "nDGC@10"], "nDGC@10"),
        (["--split", "tset"], "test"),
        (["--identical", "never"], "keep"),
        (["-k", "0"], "k is 0"),
        (["--sample", "3"], "--known-item"),
        (["--run", "absent/folder/x.run"], "there is no folder"),
        (["--fields", "body"], "body"),
    ],
)
def test_options_that_do_not_fit_are_named(
    numen: Callable[..., Any], dataset: Path, options: list[str], words: str
) -> None:
    result = numen("eval", dataset, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_folder_without_judgements_is_named(numen: Callable[..., Any], dataset: Path) -> None:
    for path in (dataset / "qrels").iterdir():
        path.unlink()
    (dataset / "qrels").rmdir()
    result = numen("eval", dataset)
    assert result.exit_code == 2
    assert "qrels" in result.stderr
    assert "--known-item" in result.stderr


def test_a_missing_folder_is_named(numen: Callable[..., Any], tmp_path: Path) -> None:
    result = numen("eval", tmp_path / "absent")
    assert (result.exit_code, str(tmp_path / "absent") in result.stderr) == (2, True)


def test_legs_and_feedback_are_compared(numen: Callable[..., Any], dataset: Path) -> None:
    options = ["--encoder", "bm25", "--legs", "a=bm25,b=numen:512", "--fuse", "rrf", "--fuse", "zscore,b=0.5"]
    printed = json.loads(numen("eval", dataset, *options, "--feedback", "none", "--feedback", "rm3", "--json").stdout)
    assert [found["encoder"] for found in printed["results"]] == [
        "bm25",
        "bm25 + rm3",
        "a=bm25,b=numen:512 rrf",
        "a=bm25,b=numen:512 rrf + rm3",
        "a=bm25,b=numen:512 zscore,b=0.5",
        "a=bm25,b=numen:512 zscore,b=0.5 + rm3",
    ]
    assert "--fuse goes with --legs" in numen("eval", dataset, "--fuse", "rrf").stderr


def test_typos_are_a_measured_property(numen: Callable[..., Any], dataset: Path) -> None:
    options = ["--encoder", "bm25", "--encoder", "numen:512", "--typos", "1", "--seed", "4"]
    printed = json.loads(numen("eval", dataset, *options, "--json").stdout)
    assert printed["typos"] == {"rate": 1.0, "seed": 4}
    plain, hashed = (found["kept"]["nDCG@10"] for found in printed["results"])
    assert plain < hashed <= 1.0
    shown = numen("eval", dataset, *options).stdout
    assert "kept of what the queries give without typing errors (rate 1)" in shown
    assert f"{hashed:.1%}" in shown
    assert numen("eval", dataset, "--typos", "1.5").exit_code == 2
