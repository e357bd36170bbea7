"""From a ranking and the stored documents to hits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from numen.index.document_rows import Stored
from numen.search.ranking import Ranking
from numen.types import Hit, LegHit

__all__ = ["hits"]


def hits(query: int, ranking: Ranking, by_leg: Mapping[str, Ranking], stored: Mapping[int, Stored]) -> Iterator[Hit]:
    """The hits of one query of a batch, best first, each with its rank and score in the legs that found it."""
    places: dict[str, dict[str, LegHit]] = {}
    for name, leg in by_leg.items():
        for position, (id_, score) in enumerate(leg[query], 1):
            places.setdefault(id_, {})[name] = LegHit(position, score)
    begin, end = ranking.starts[query], ranking.starts[query + 1]
    for position, (key, score) in enumerate(
        zip(ranking.keys[begin:end].tolist(), ranking.scores[begin:end].tolist(), strict=True), 1
    ):
        id_, title, text, metadata = stored[key]
        yield Hit(id_, score, position, title, text, metadata, places[id_])
