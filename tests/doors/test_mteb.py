"""The MTEB door: the real package evaluates numen on a task made here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

mteb = pytest.importorskip("mteb", reason="mteb is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

from numen.doors.mteb import NumenEncoder, NumenSearch  # noqa: E402

CORPUS = {"1": "The boundary layer of a wing", "2": "Heat in a laminar boundary layer", "3": "Supersonic nozzles"}
QUERIES = {"q1": "wings boundary", "q2": "heat", "q3": "supersonic nozzle"}
QRELS = {"q1": {"1": 1}, "q2": {"2": 1}, "q3": {"3": 1}}


def task() -> Any:
    """A retrieval task of MTEB's on the documents above."""
    from datasets import Dataset
    from mteb.abstasks.retrieval import AbsTaskRetrieval
    from mteb.abstasks.task_metadata import TaskMetadata

    class Local(AbsTaskRetrieval):
        metadata = TaskMetadata(
            name="NumenLocal",
            description="A task of three documents",
            dataset={"path": "local", "revision": "1"},
            type="Retrieval",
            category="t2t",
            eval_splits=["test"],
            eval_langs=["eng-Latn"],
            main_score="ndcg_at_10",
        )

        def load_data(self, **_: Any) -> None:
            self.dataset = {
                "default": {
                    "test": {
                        "corpus": Dataset.from_list([{"id": id, "title": "", "text": t} for id, t in CORPUS.items()]),
                        "queries": Dataset.from_list([{"id": id, "text": t} for id, t in QUERIES.items()]),
                        "relevant_docs": QRELS,
                        "top_ranked": None,
                    }
                }
            }
            self.data_loaded = True

    return Local()


@pytest.mark.parametrize("model", [NumenSearch({"words": "bm25"}), NumenSearch(), NumenEncoder("numen:1024")])
def test_mteb_evaluates_it(model: Any) -> None:
    results = mteb.evaluate(model, task(), cache=None, overwrite_strategy="always", show_progress_bar=False)
    (result,) = results.task_results
    assert result.get_score() > 0.6


def test_it_is_what_the_protocols_ask() -> None:
    from mteb.models.models_protocols import EncoderProtocol, SearchProtocol

    assert isinstance(NumenSearch(), SearchProtocol)
    assert isinstance(NumenEncoder(), EncoderProtocol)
    vectors = NumenEncoder("numen:256").encode([{"text": ["a fox", ""]}, {"text": ["hen"]}])
    assert vectors.shape == (3, 256)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1], atol=1e-6)
