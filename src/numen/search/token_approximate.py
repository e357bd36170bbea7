"""How few documents of a leg of token vectors must be scored to find what was asked for: found by trying."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from numen.encode.encoder import Encoder
from numen.encode.multi import LateInteraction
from numen.encode.token_vectors import TokenVectors
from numen.search.approximate import EXACT, Approximation
from numen.search.queries import Queries, Queryable, tokens_of
from numen.search.snapshot import Snapshot
from numen.search.token_candidates import named
from numen.search.token_leg import rank_tokens

__all__ = ["token_approximation"]

SHARES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""What is tried: documents scored for each that is asked for."""

SAMPLE = 32
"""Queries on which recall is measured: each is searched exactly too."""

ENOUGH = 16
"""A call with fewer queries is measured on documents of the collection, whose first tokens stand in for queries."""

TOKENS = 16
"""Tokens of a document that stand in for a query."""

MARGIN = 0.25
"""How far above the target the sample's recall must be, as a part of what is left to 1: other queries differ."""

LEAST = 512
"""With fewer documents than this, all are scored."""


def token_approximation(
    snapshot: Snapshot, leg: str, encoder: Encoder, queries: Queryable, k: int, target: float
) -> Approximation:
    """The fewest documents to score, as `depth`, whose recall at k reaches the target on a sample; kept for the commit.

    EXACT where none of SHARES does, and for small collections.
    """
    documents = sum(live.n_alive for live in snapshot.segments)
    if not isinstance(encoder, LateInteraction) or k == 0 or target == 1 or documents < max(LEAST, SHARES[0] * k):
        return EXACT
    own = len(queries) >= ENOUGH
    known = snapshot.tuned.get((leg, k, target, own)) or snapshot.tuned.get((leg, k, target, True))
    if known is None:
        sample: Queryable = queries[: min(len(queries), SAMPLE)] if own else _documents(snapshot, leg)
        snapshot.tuned[leg, k, target, own] = known = _tried(snapshot, leg, encoder, sample, k, target)
    return Approximation(*known)


def _tried(
    snapshot: Snapshot, leg: str, encoder: LateInteraction, sample: Queryable, k: int, target: float
) -> tuple[float, float]:
    wanted = rank_tokens(snapshot, leg, encoder, sample, k).key_sets()
    number = max(sum(map(len, wanted)), 1)
    most = sum(live.n_alive for live in snapshot.segments) // 2
    # Scores of candidates are exact, so what is found is what of the wanted is among them: nothing need be scored.
    promised = named(snapshot, leg, tokens_of(sample, leg, encoder), min(SHARES[-1] * k, most))
    spans = list(pairwise(promised.starts.tolist()))
    for share in SHARES:
        if share * k > most:
            break
        firsts = (set(promised.keys[begin : min(end, begin + share * k)].tolist()) for begin, end in spans)
        recall = sum(len(one & other) for one, other in zip(wanted, firsts, strict=True)) / number
        if recall >= target + MARGIN * (1 - target):
            return float(share * k), recall
    return EXACT.depth, EXACT.recall


def _documents(snapshot: Snapshot, leg: str) -> Queries:
    """Documents spread over the largest segment, their first tokens in the place of queries."""
    live = max(snapshot.segments, key=lambda one: one.n_alive)
    part = live.segment.tokens[leg]
    alive = np.flatnonzero((live.dead_mask == 0) & (np.diff(part.starts) > 0))
    chosen = alive[np.linspace(0, len(alive) - 1, min(SAMPLE, len(alive))).astype(np.int64)] if len(alive) else alive
    rows = [
        part.between(int(part.starts[doc]), int(min(part.starts[doc + 1], part.starts[doc] + TOKENS))) for doc in chosen
    ]
    return Queries([""] * len(rows), {leg: TokenVectors.of(rows, part.dim)})
