"""What theory says of a dataset's judgements and size, each figure with its assumptions in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

import numpy as np
from numpy.typing import NDArray

from numen.encode.hashed import HashedEncoder
from numen.encode.vectors import SparseVectors
from numen.errors import InputError
from numen.room import curse, margin, projection, signrank
from numen.room.corpus import Corpus
from numen.types import JSON, Run

__all__ = ["Bound", "bounds", "margins"]

_GAMMAS = (0.1, 0.03, 0.01)
_DIMS = (64, 256, 384, 768, 1024, 4096)
_QUERIES = 200


@dataclass(frozen=True)
class Bound:
    """One statement: what was asked, the figures by name, what they mean, and what they assume."""

    title: str
    figures: dict[str, float]
    meaning: str
    assumes: str

    def to_json(self) -> dict[str, JSON]:
        return {
            "title": self.title,
            "figures": {name: None if isinf(value) else value for name, value in self.figures.items()},
            "meaning": self.meaning,
            "assumes": self.assumes,
        }


def bounds(corpus: Corpus, answers: int | None = None, wide: tuple[str, Run] | None = None) -> list[Bound]:
    """The statements for a corpus. answers: how many documents a query must be able to pick out at once; as many as the
    judgements have at most if not given. wide: an encoder of hashed n-grams and its run, for the margins of
    projections.

    InputError where no query has so many answers.
    """
    n, k = len(corpus.documents), corpus.largest if answers is None else answers
    if k < 1 or k > corpus.largest:
        raise InputError(
            f"answers is {k}, but no query of {corpus.dataset.name} has more than {corpus.largest} relevant documents; "
            f"give 1 to {corpus.largest}"
        )
    many = "document" if k == 1 else f"set of {k} documents"
    out = [
        Bound(
            f"Dimensions to tell every {many} of {n:,} apart by a margin",
            {f"gamma = {gamma:g}": float(margin.margin_dimensions(n, k, gamma)) for gamma in _GAMMAS},
            "With fewer dimensions than this some set of answers cannot be returned by any query, whatever the model.",
            margin.ASSUMPTION,
        ),
        _rank(corpus),
        Bound(
            f"Cosine that an answer needs among {n:,} documents of noise",
            {f"{dim} dimensions": curse.similarity_for(dim, n) for dim in _DIMS},
            "Below this cosine a document that has nothing to do with the query comes first more often than not.",
            curse.ASSUMPTION,
        ),
    ]
    if wide is not None:
        found = margins(corpus, wide[0], wide[1])
        if len(found):
            middle = float(np.median(found))
            rank = min(100, n)
            out.append(
                Bound(
                    f"Dimensions that a random projection of {wide[0]} needs",
                    {
                        "median margin": middle,
                        "one answer before one other document": float(projection.pair_dimensions(middle)),
                        f"an answer in the first {rank}": float(projection.recall_dimensions(middle, n, rank=rank)),
                    },
                    f"For half of {len(found)} sampled answers so many random dimensions keep, with 95 % certainty, "
                    "what the wide vectors find.",
                    projection.ASSUMPTION,
                )
            )
    return out


def margins(corpus: Corpus, spec: str, run: Run) -> NDArray[np.float64]:
    """The normalised margins between a query's best answer and the last hit of its run, where it stands before it.

    For at most 200 queries, evenly through the dataset.
    """
    from numen.encode import parse_encoder

    encoder = parse_encoder(spec)
    if not isinstance(encoder, HashedEncoder):
        raise InputError(f"margins are those of hashed n-grams, and {spec!r} is none; give numen:DIM")
    ids = corpus.ids
    place = {id_: at for at, id_ in enumerate(ids)}
    queries = list(corpus.dataset.queries)
    out = []
    for at in np.unique(np.linspace(0, len(queries) - 1, min(_QUERIES, len(queries))).astype(int)):
        hits = run[queries[at]]
        wanted = {ids[document] for document in corpus.relevant[at]}
        best = next((hit for hit in hits if hit[0] in wanted), None)
        last = next((hit for hit in reversed(hits) if hit[0] not in wanted), None)
        if best is None or last is None or best[1] <= last[1]:
            continue
        two = encoder.encode([corpus.texts[place[best[0]]], corpus.texts[place[last[0]]]])
        apart = _distance(two)
        if apart > 0:
            out.append(min((best[1] - last[1]) / apart, 1.0))
    return np.array(out)


def _distance(two: SparseVectors) -> float:
    """How far two sparse rows are from each other."""
    signs = np.repeat([1.0, -1.0], np.diff(two.indptr))
    _, places = np.unique(two.indices, return_inverse=True)
    return float(np.linalg.norm(np.bincount(places, signs * two.values)))


def _rank(corpus: Corpus) -> Bound:
    found = signrank.sign_rank(corpus.relevant)
    return Bound(
        f"Dimensions that could hold these {found.queries:,} queries' judgements at all",
        {"at least": float(max(found.lower - 1, 1)), "at most": float(found.upper)},
        "So few are enough on paper, because no gap is asked for: what real vectors lack is not rank but margin.",
        signrank.ASSUMPTION,
    )
