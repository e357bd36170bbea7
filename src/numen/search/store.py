"""Where a collection's segments are: in a folder or in memory; loading snapshots and writing new segments."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from numen.errors import DamagedError, WriterBusy
from numen.index.catalog import Catalog, SegmentEntry
from numen.index.files import read_segment, remove_folder, write_segment
from numen.index.segment import LiveSegment, Segment
from numen.search.snapshot import Snapshot

__all__ = ["Store"]

SEGMENTS = "segments"


class Store:
    """The catalog and the segments it names. The current snapshot is replaced, never changed."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._lock = threading.Lock()
        self._memory: dict[int, Segment] = {}
        self._snapshot = Snapshot(-1, ())

    def snapshot(self) -> Snapshot:
        """The last commit's. Loads what is new; raises DamagedError where a file is not as it was written."""
        if self.catalog.setting("generation") == self._snapshot.generation:
            return self._snapshot
        with self._lock:
            # A merge may remove a folder between our look at the catalog and our look at the folder: look again.
            for attempt in range(10):
                try:
                    self._snapshot = self._load()
                    break
                except DamagedError:
                    if attempt == 9 or self.catalog.setting("generation") == self._seen:
                        raise
            return self._snapshot

    def _load(self) -> Snapshot:
        with self.catalog.reading():
            self._seen = int(self.catalog.setting("generation"))
            entries = self.catalog.segments()
        known = {live.segment.number: live for live in self._snapshot.segments}
        segments = []
        for entry in entries:
            before = known.get(entry.number)
            if before is not None and np.array_equal(before.dead, entry.dead):
                segments.append(before)
            else:
                segment = before.segment if before is not None else self._read(entry)
                segments.append(LiveSegment(segment, entry.dead))
        return Snapshot(self._seen, segments)

    def _read(self, entry: SegmentEntry) -> Segment:
        if self.catalog.path is None:
            return self._memory[entry.number]
        return Segment.from_arrays(entry.number, read_segment(self.folder(entry.number), entry.checksum))

    def folder(self, number: int) -> Path:
        """The folder of a segment on disk."""
        if self.catalog.path is None:
            raise ValueError("a collection in memory has no folders")
        return self.catalog.path / SEGMENTS / str(number)

    def write(self, segment: Segment) -> int:
        """Put a segment where snapshots will find it, durably if on disk; returns its checksum."""
        if self.catalog.path is None:
            self._memory[segment.number] = segment
            return 0
        return write_segment(self.folder(segment.number), segment.arrays())

    def drop(self, numbers: Iterable[int]) -> None:
        """Remove segments that no commit names any more (readers of older commits keep what they have mapped)."""
        for number in numbers:
            self._memory.pop(number, None)
            if self.catalog.path is not None:
                remove_folder(self.folder(number))

    def sweep(self) -> None:
        """Remove the folders that a crash left over, unless a writer is at work."""
        if self.catalog.path is None:
            return
        root = self.catalog.path / SEGMENTS
        if not self._strangers(self.catalog, root):
            return
        with suppress(WriterBusy), self.catalog.writing() as writer:
            for folder in self._strangers(writer, root):
                remove_folder(folder)

    def _strangers(self, catalog: Catalog, root: Path) -> list[Path]:
        known = {str(entry.number) for entry in catalog.segments()}
        return [folder for folder in root.iterdir() if folder.name not in known] if root.is_dir() else []
