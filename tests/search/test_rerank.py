"""Reranking: the first hits in the order of a cross-encoder's scores, the others gone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.errors import InputError, MissingExtra, OptionError
from numen.search import Rerank
from numen.search import rerank as reranking

DOCUMENTS = [{"id": f"d{i}", "text": "word " * (10 - i) + "other " * i, "n": i} for i in range(10)]


class LengthReader:
    """In the place of a cross-encoder: the more "other", the better."""

    def predict(self, pairs: list[tuple[str, str]], **_: Any) -> Any:
        return np.array([text.count("other") + 0.0 for _, text in pairs])


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reranking, "_loaded", lambda model: LengthReader())


@pytest.mark.usefixtures("stub")
def test_the_first_hits_come_in_the_models_order() -> None:
    with Collection.create(legs={"words": "bm25", "grams": "numen:64"}) as collection:
        collection.add(DOCUMENTS)
        plain = [hit.id for hit in collection.search("word", 10, legs=["words"])]
        assert plain == [f"d{i}" for i in range(10)]
        hits = collection.search("word", 3, legs=["words"], rerank="model,documents=5")
        assert [(hit.id, hit.score, hit.rank) for hit in hits] == [("d4", 4, 1), ("d3", 3, 2), ("d2", 2, 3)]
        assert hits[0].legs["words"].rank == 5
        assert collection.search("word", 7, legs=["words"], rerank="model,documents=2")[0].id == "d6"
        fused = collection.search("word", 2, rerank="model", feedback="rocchio", where="n >= 0")
        assert [hit.id for hit in fused] == ["d9", "d8"]
        assert list(collection.search("absent", legs=["words"], rerank="model")) == []
        assert list(collection.search("word", 0, rerank="model")) == []
        many = collection.rank_many(["word", "zzz", "other"], 1, legs=["words"], rerank=Rerank("model", 4))
        assert [[id_ for id_, _ in one] for one in many] == [["d3"], [], ["d9"]]


def test_a_real_cross_encoder_is_asked(tmp_path: Path) -> None:
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\nother", encoding="utf-8")
    BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
    }
    torch.manual_seed(0)
    config = BertConfig(vocab_size=7, num_labels=1, max_position_embeddings=64, **sizes)
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    plainly = CrossEncoder(str(tmp_path))
    with Collection.create() as collection:
        collection.add(DOCUMENTS)
        hits = collection.search("word", 5, rerank=str(tmp_path))
        texts = {str(one["id"]): str(one["text"]) for one in DOCUMENTS}
        expected = {id_: float(plainly.predict([("word", text)])[0]) for id_, text in texts.items()}
        assert [hit.score for hit in hits] == pytest.approx(sorted(expected.values(), reverse=True)[:5], abs=1e-5)


def test_what_cannot_rerank_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.create(legs={"v": "given:dense:2"}) as collection:
        collection.add([{"id": "1", "text": "x"}], vectors=[[1, 0]])
        with pytest.raises(InputError, match="reads the text of a query"):
            collection.search(vectors=[1, 0], rerank="model")
        with pytest.raises(InputError, match="holds no model"):
            collection.search("x", vectors=[1, 0], rerank=str(tmp_path))
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
        with pytest.raises(MissingExtra, match=r"numen\[neural\]"):
            collection.search("x", vectors=[1, 0], rerank="model")
    for spec, message in (("", "needs a cross-encoder"), ("m,depth=3", "Legal: documents"), ("m,documents=x", "whole")):
        with pytest.raises(OptionError, match=message):
            Rerank.of(spec)
    assert Rerank.of("m,documents=9") == Rerank("m", 9)
    assert Rerank.of(Rerank("m", 9).spec) == Rerank("m", 9)
