"""One commit in the making: new segments, newly dead documents, merges; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.index.bundle import fits
from numen.index.merge import merge
from numen.index.segment import LiveSegment, Segment
from numen.index.tables import Tables
from numen.search.living import living_keys
from numen.search.snapshot import Snapshot
from numen.search.store import Store

__all__ = ["Change", "Plan", "changing", "merge_in"]

Plan: TypeAlias = Callable[[Sequence[LiveSegment]], list[list[int]]]
"""Groups of places in a list of segments that are to be merged now."""

NOBODY = np.empty(0, np.uint16)
"""No dead documents."""


@contextmanager
def changing(store: Store) -> Iterator[Change]:
    """A change, committed at the end of the block; on an error nothing of it stays. WriterBusy if another is made."""
    with store.catalog.writing() as catalog, _committing(store, catalog) as change:
        yield change
    store.settle(change.snapshot, change.obsolete)


def merge_in(store: Store, group: Sequence[LiveSegment], merged: Segment | None, given_up: Callable[[], bool]) -> bool:
    """Commit a merge that was made before, as a change of its own, when its turn has come.

    merged: the living documents of `group` as one segment, without a number as yet. False, and nothing is done, if it
    was given up, or if a segment of the group is there no more.
    """
    with store.catalog.merging(given_up) as catalog:
        if catalog is None:
            return False
        with _committing(store, catalog) as change:
            done = change.replace(group, merged and replace(merged, number=change.new_number()))
    store.settle(change.snapshot, change.obsolete)
    return done


@contextmanager
def _committing(store: Store, catalog: Tables) -> Iterator[Change]:
    """A change inside a transaction that is about to be committed; the caller settles the store after the commit.

    Segments are removed only while the catalog surely does not name them: those of a change that failed before its
    commit is tried, under the lock that keeps another writer from using their numbers again; and those merged away
    after the commit. What an interrupt at another moment leaves is removed by the next change.
    """
    change = Change(store, catalog)
    store.drop_strangers({one.segment.number for one in change.live})
    try:
        yield change
        change.finish()
        store.announce(change.snapshot, catalog)
    except BaseException:
        store.drop(change.written)
        raise


class Change:
    """What a transaction does to the segments.

    live: the segments as they are so far, by key. written, obsolete: the numbers of the segments that it wrote, and of
    those that it merged away.
    """

    def __init__(self, store: Store, catalog: Tables) -> None:
        self.catalog = catalog
        self.written: list[int] = []
        self.obsolete: list[int] = []
        self._store = store
        before = store.snapshot_for(catalog)
        self.live = list(before.segments)
        self._generation = before.generation + 1
        self._killed: list[int] = []
        self._dead_now: set[int] = set()
        self._waiting: set[int] = set()

    @cached_property
    def snapshot(self) -> Snapshot:
        """What the commit holds; asked for once all is in it."""
        return Snapshot(self._generation, self.live)

    def new_number(self) -> int:
        return self.catalog.take("next_segment", 1)

    def living(self, ids: Sequence[str]) -> dict[str, int]:
        """The keys of the living documents that have any of these ids, by id."""
        return living_keys(self.catalog, self.live, ids, self._dead_now, self._store.known_ids)

    def kill(self, keys: Sequence[int]) -> None:
        """Mark documents as dead in the catalog, and in their segments when the change is tidied up."""
        if keys:
            self.catalog.kill(keys)
            self._killed.extend(keys)
            self._dead_now.update(keys)

    def put(self, segment: Segment, dead: NDArray[np.uint16] = NOBODY) -> None:
        """Enter a new segment; dead: those of its documents that are dead already.

        A large one is written now, and takes no memory from here on; a small one at the end, as it may be merged away
        before.
        """
        self.written.append(segment.number)
        if fits(segment.bytes):
            self._waiting.add(segment.number)
        else:
            segment = self._store.write(segment, dead, self.catalog)
        self.live.append(LiveSegment(segment, dead))
        self.live.sort(key=lambda one: one.segment.first_key)

    def finish(self) -> None:
        """Write what has not been written yet; the commit follows."""
        for one in self.live:
            if one.segment.number in self._waiting:
                self._store.write(one.segment, one.dead, self.catalog)

    def tidy(self, plan: Plan) -> None:
        """Settle which documents of which segments are dead, then merge what `plan` finds worth merging."""
        if self._killed:
            self.live = [self._with_killed(one) for one in self.live]
            self._killed = []
        while groups := plan(self.live):
            for group in [[self.live[place] for place in places] for places in groups]:
                self.replace(group, merge(self.new_number(), group))

    def replace(self, group: Sequence[LiveSegment], merged: Segment | None) -> bool:
        """Put `merged`, made of the living documents of `group`, in the place of those segments.

        Documents that have died since then are dead in the merged segment too. False, and nothing is done, if a segment
        of the group is there no more.
        """
        current = {one.segment.number: one for one in self.live}
        if any(one.segment.number not in current for one in group):
            return False
        died = [
            now.segment.doc_keys[np.setdiff1d(now.dead, one.dead)]
            for one in group
            if len((now := current[one.segment.number]).dead) > len(one.dead)
        ]
        for one in group:
            self.catalog.purge(one.segment.doc_keys[one.dead].tolist())
        numbers = [one.segment.number for one in group]
        self.catalog.remove_segments([number for number in numbers if number not in self._waiting])
        self.live = [one for one in self.live if one.segment.number not in numbers]
        self.obsolete.extend(numbers)
        if merged is not None:
            keys = np.concatenate([np.empty(0, np.int64), *died])
            self.put(merged, np.sort(merged.docs_of(keys)).astype(np.uint16))
        return True

    def _with_killed(self, one: LiveSegment) -> LiveSegment:
        here = one.segment.docs_of(np.array(self._killed, np.int64))
        here = here[here >= 0]
        if not len(here):
            return one
        dead = np.union1d(one.dead, here.astype(np.uint16))
        if one.segment.number not in self._waiting:
            self.catalog.set_dead(one.segment.number, dead)
        return LiveSegment(one.segment, dead)
