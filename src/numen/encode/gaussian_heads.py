"""The heads of a Gaussian encoder, as a module of sentence-transformers: a mean and a variance a dimension.

This file needs torch, and is imported where a Gaussian model is loaded or made, and nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import Module

__all__ = ["VARIANCE_TOKEN", "GaussianHeads", "make_gaussian"]

VARIANCE_TOKEN = "[VAR]"
"""The token of its own, behind the first one, whose state the variance is made of."""


class GaussianHeads(Module):
    """Two linear maps without bias, shared by queries and documents (Zamani and Bendersky, SIGIR 2023, section 3):

    mean = W_M h(first token); variance = softplus(W_S h(variance token)) = ln(1 + exp(beta x)) / beta, and no less
    than `floor`.

    The sentence embedding is (mean, variance), 2 * size numbers. width: of the transformer's states. token: the number
    of the variance token in the vocabulary.
    """

    config_keys: list[str] = ["width", "size", "token", "beta", "floor"]  # noqa: RUF012

    def __init__(self, width: int, size: int, token: int, beta: float = 2.5, floor: float = 1e-4) -> None:
        super().__init__()
        self.width, self.size, self.token, self.beta, self.floor = width, size, token, beta, floor
        self.mean = torch.nn.Linear(width, size, bias=False)
        self.variance = torch.nn.Linear(width, size, bias=False)

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The features with their "sentence_embedding", (n, 2 * size)."""
        states = features["token_embeddings"]
        at = (features["input_ids"] == self.token).int().argmax(dim=1)  # the first token where there is none
        rows = torch.arange(len(states), device=states.device)
        mean = self.mean(states[:, 0])
        variance = torch.nn.functional.softplus(self.variance(states[rows, at]), beta=self.beta)
        features["sentence_embedding"] = torch.cat([mean, variance.clamp(min=self.floor)], dim=1)
        return features

    def get_embedding_dimension(self) -> int:
        """2 * size."""
        return 2 * self.size

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Write config.json and the weights to a folder."""
        self.save_config(output_path)
        self.save_torch_weights(output_path, safe_serialization=safe_serialization)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> GaussianHeads:
        """The heads that `save` wrote to a subfolder of a model's folder."""
        config = cls.load_config(model_name_or_path, subfolder=subfolder)
        heads: GaussianHeads = cls.load_torch_weights(model_name_or_path, subfolder=subfolder, model=cls(**config))
        return heads


def make_gaussian(
    transformer: str | Path, folder: str | Path, *, size: int, beta: float = 2.5, floor: float = 1e-4, seed: int = 0
) -> None:
    """Write an untrained Gaussian encoder to `folder`: a transformer with the variance token, and heads.

    transformer: a folder or a name on the hub. size: dimensions of the mean, and of the variance; for a budget of d
    numbers a vector, (d - 1) / 2. Heads are random, by the seed, so the model is where training starts.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Transformer

    base: Any = Transformer(str(transformer))
    base.tokenizer.add_special_tokens({"additional_special_tokens": [VARIANCE_TOKEN]})
    token = base.tokenizer.convert_tokens_to_ids(VARIANCE_TOKEN)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        base.auto_model.resize_token_embeddings(len(base.tokenizer), mean_resizing=False)
        heads = GaussianHeads(base.get_embedding_dimension(), size, token, beta, floor)
    SentenceTransformer(modules=[base, heads]).save(str(folder), create_model_card=False)
