"""What the tests of the doors share: a small collection."""

from __future__ import annotations

import pytest

from numen import Collection


@pytest.fixture
def collection() -> Collection:
    made = Collection.create(legs={"words": "bm25", "grams": "numen:1024"})
    made.add(
        [
            {"id": "1", "title": "Wings", "text": "The boundary layer of a wing", "year": 1962},
            {"id": "2", "text": "Heat in a laminar boundary layer", "year": 1999},
            {"id": "3", "text": "Nothing but supersonic nozzles"},
        ]
    )
    return made
