"""Evaluations: the object of the terminal, and figures of the real collections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from numen.errors import DocumentError, InputError, OptionError
from numen.evaluate import compare, evaluate, known_item, load_dataset, measure, read_run, write_run
from numen.evaluate.dataset import Dataset, judged
from numen.types import Document


def _unread() -> Dataset:
    def documents() -> Iterator[Document]:
        raise AssertionError("the corpus was read")

    return judged("unread", documents, {"q": "text"}, {"q": {"a": 1}})


def test_the_object_is_that_of_the_terminal(toy: Path) -> None:
    evaluation = evaluate(load_dataset(toy), ["bm25", "numen:512"])
    found = json.loads(json.dumps(evaluation.to_json(), allow_nan=False))
    assert {key: value for key, value in found.items() if key != "results"} == {
        "dataset": "toy",
        "documents": 4,
        "queries": 2,
        "judgements": 3,
        "notes": [],
    }
    assert [result["encoder"] for result in found["results"]] == ["bm25", "numen:512"]
    for result in found["results"]:
        assert list(result) == [
            "encoder",
            "measures",
            "index_seconds",
            "documents_per_second",
            "queries_per_second",
            "latency_ms",
            "index_bytes",
            "peak_rss_bytes",
            "threads",
            "exact",
        ]
        assert list(result["measures"]) == ["nDCG@10", "R@2", "R@10", "R@100", "RR@10"]
        assert result["threads"] == 1
        assert result["exact"] is True


def test_measures_belong_to_the_runs(toy: Path) -> None:
    dataset = load_dataset(toy)
    evaluation = evaluate(dataset, ["bm25", "numen:512"], measures=["RR@10", "P@1"])
    for result in evaluation.results:
        again = measure(evaluation.runs[result.encoder], dataset.qrels, ["RR@10", "P@1"])
        assert evaluation.measured[result.encoder] == again
        assert result.measures == again.means
    assert list(evaluation.runs["bm25"]) == ["q2", "q1"]
    assert evaluation.runs["bm25"]["q1"][0][0] == "d2"


def test_fields_say_what_is_indexed(toy: Path) -> None:
    dataset = judged("toy", load_dataset(toy).documents, {"q": "birds"}, {"q": {"d3": 1}})
    assert evaluate(dataset, ["bm25"]).results[0].measures["RR@10"] == 1.0
    assert evaluate(dataset, ["bm25"], fields=("text",)).results[0].measures["RR@10"] == 0.0


def test_names_that_mean_the_same_encoder_are_evaluated_once(toy: Path) -> None:
    evaluation = evaluate(load_dataset(toy), ["numen", "bm25", "numen:32768", "bm25"])
    assert [result.encoder for result in evaluation.results] == ["numen:32768", "bm25"]


def test_too_few_hits_for_a_measure_are_noted(toy: Path) -> None:
    dataset = load_dataset(toy)
    assert "as far as 100) see only the first 2 hits" in evaluate(dataset, ["bm25"], k=2).notes[0]
    assert evaluate(dataset, ["bm25"], k=2, measures=["R@2"]).notes == ()


def test_notes_of_dataset_and_trials_come_once(toy: Path) -> None:
    whole = load_dataset(toy)
    dataset = judged("toy", whole.documents, whole.queries, {"q1": {"gone": 1}}, ("a note",))
    notes = evaluate(dataset, ["bm25", "numen:512"]).notes
    assert notes == ("a note", "1 judged documents are not in the corpus and cannot be found; one is 'gone'")


@pytest.mark.parametrize(
    ("encoders", "options", "error", "message"),
    [
        ([], {}, OptionError, "no encoder"),
        (["bm25", "nmen"], {}, OptionError, "nmen"),
        (["bm25"], {"measures": ["ndgc@10"]}, OptionError, "ndgc@10"),
        (["bm25"], {"identical": "drop"}, OptionError, "identical='drop'"),
        (["bm25"], {"k": 0}, InputError, "k is 0"),
        (["bm25"], {"threads": 0}, InputError, "threads is 0"),
    ],
)
def test_faults_are_found_before_the_corpus_is_read(
    encoders: list[str], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluate(_unread(), encoders, **options)


def test_a_faulty_document_stops_the_evaluation(toy: Path) -> None:
    with (toy / "corpus.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    with pytest.raises(DocumentError, match=r"corpus\.jsonl, line 5"):
        evaluate(load_dataset(toy), ["bm25"])


def test_progress_names_the_encoder(toy: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    evaluate(load_dataset(toy), ["bm25", "numen:512"], progress=lambda *report: told.append(report))
    assert {stage.split(": ")[0] for stage, _, _ in told} == {"bm25", "numen:512"}
    assert all(done >= 0 for _, done, _ in told)


def test_known_items_are_found_again() -> None:
    documents = [Document(f"d{i}", f"Number {i} of the list. The {i} is all that it shares.") for i in range(40)]
    evaluation = evaluate(known_item(documents), ["bm25"])
    assert evaluation.documents == evaluation.queries == evaluation.judgements == 40
    assert evaluation.results[0].measures["RR@10"] == 1.0


def test_a_run_that_is_measured_from_its_file_gives_the_same_measures(data_dir: Path, tmp_path: Path) -> None:
    dataset = load_dataset(data_dir / "cranfield")
    evaluation = evaluate(dataset, ["bm25"])
    write_run(evaluation.runs["bm25"], tmp_path / "run", "bm25")
    assert measure(read_run(tmp_path / "run"), dataset.qrels) == evaluation.measured["bm25"]


@pytest.mark.parametrize("encoder", ["bm25", "numen:32768"])
def test_the_run_file_has_the_same_bytes_each_time_and_on_any_number_of_threads(
    encoder: str, data_dir: Path, tmp_path: Path
) -> None:
    files = []
    for name, threads in (("first", 1), ("again", 1), ("threads", 2)):
        evaluation = evaluate(load_dataset(data_dir / "cranfield"), [encoder], threads=threads)
        write_run(evaluation.runs[encoder], tmp_path / name, encoder)
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1] == files[2]
    assert files[0].count(b"\n") == 22_500


@pytest.mark.parametrize(
    ("folder", "encoder", "ndcg", "recall", "within"),
    [
        ("cranfield", "bm25", 0.334, 0.694, 0.01),
        ("cranfield", "bm25:english", 0.360, 0.731, 0.01),
        ("cranfield", "numen:32768", 0.292, 0.666, 0.003),
        ("cisi", "numen:32768", 0.269, 0.339, 0.003),
        ("cacm", "numen:32768", 0.262, 0.536, 0.003),
        ("npl-vaswani", "numen:32768", 0.223, 0.470, 0.003),
        ("scifact", "numen:32768", 0.572, 0.860, 0.003),
    ],
)
def test_figures_that_others_measured_come_out(
    folder: str, encoder: str, ndcg: float, recall: float, within: float, data_dir: Path
) -> None:
    evaluation = evaluate(load_dataset(data_dir / folder), [encoder])
    (result,) = evaluation.results
    assert result.measures["nDCG@10"] == pytest.approx(ndcg, abs=within)
    assert result.measures["R@100"] == pytest.approx(recall, abs=within)
    assert evaluation.notes == ()


def test_stemming_is_better_than_none_on_cranfield_and_the_hash_is_worse(data_dir: Path) -> None:
    evaluation = evaluate(load_dataset(data_dir / "cranfield"), ["bm25", "bm25:english", "numen:32768"])
    plain, english, hashed = evaluation.measured.values()
    stemmed = {comparison.measure: comparison for comparison in compare(plain, english)}["nDCG@10"]
    assert stemmed.p < 0.05
    assert stemmed.won > stemmed.lost
    assert stemmed.won + stemmed.lost + stemmed.tied == 225
    assert {comparison.measure: comparison for comparison in compare(plain, hashed)}["nDCG@10"].difference < 0
