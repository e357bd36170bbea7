"""A leg of dense vectors in an explanation: its score is one number, the product of two vectors."""

from __future__ import annotations

import numpy as np

from numen.encode.vector_encoder import VectorEncoder
from numen.search.explanation import LegExplanation, Part
from numen.search.queries import Queryable, vectors_of
from numen.search.snapshot import Snapshot
from numen.search.vector_scores import scores_of

__all__ = ["explain_vectors"]


def explain_vectors(
    snapshot: Snapshot, at: tuple[int, int], leg: str, encoder: VectorEncoder, query: Queryable
) -> LegExplanation:
    """One leg's part of the explanation of document `at` (segment, document), without its rank.

    The score is summed as the kernels do, to the last bit. Its only part has the length of the query as the query's
    weight, and as the document's how long it is in that direction.
    """
    place, doc = at
    segment = snapshot.segments[place].segment
    asked = vectors_of(query, leg, encoder)
    vector = asked.rows[0]
    score = float(scores_of(snapshot, leg, encoder, asked, segment.doc_keys[[doc]])[0])
    length = float(np.sqrt(vector.astype(np.float64) @ vector))
    vectors = sum(
        int(np.count_nonzero(live.segment.flats[leg].norms[live.dead_mask == 0])) for live in snapshot.segments
    )
    found = segment.flats[leg].norms[doc] > 0 and length > 0
    part = Part(encoder.measure, 1, vectors, length, score / length if length else 0.0, score, kind="vector")
    return LegExplanation(
        leg=leg,
        encoder=encoder.spec,
        score=score,
        rank=None,
        fused=None,
        weight=None,
        scale=None,
        constant=0.0,
        documents=sum(live.n_alive for live in snapshot.segments),
        parts=(part,) if found else (),
        missing=(),
    )
