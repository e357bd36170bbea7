"""What every test may ask for: the judged collections beside the checkout, and small models in real formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

WORDS = (
    "the of in flow heat shock wave boundary layer wing pressure supersonic drag lift jet nozzle plate body speed air"
)
"""Words that the small models of the tests know whole; all others they spell."""


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """`../shared/data` beside the checkout, or a skip that says so."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the judged collections are not beside this checkout (../shared/data)")
    return folder


def small_tokenizer(longest: int = 48) -> Any:
    """A word piece tokenizer over WORDS and letters, as BERT's."""
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import PreTrainedTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = [*special, *letters, *(f"##{one}" for one in letters), *WORDS.split(), *".,;-"]
    inner = Tokenizer(WordPiece({token: i for i, token in enumerate(tokens)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {
        "unk_token": "[UNK]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    return PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=longest, **names)


def small_bert(kind: str, tokenizer: Any, longest: int = 48) -> Any:
    """A BERT of two layers with random weights: transformers' class `kind`, such as BertForMaskedLM."""
    import torch
    import transformers

    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=longest,
    )
    config._attn_implementation = "eager"
    return getattr(transformers, kind)(config).eval()


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A masked language model in the format of transformers."""
    folder = tmp_path_factory.mktemp("models") / "mlm"
    tokenizer = small_tokenizer()
    tokenizer.save_pretrained(folder)
    small_bert("BertForMaskedLM", tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def splade_folders(bert_folder: Path) -> dict[str, Path]:
    """Sparse models in the format of sentence-transformers: max, sum, double logarithm, inference-free, doc-only."""
    import torch
    from sentence_transformers import SparseEncoder
    from sentence_transformers.base.modules import Router, Transformer
    from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding, SpladePooling

    def transformer() -> Any:
        return Transformer(str(bert_folder), transformer_task="fill-mask")

    def static(weight: Any) -> Any:
        return SparseStaticEmbedding(tokenizer=small_tokenizer(), weight=weight)

    size = len(small_tokenizer())
    torch.manual_seed(3)
    table = torch.rand(size) * 5
    table[:5] = 0
    found = {
        "max": [transformer(), SpladePooling("max")],
        "sum": [transformer(), SpladePooling("sum")],
        "log": [transformer(), SpladePooling("max", activation_function="log1p_relu")],
        "free": [Router.for_query_document([static(table)], [transformer(), SpladePooling("max")])],
        "doc": [Router.for_query_document([static(None)], [transformer(), SpladePooling("max")])],
    }
    out = {}
    for name, modules in found.items():
        out[name] = bert_folder.parent / name
        SparseEncoder(modules=modules, device="cpu").save_pretrained(str(out[name]))
    return out


@pytest.fixture(scope="session")
def unicoil_folder(bert_folder: Path) -> Path:
    """uniCOIL as its authors publish it."""
    import json

    import torch

    folder = bert_folder.parent / "unicoil"
    tokenizer = small_tokenizer()
    tokenizer.save_pretrained(folder)
    inner = small_bert("BertModel", tokenizer)
    inner.config.architectures = ["UniCoilEncoder"]
    inner.config.save_pretrained(folder)
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**settings, "architectures": ["UniCoilEncoder"]}), encoding="utf-8")
    projection = torch.nn.Linear(32, 1)
    state = {f"bert.{name}": value for name, value in inner.state_dict().items()}
    state |= {f"tok_proj.{name}": value for name, value in projection.state_dict().items()}
    torch.save(state, folder / "pytorch_model.bin")
    return folder
