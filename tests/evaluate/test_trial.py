"""One encoder on one dataset: what is counted, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from numen.evaluate import trial
from numen.evaluate.dataset import Dataset, judged
from numen.evaluate.system import System
from numen.evaluate.trial import Trial, run_system
from numen.types import Document, Qrels


def _run(dataset: Dataset, k: int = 10, identical: str = "same") -> Trial:
    system = System.of("bm25")
    return run_system(dataset, system, k=k, threads=1, identical=identical, fields=("title", "text"))


def _dataset(documents: list[Document], queries: dict[str, str], qrels: Qrels) -> Dataset:
    return judged("toy", lambda: iter(documents), queries, qrels)


def _arguments() -> Dataset:
    """As in ArguAna, query "x" is document "x"; query "1" and document "1" share nothing but their ids."""
    documents = [
        Document("x", "cats sleep all day"),
        Document("y", "cats sleep at night"),
        Document("z", "cats never sleep much more"),
        Document("1", "dogs run in the park"),
        Document("2", "dogs bark"),
    ]
    qrels: Qrels = {"x": {"y": 1}, "1": {"1": 1}}
    return _dataset(documents, {"x": "Cats  sleep all day", "1": "dogs in the park"}, qrels)


def test_a_document_identical_to_its_query_is_no_hit() -> None:
    kept, dropped = _run(_arguments(), identical="keep"), _run(_arguments())
    assert [document for document, _ in kept.run["x"]] == ["x", "y", "z"]
    assert dropped.run["x"] == kept.run["x"][1:]
    assert dropped.run["1"] == kept.run["1"]
    assert kept.notes == ()
    assert dropped.notes == (
        "identical='same': 1 queries have a document of their own in the corpus, which is not counted as a hit; "
        "0 of these are judged relevant to their query",
    )


def test_by_id_alone_a_relevant_document_is_lost_and_said_to_be() -> None:
    lost = _run(_arguments(), identical="id")
    assert [document for document, _ in lost.run["1"]] == ["2"]
    assert "1 of these are judged relevant" in lost.notes[0]


@pytest.mark.parametrize("k", [1, 2])
def test_k_hits_are_left_where_one_is_dropped(k: int) -> None:
    run = _run(_arguments(), k=k).run
    assert [len(hits) for hits in run.values()] == [k, k]
    assert run["x"][0][0] == "y"


def test_a_query_without_hits_stays_in_the_run() -> None:
    dataset = _dataset([Document("a", "some text")], {"q": "nothing alike", "p": ""}, {"q": {"a": 1}, "p": {"a": 1}})
    assert _run(dataset).run == {"q": [], "p": []}


def test_judged_documents_that_the_corpus_lacks_are_noted() -> None:
    dataset = _dataset([Document("a", "some text")], {"q": "text"}, {"q": {"a": 1, "gone": 1, "lost": 0}})
    assert _run(dataset).notes == ("2 judged documents are not in the corpus and cannot be found; one is 'gone'",)


def test_an_id_that_comes_twice_is_noted() -> None:
    dataset = _dataset([Document("a", "old"), Document("a", "some text")], {"q": "text"}, {"q": {"a": 1}})
    found = _run(dataset)
    assert found.documents == 1
    assert [document for document, _ in found.run["q"]] == ["a"]
    assert found.notes == ("1 documents of the corpus repeat an id; the last of each id counts",)


def test_a_peak_that_cannot_be_reset_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "reset_peak_rss", lambda: False)
    assert "does not let it be reset" in _run(_arguments(), identical="keep").notes[0]


def test_waiting_for_documents_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(trial, "perf_counter", lambda: now)

    def slow() -> Iterator[Document]:
        nonlocal now
        for name in "ab":
            now += 2.0
            yield Document(name, "text")
        now += 1.0

    reading = trial._Reading(slow())
    names = []
    for document in reading:
        names.append(document.id)
        now += 100.0
    assert names == ["a", "b"]
    assert reading.seconds == 5.0


def test_percentiles_are_in_order_and_costs_are_positive() -> None:
    found = _run(_arguments())
    assert list(found.latency_ms) == ["p50", "p95", "p99"]
    assert 0 < found.latency_ms["p50"] <= found.latency_ms["p95"] <= found.latency_ms["p99"]
    assert found.index_seconds > 0
    assert found.queries_per_second > 0
    assert found.index_bytes > 0
    assert found.peak_rss_bytes > 1 << 20
    assert found.exact is True
