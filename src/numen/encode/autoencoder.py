"""Sparse codes of dense vectors by a trained sparse autoencoder: its k largest latents.

Wen et al., "Beyond Matryoshka: Revisiting Sparse Coding for Adaptive Representation" (CSR, ICML 2025):
z = ReLU(TopK(W (x - b_pre) + b_enc)). Read as sentence-transformers saves its SparseAutoEncoder; torch is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.array_file import load_arrays, save_arrays
from numen.encode.matrix import as_rows
from numen.encode.model_folder import read_json
from numen.encode.top_codes import joined_rows, top_entries
from numen.encode.vectors import SparseVectors
from numen.errors import MissingExtra, ModelError, OptionError

__all__ = ["SparseAutoencoder"]

CELLS = 1 << 22
"""Latents held at once, as float32: 16 MB."""

ARRAYS = ("weights", "before", "after")

NAMES = {
    "encoder.weight": "weights",
    "decoder.linear.weight": "weights",
    "pre_bias": "before",
    "latent_bias": "after",
}
"""What its weights are called in the file of sentence-transformers; of the first two, which are one, it has either."""

NORM_ROOM = 1e-5
"""Added to a standard deviation, as sentence-transformers does."""


@dataclass(frozen=True, eq=False)
class SparseAutoencoder:
    """weights: float32 (latents, input). before: float32 (input), taken from each vector. after: float32 (latents),
    added to the products. k: latents kept. normalise: vectors are brought to mean 0 and deviation 1 first."""

    weights: NDArray[np.float32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    k: int
    normalise: bool = False

    def __post_init__(self) -> None:
        latents, inputs = self.weights.shape
        if self.before.shape != (inputs,) or self.after.shape != (latents,):
            raise ModelError(f"an autoencoder of {latents} latents and {inputs} dimensions has other biases")
        if type(self.k) is not int or not 1 <= self.k <= latents:
            raise OptionError(f"k is {self.k!r}; it must be a number of latents, 1 to {latents}")

    @classmethod
    def read(cls, folder: str | Path, k: int | None = None) -> SparseAutoencoder:
        """The module in a folder such as MODEL/2_SparseAutoEncoder. k: instead of the one it was trained with.

        ModelError where the folder holds none, or not all of it; MissingExtra without safetensors.
        """
        path = Path(folder)
        settings = read_json(path / "config.json")
        if not isinstance(settings, dict) or not {"input_dim", "hidden_dim", "k"} <= settings.keys():
            raise ModelError(f"{folder} holds no sparse autoencoder: no config.json with input_dim, hidden_dim and k")
        state = _weights(path)
        if "weights" not in state or "before" not in state or "after" not in state:
            raise ModelError(f"the autoencoder in {folder} lacks weights; is the folder complete?")
        arrays: Any = {name: np.ascontiguousarray(state[name], np.float32) for name in ARRAYS}
        if arrays["weights"].shape != (settings["hidden_dim"], settings["input_dim"]):
            raise ModelError(f"the autoencoder in {folder} has weights of another shape than its config.json says")
        return cls(**arrays, k=settings["k"] if k is None else k, normalise=bool(settings.get("normalize", False)))

    @property
    def dim(self) -> int:
        """How many latents there are."""
        return len(self.weights)

    def transform(self, vectors: Any, k: int | None = None) -> SparseVectors:
        """The codes of dense vectors, ready for a leg made with given:DIM. k: latents kept, instead of its own."""
        kept = self.k if k is None else k
        if type(kept) is not int or not 1 <= kept <= self.dim:
            raise OptionError(f"k is {kept!r}; it must be a number of latents, 1 to {self.dim}")
        rows = as_rows(vectors, self.weights.shape[1])
        if self.normalise:
            rows = rows - rows.mean(axis=1, keepdims=True)
            rows = rows / (rows.std(axis=1, ddof=1, keepdims=True) + np.float32(NORM_ROOM))
        step = max(1, CELLS // self.dim)
        parts = (
            top_entries(((rows[at : at + step] - self.before) @ self.weights.T + self.after).astype(np.float32), kept)
            for at in range(0, len(rows), step)
        )
        return joined_rows(parts, self.dim)

    def save(self, path: str | Path) -> None:
        """Write it to a file ending in .npz."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        save_arrays(path, "sparse autoencoder", {**arrays, "options": np.array([self.k, self.normalise], np.int64)})

    @classmethod
    def load(cls, path: str | Path) -> SparseAutoencoder:
        """What `save` wrote."""
        arrays: Any = load_arrays(path, "sparse autoencoder")
        k, normalise = arrays.pop("options").tolist()
        return cls(**arrays, k=k, normalise=bool(normalise))


def _weights(folder: Path) -> dict[str, Any]:
    """Its arrays, by our names."""
    path = folder / "model.safetensors"
    if not path.is_file():
        raise ModelError(f"{folder} lacks its weights, model.safetensors")
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError:
        raise MissingExtra("safetensors", "neural", "reading a model's weights") from None
    try:
        return {NAMES[name]: array for name, array in load_file(path).items() if name in NAMES}
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}); is the folder complete?") from error
