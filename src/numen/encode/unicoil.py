"""uniCOIL: one weight for each token of a text, and no expansion. A transformer with a projection to one number.

Lin and Ma, "A Few Brief Notes on DeepImpact, COIL, and a Conceptual Framework" (2021). A folder as its authors publish
it: the transformer's weights beside `tok_proj.weight` and `tok_proj.bias`, `UniCoilEncoder` among the architectures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.errors import ModelError

__all__ = ["ARCHITECTURE", "UniCoil"]

ARCHITECTURE = "UniCoilEncoder"
"""What config.json says of such a model."""

PROJECTION = "tok_proj"


class UniCoil:
    """The weights of the tokens of texts: ReLU of the projection, the largest where a token occurs more than once."""

    def __init__(self, folder: Path) -> None:
        """Load the model; ModelError where a weight is missing."""
        import torch
        from transformers import AutoConfig, AutoModel, AutoTokenizer

        config = AutoConfig.from_pretrained(folder)
        state = _state(folder)
        missing = [name for name in (f"{PROJECTION}.weight", f"{PROJECTION}.bias") if name not in state]
        if missing:
            raise ModelError(f"the uniCOIL model in {folder} lacks {missing[0]}; is the folder complete?")
        self._projection = torch.nn.Linear(config.hidden_size, 1)
        self._projection.load_state_dict({n: state.pop(f"{PROJECTION}.{n}") for n in ("weight", "bias")})
        self._model = AutoModel.from_config(config)
        prefix = f"{self._model.base_model_prefix}."
        found = self._model.load_state_dict({n.removeprefix(prefix): one for n, one in state.items()}, strict=False)
        if lacking := [name for name in found.missing_keys if "pooler" not in name and "position_ids" not in name]:
            raise ModelError(f"the uniCOIL model in {folder} lacks {lacking[0]}; is the folder complete?")
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model.eval().to(self._device)
        self._projection.eval().to(self._device)
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.dim = int(config.vocab_size)
        self.longest = int(min(config.max_position_embeddings, self.tokenizer.model_max_length))

    def weights(self, texts: list[str]) -> NDArray[np.float32]:
        """float32 (n_texts, dim), at least 0; of special tokens only the one that ends a text has any, as its authors
        have it."""
        import torch

        read = self.tokenizer(texts, padding=True, truncation=True, max_length=self.longest, return_tensors="pt")
        ids, mask = read["input_ids"].to(self._device), read["attention_mask"].to(self._device)
        with torch.inference_mode():
            hidden = self._model(input_ids=ids, attention_mask=mask)[0]
            values = torch.relu(self._projection(hidden)).squeeze(-1) * mask * (ids != self.tokenizer.cls_token_id)
            out = torch.zeros(len(texts), self.dim, device=self._device)
            out.scatter_reduce_(1, ids, values, "amax")
        found: NDArray[np.float32] = out.cpu().numpy()
        return found


def _state(folder: Path) -> dict[str, Any]:
    """All weights of a folder, by name."""
    if (path := folder / "model.safetensors").is_file():
        from safetensors.torch import load_file

        return dict(load_file(path))
    if (path := folder / "pytorch_model.bin").is_file():
        import torch

        return dict(torch.load(path, map_location="cpu", weights_only=True))
    raise ModelError(f"the uniCOIL model in {folder} lacks its weights: model.safetensors or pytorch_model.bin")
