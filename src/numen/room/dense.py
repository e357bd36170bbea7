"""Dense vectors of texts by a sentence-transformers model, kept between runs, since encoding is what takes the time.

This file is the one place where the room meets a model; everything else takes arrays.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.errors import DamagedError, InputError, MissingExtra, OptionError
from numen.room.shrink import unit
from numen.types import Progress

__all__ = ["Encode", "Kind", "VectorCache", "load_model"]

Kind: TypeAlias = Literal["query", "document"]

Encode: TypeAlias = Callable[[Sequence[str], Kind], NDArray[np.float32]]
"""texts, and whether they are queries or documents -> float32 (n, dim), rows of length 1."""

_BLOCK = 512  # texts encoded and saved at a time: half a minute of work on one core is lost at most


def load_model(name: str, threads: int = 1) -> Encode:
    """What encodes texts with a sentence-transformers model, a folder or a name on the hub, on `threads` cores.

    MissingExtra without the package, OptionError where there is no such model. Models that know prompts for queries and
    documents get them.
    """
    looks_local = name.startswith((".", "~", os.sep))
    if looks_local and not Path(name).expanduser().is_dir():
        raise OptionError(f"there is no model folder {name}; give one of sentence-transformers, or a name on the hub")
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise MissingExtra("sentence-transformers", "neural", "encoding with a dense model") from None
    torch.set_num_threads(threads)
    try:
        model: Any = SentenceTransformer(str(Path(name).expanduser()) if looks_local else name, device="cpu")
    except (OSError, ValueError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise OptionError(f"{name!r} is no model that sentence-transformers can load: {first}") from None

    def encode(texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        call = model.encode_query if kind == "query" else model.encode_document
        vectors = call(list(texts), batch_size=32, show_progress_bar=False, convert_to_numpy=True)
        return unit(np.asarray(vectors, np.float32))

    return encode


class VectorCache:
    """Vectors of texts by model, text and kind, in a folder (or only in memory): no text is encoded twice.

    The folder holds pairs of plain arrays, NAME.keys.npy (uint8 (n, 16)) and NAME.vectors.npy (float32 (n, dim)). Other
    programs may write into it at the same time. DamagedError names a pair that does not fit together.
    """

    def __init__(self, model: str, encode: Callable[[], Encode], folder: Path | None = None) -> None:
        """encode: called, once, when a text is not there yet."""
        self.model = model
        self._load = encode
        self._encode: Encode | None = None
        self._folder = folder
        self._vectors: dict[bytes, NDArray[np.float32]] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.glob("*.keys.npy")):
                self._read(path)

    def __call__(
        self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """float32 (len(texts), dim), rows of length 1; what is missing is encoded, longest texts first."""
        if not texts:
            raise InputError("there are no texts to encode")
        keys = [self._key(text, kind) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        order = sorted(missing, key=lambda key: (-len(missing[key]), key))  # like lengths together: little padding
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            if self._encode is None:
                self._encode = self._load()
            vectors = self._encode([missing[key] for key in block], kind)
            self._vectors.update(zip(block, vectors, strict=True))
            self._write(block, vectors)
            if progress is not None:
                progress(f"{self.model}: encoding", start + len(block), len(order))
        return np.stack([self._vectors[key] for key in keys])

    def _key(self, text: str, kind: Kind) -> bytes:
        return hashlib.blake2b(f"{self.model}\0{kind}\0{text}".encode("utf-8", "replace"), digest_size=16).digest()

    def _read(self, path: Path) -> None:
        vectors_path = path.with_name(path.name.replace(".keys.", ".vectors."))
        try:
            keys, vectors = np.load(path), np.load(vectors_path)
        except (OSError, ValueError, EOFError) as error:
            raise DamagedError(f"{path} and {vectors_path.name} cannot be read ({error}); delete both") from None
        if keys.ndim != 2 or vectors.ndim != 2 or len(keys) != len(vectors) or vectors.dtype != np.float32:
            raise DamagedError(f"{path} and {vectors_path.name} do not fit together; delete both")
        self._vectors.update(zip(map(bytes, keys), vectors, strict=True))

    def _write(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        if self._folder is None:
            return
        name = hashlib.blake2b(b"".join(keys), digest_size=8).hexdigest()
        kept = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), 16)
        for part, array in (("vectors", vectors), ("keys", kept)):  # keys last: they make the pair count
            path = self._folder / f"{name}.{part}.npy"
            with path.with_suffix(f".{os.getpid()}").open("wb") as file:
                np.save(file, array)
            path.with_suffix(f".{os.getpid()}").replace(path)
