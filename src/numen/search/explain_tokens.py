"""A leg of token vectors in an explanation: which token of the document each token of the query met."""

from __future__ import annotations

import numpy as np

from numen.encode.multi import LateInteraction
from numen.search.explanation import LegExplanation, Part
from numen.search.queries import Queryable, texts_of, tokens_of
from numen.search.snapshot import Snapshot
from numen.search.token_leg import sums_of

__all__ = ["explain_tokens"]


def explain_tokens(
    snapshot: Snapshot, at: tuple[int, int], leg: str, encoder: LateInteraction, query: Queryable, text: str
) -> LegExplanation:
    """One leg's part of the explanation of document `at` (segment, document), without its rank.

    A part a token of the query, the greatest first; `found` is the document's token that is most like it (nothing where
    tokens were pooled). Their contributions add up to the score.
    """
    place, doc = at
    part = snapshot.segments[place].segment.tokens[leg]
    asked = tokens_of(query, leg, encoder).rows
    rows = part.of(np.array([doc]))[1]
    parts: list[Part] = []
    score = 0.0
    if len(asked) and len(rows):
        # Each token by itself, summed as the kernel does it.
        each = np.array([sums_of(part, asked[i : i + 1], np.array([doc]))[0] for i in range(len(asked))])
        score = float(sums_of(part, asked, np.array([doc]))[0])
        contributions = np.diff(np.cumsum(each, dtype=np.float32).astype(np.float64), prepend=0.0)
        met = (asked @ rows.T).argmax(axis=1).tolist()
        names = encoder.loaded().tokens(texts_of(query)[0], query=True)
        held = encoder.loaded().tokens(text, query=False) if encoder.pool == 1 else []
        for i in range(len(asked)):
            found = (held[met[i]],) if len(held) == len(rows) else ()
            name = names[i] if len(names) == len(asked) else str(i)
            length = float(np.sqrt(asked[i].astype(np.float64) @ asked[i]))
            parts.append(
                Part(
                    name,
                    1,
                    sum(live.n_alive for live in snapshot.segments),
                    length,
                    float(each[i]) / length if length else 0.0,
                    float(contributions[i]),
                    found=found,
                    kind="token",
                )
            )
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
        parts=tuple(sorted(parts, key=lambda one: -one.contribution)),
        missing=(),
    )
