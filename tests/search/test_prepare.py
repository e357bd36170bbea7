"""A commit is ready to be searched when it is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from numen import Collection
from numen.errors import CollectionError
from numen.search.store import Store
from numen.search.vocabularies import vocabularies


def test_a_commit_after_a_search_has_what_a_search_needs(tmp_path: Path) -> None:
    with Collection.create(tmp_path / "c", legs={"words": "auto", "bm25": "bm25"}) as collection:
        collection.add([{"id": "1", "text": "a boundary layer"}])
        collection.add([{"id": "2", "text": "a wing"}])
        assert collection._snapshot().tabled == {}  # nobody searched
        collection.search("layer")
        collection.add([{"id": "3", "text": "slow flow"}])
        snapshot = collection._snapshot()
        assert set(snapshot.tabled) == {"words", "bm25"}
        assert all(words._index is not None for words in vocabularies(snapshot, "words"))
        collection.add([{"id": "4", "text": "more flow"}])
        assert collection._snapshot().tabled == {}  # nobody searched what was prepared


def test_a_commit_is_seen_as_it_was_prepared_even_before_it_settles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Collection.create(tmp_path / "c") as collection:
        collection.add([{"id": "1", "text": "a boundary layer"}])
        collection.search("layer")
        monkeypatch.setattr(Store, "settle", lambda self, snapshot, obsolete: None)
        collection.add([{"id": "2", "text": "another layer"}])
        assert [hit.id for hit in collection.search("another layer")] == ["2", "1"]
        store = collection._store
        assert store._coming is not None
        assert store.snapshot() is store._coming[0]


def test_a_commit_that_failed_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.create(tmp_path / "c") as collection, Collection.open(tmp_path / "c") as other:
        collection.add([{"id": "1", "text": "a boundary layer"}])
        collection.search("layer")
        announce = Store.announce

        def failing(self: Store, snapshot: object, catalog: object) -> None:
            announce(self, snapshot, catalog)  # type: ignore[arg-type]
            raise CollectionError("the disk is full")

        monkeypatch.setattr(Store, "announce", failing)
        with pytest.raises(CollectionError, match="the disk is full"):
            collection.add([{"id": "mine", "text": "my layer"}])
        monkeypatch.undo()
        assert [hit.id for hit in collection.search("layer")] == ["1"]
        other.add([{"id": "theirs", "text": "their layer"}])  # the same generation that was announced
        assert {hit.id for hit in collection.search("layer")} == {"1", "theirs"}
