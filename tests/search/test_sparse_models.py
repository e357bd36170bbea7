"""Legs of learned sparse models: scores are sentence-transformers', updates equal a fresh build, errors are clear."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.errors import EncoderMismatch, MissingExtra, ModelError, OptionError

KINDS = ["max", "sum", "log", "free", "doc"]

TEXTS = {
    "a": "the flow of air over a wing",
    "b": "heat in a boundary layer",
    "c": "shock wave and supersonic flow, shock wave",
    "d": "pressure drag of a body at supersonic speed",
    "e": "a jet of hot air from a nozzle",
    "f": "lift and drag of a plate",
}
QUERIES = ["supersonic shock wave", "drag", "heat of the jet; heat"]


def documents(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"id": id_, "text": text, "early": id_ < "d"} for id_, text in texts.items()]


def found(collection: Collection, query: str, **options: Any) -> dict[str, float]:
    return {hit.id: hit.score for hit in collection.search(query, 20, **options)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c"


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_sentence_transformers(kind: str, splade_folders: dict[str, Path], path: Path) -> None:
    from sentence_transformers import SparseEncoder

    folder = splade_folders[kind]
    model = SparseEncoder(str(folder), device="cpu")
    wanted = model.similarity(model.encode_query(QUERIES), model.encode_document(list(TEXTS.values())))
    with Collection.create(path, legs={"s": f"sparse:{folder}"}) as collection:
        collection.add(documents(TEXTS))
    with Collection.open(path) as collection:
        for query, row in zip(QUERIES, wanted.to_dense().numpy(), strict=True):
            scores = found(collection, query)
            expected = {id_: float(score) for id_, score in zip(TEXTS, row, strict=True) if score > 0}
            assert scores.keys() == expected.keys()
            np.testing.assert_allclose([scores[id_] for id_ in expected], list(expected.values()), rtol=1e-5)
        assert collection.check() == []


def test_cosine_where_the_model_says_so(splade_folders: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "cosine"
    shutil.copytree(splade_folders["max"], folder)
    settings = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    settings["similarity_fn_name"] = "cosine"
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings), encoding="utf-8")
    with Collection.create(legs={"s": f"sparse:{folder}"}) as collection:
        collection.add(documents(TEXTS))
        assert collection.search(TEXTS["c"])[0].score == pytest.approx(1.0, rel=1e-5)
    settings["similarity_fn_name"] = "euclidean"
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ModelError, match="compares by euclidean"):
        Collection.create(legs={"s": f"sparse:{folder}"})


def test_unicoil_gives_weight_to_the_tokens_of_a_text_alone(unicoil_folder: Path) -> None:
    with Collection.create(legs={"s": f"sparse:{unicoil_folder}"}) as collection:
        collection.add(documents(TEXTS))
        explained = collection.explain("supersonic shock wave", "c").legs[0]
        assert {part.term for part in explained.parts} <= {"supersonic", "shock", "wave", "[SEP]"}
        assert sum(part.contribution for part in explained.parts) == pytest.approx(explained.score)
        assert "jet" not in {part.term for part in explained.parts}


def test_explanations_name_tokens(splade_folders: dict[str, Path]) -> None:
    with Collection.create(legs={"s": f"sparse:{splade_folders['free']}"}) as collection:
        collection.add(documents(TEXTS))
        explained = collection.explain("drag wave", "d", k=1).legs[0]
        assert {part.term for part in explained.parts} | set(explained.missing) == {"drag", "wave"}
        assert explained.score == pytest.approx(found(collection, "drag wave")["d"])


@pytest.mark.parametrize("option", ["precision=float32", "precision=8bit", "top=10"])
def test_updates_equal_a_fresh_build(option: str, splade_folders: dict[str, Path], path: Path) -> None:
    spec = f"sparse:{splade_folders['max']},{option}"
    with Collection.create(path, legs={"s": spec}) as collection:
        collection.add(documents({**TEXTS, "x": "the wing", "a": "replaced below"}))
        collection.add(documents({"a": TEXTS["a"]}))
        collection.delete(["x"])
        before = {query: found(collection, query) for query in QUERIES}
        collection.compact()
        with Collection.create(legs={"s": collection.legs["s"]}) as fresh:
            fresh.add(documents(TEXTS))
            for query in QUERIES:
                assert before[query] == found(collection, query)
                for id_, score in found(fresh, query).items():
                    # A model's numbers depend a little on what is in a batch beside a text.
                    assert before[query][id_] == pytest.approx(score, rel=1e-4)
        early = found(collection, "drag", where={"early": True})
        assert early == {id_: score for id_, score in before["drag"].items() if id_ < "d"}


def test_top_and_threshold_prune_documents(splade_folders: dict[str, Path]) -> None:
    full, few = (f"sparse:{splade_folders['max']}{option}" for option in ("", ",top=5"))
    with Collection.create(legs={"full": full, "few": few, "high": full + ",threshold=0.3"}) as collection:
        collection.add(documents(TEXTS))
        sizes = {leg.name: leg.postings for leg in collection.info().legs}
        assert sizes["few"] == 5 * len(TEXTS)
        assert 0 < sizes["high"] < sizes["full"]
        parts = {name: collection.explain("drag", "d", legs=[name]).legs[0].parts for name in ("full", "few")}
        weights = {part.term: part.document_weight for part in parts["full"]}
        assert all(part.document_weight == weights[part.term] for part in parts["few"])


def test_texts_beyond_what_the_model_reads_are_counted(splade_folders: dict[str, Path]) -> None:
    with Collection.create(legs={"s": f"sparse:{splade_folders['max']}"}) as collection:
        report = collection.add(documents({"long": "flow " * 60, "short": "flow", "fits": "flow " * 46}))
        assert report.truncated == 1


def test_blank_texts_and_queries_find_nothing(splade_folders: dict[str, Path]) -> None:
    with Collection.create(legs={"s": f"sparse:{splade_folders['max']}"}) as collection:
        collection.add(documents({"blank": " ", "a": "flow"}))
        assert list(collection.search("  ")) == []
        assert set(found(collection, "flow")) == {"a"}


def test_a_leg_remembers_its_model(splade_folders: dict[str, Path], path: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    shutil.copytree(splade_folders["max"], here)
    with Collection.create(path, legs={"s": f"sparse:{here},top=20"}) as collection:
        collection.add(documents(TEXTS))
        scores = found(collection, "drag")
        (here / "README.md").write_text("told anew", encoding="utf-8")
    with Collection.open(path, legs={"s": f"sparse:{here},top=20"}) as collection:
        assert found(collection, "drag") == scores
    shutil.move(here, there)
    with Collection.open(path) as collection, pytest.raises(ModelError, match="there is no folder"):
        collection.search("drag")
    with Collection.open(path, legs={"s": f"sparse:{there},top=20"}) as collection:
        assert found(collection, "drag") == scores
    with pytest.raises(EncoderMismatch, match="was made with"):
        Collection.open(path, legs={"s": f"sparse:{there},top=21"})
    with pytest.raises(EncoderMismatch, match="was made with"):
        Collection.open(path, legs={"s": f"sparse:{splade_folders['sum']},top=20"})
    shutil.copytree(splade_folders["free"], here)
    with Collection.open(path) as collection, pytest.raises(EncoderMismatch, match="another model"):
        collection.search("drag")


def test_a_model_that_is_none_makes_no_collection(splade_folders: dict[str, Path], path: Path, tmp_path: Path) -> None:
    empty, file, broken = tmp_path / "empty", tmp_path / "file", tmp_path / "broken"
    empty.mkdir()
    file.write_text("x", encoding="utf-8")
    shutil.copytree(splade_folders["max"], broken)
    weights = broken / "model.safetensors"
    whole = weights.read_bytes()
    for spec, error, says in [
        ("sparse:", OptionError, "names no model"),
        ("sparse:./nowhere", ModelError, "there is no folder ./nowhere"),
        (f"sparse:{empty}", ModelError, "holds no model"),
        (f"sparse:{file}", ModelError, "is a file"),
        (f"sparse:{broken},top=0", OptionError, "top is 0"),
        (f"sparse:{broken},top=many", OptionError, "whole number"),
        (f"sparse:{broken},threshold=-1", OptionError, "threshold is -1"),
        (f"sparse:{broken},tpo=1", OptionError, "did you mean 'top'"),
    ]:
        with pytest.raises(error, match=says):
            Collection.create(path, legs={"s": spec})
    for damaged in (whole[: len(whole) // 2], b"", None):
        if damaged is None:
            weights.unlink()
        else:
            weights.write_bytes(damaged)
        with pytest.raises(ModelError, match="cannot be loaded"):
            Collection.create(path, legs={"s": f"sparse:{broken}"})
    weights.write_bytes(whole)
    (broken / "modules.json").write_text("[{", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        Collection.create(path, legs={"s": f"sparse:{broken}"})
    assert not path.exists()


def test_weights_that_a_folder_lacks_are_not_drawn_at_random(bert_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "headless"
    shutil.copytree(bert_folder, folder)
    state = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in state.items() if "predictions.transform" not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match="lacks weights"):
        Collection.create(legs={"s": f"sparse:{folder}"})


def test_a_dense_model_is_refused(bert_folder: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    folder = tmp_path / "dense"
    SentenceTransformer(modules=[Transformer(str(bert_folder)), Pooling(32)]).save_pretrained(str(folder))
    with pytest.raises(ModelError, match=r"makes no sparse vectors.*dense:"):
        Collection.create(legs={"s": f"sparse:{folder}"})


def test_numbers_that_are_none_are_refused(bert_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "nan"
    shutil.copytree(bert_folder, folder)
    state = load_file(folder / "model.safetensors")
    state["cls.predictions.bias"][7] = float("nan")
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    with Collection.create(legs={"s": f"sparse:{folder}"}) as collection:
        with pytest.raises(ModelError, match="no numbers"):
            collection.add(documents(TEXTS))
        assert len(collection) == 0


def test_a_name_on_the_hub_while_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"hub cannot be reached.*name a folder"):
        Collection.create(legs={"s": "sparse:nobody/knows-this-model"})


def test_without_torch_the_extra_is_named(splade_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"numen\[neural\]"):
        Collection.create(legs={"s": f"sparse:{splade_folders['max']}"})
