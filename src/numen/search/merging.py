"""Large merges, made in a thread of the process that writes, so that no commit waits for one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress

from numen.errors import CollectionError
from numen.index.bundle import fits
from numen.index.merge import merge
from numen.index.plan import choose
from numen.index.segment import LiveSegment
from numen.search.change import merge_in
from numen.search.store import Store

__all__ = ["Merging"]


NOW_DOCUMENTS = 8_192
"""Merges of fewer documents, whose result the catalog keeps, are part of the commit that makes them due: some ten
milliseconds. From here on documents are put in a new order too, which takes longer."""


class Merging:
    """The merges of one collection: small ones belong to a commit, large ones are made by a thread of their own.

    A merge reads immutable segments and takes the right to write only to commit its result, in which documents that
    died meanwhile are dead too. Answers do not depend on how documents lie in segments, so nobody sees it happen.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._waiting: list[list[LiveSegment]] = []
        self._busy: set[int] = set()
        self._due = False

    def due_now(self, segments: Sequence[LiveSegment], most_bytes: int) -> list[list[int]]:
        """Groups of places in `segments` that are worth merging in the commit that is being made."""
        groups = self._choose(segments, most_bytes)
        now = [group for group in groups if not _large(segments, group)]
        self._due = len(now) < len(groups)
        return now

    def start(self, segments: Sequence[LiveSegment], most_bytes: int) -> None:
        """Have the large merges made that `due_now` came across; segments: those of the commit made since.

        most_bytes: what the arrays of a group may take together.
        """
        if not self._due:
            return
        with self._guard:
            self._plan(segments, most_bytes)
            if self._waiting and self._thread is None:
                self._stop.clear()
                self._thread = threading.Thread(target=self._run, args=(most_bytes,), name="numen-merging")
                self._thread.start()

    def wait(self) -> None:
        """Return when no merge is going on or due."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def cancel(self) -> None:
        """Return when no merge is going on; what is not committed by now is left for later."""
        self._stop.set()
        self._store.catalog.look_again()
        self.wait()

    def _choose(self, segments: Sequence[LiveSegment], most_bytes: int) -> list[list[int]]:
        """What `choose` finds among the segments that no merge has in hand."""
        free = [place for place, one in enumerate(segments) if one.segment.number not in self._busy]
        return [[free[place] for place in group] for group in choose([segments[place] for place in free], most_bytes)]

    def _plan(self, segments: Sequence[LiveSegment], most_bytes: int) -> None:
        """Put the large merges that are due in line."""
        for group in self._choose(segments, most_bytes):
            if _large(segments, group):
                chosen = [segments[place] for place in group]
                self._waiting.append(chosen)
                self._busy.update(_numbers(chosen))

    def _run(self, most_bytes: int) -> None:
        while True:
            with self._guard:
                if self._stop.is_set() or not self._waiting:
                    self._waiting.clear()
                    self._busy.clear()
                    self._thread = None
                    return
                group = self._waiting.pop(0)
            # What cannot be merged (the disk is full, a file damaged, another process writes) stays as it is, and is
            # tried again after the next change; whoever needs the files meets the error.
            with suppress(CollectionError, MemoryError):
                done = merge_in(self._store, group, merge(0, group), self._stop.is_set)
                segments = self._store.snapshot().segments
                with self._guard:
                    self._busy.difference_update(_numbers(group))
                    if done:
                        self._plan(segments, most_bytes)
            with self._guard:
                self._busy.difference_update(_numbers(group))


def _numbers(group: Sequence[LiveSegment]) -> set[int]:
    return {one.segment.number for one in group}


def _large(segments: Sequence[LiveSegment], group: Sequence[int]) -> bool:
    """Whether a merge is made apart."""
    parts = [segments[place] for place in group]
    return not fits(sum(one.segment.bytes for one in parts)) or sum(one.n_alive for one in parts) >= NOW_DOCUMENTS
