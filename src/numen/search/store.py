"""Where a collection's segments are: in a folder or in memory; loading snapshots and writing new segments."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numen.errors import AlreadyExists, CollectionError, DamagedError, ReadOnlyError, WriterBusy
from numen.index.bundle import bundle, fits, sound_parts, unbundle
from numen.index.catalog import Catalog
from numen.index.files import Array, read_segment, remove_folder, sound_arrays, write_segment
from numen.index.known_ids import KnownIds
from numen.index.schema import FILE_NAME
from numen.index.segment import LiveSegment, Segment
from numen.index.segment_rows import SegmentEntry
from numen.index.tables import Tables
from numen.index.unmade import PROBE, is_unmade
from numen.search.snapshot import Snapshot

__all__ = ["Store", "make_empty"]

SEGMENTS = "segments"


class Store:
    """The catalog and the segments it names. The current snapshot is replaced, never changed.

    known_ids: for the one who writes. prepare: what a new commit goes through before it can be searched, with the one
    before.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._memory: dict[int, Segment] = {}
        self._snapshot = Snapshot(-1, ())
        self.known_ids = KnownIds()
        self._coming: tuple[Snapshot, int] | None = None
        self.prepare: Callable[[Snapshot, Snapshot], None] = lambda snapshot, before: None

    def snapshot_for(self, catalog: Tables) -> Snapshot:
        """The last commit's, for a change that has begun: nobody else can commit before it does."""
        known = self._snapshot
        return known if catalog.setting("generation") == known.generation else self.snapshot()

    def snapshot(self) -> Snapshot:
        """The last commit's. Loads what is new; raises DamagedError where a file is not as it was written."""
        known = self._snapshot
        if self.catalog.setting("generation") == known.generation:
            return known
        if (coming := self._known_already()) is not None:
            return coming
        while True:
            try:
                # One lock for the catalog and the snapshot: a writer in memory holds it while it asks for the snapshot.
                with self.catalog.reading():
                    generation = int(self.catalog.setting("generation"))
                    if generation != self._snapshot.generation:
                        self._snapshot = Snapshot(generation, self._load(self.catalog.segments()))
                    return self._snapshot
            except DamagedError:
                # A merge may have removed a segment between our looks at the catalog and at the segment: look again.
                if self.catalog.setting("generation") == generation:
                    raise

    def _known_already(self) -> Snapshot | None:
        """The snapshot of this process's own change, if that is the last commit; it may not have settled yet."""
        coming = self._coming
        with self.catalog.reading():
            if (
                coming is not None
                and self.catalog.setting("generation") == coming[0].generation
                and self.catalog.setting("segments_seal") == coming[1]
            ):
                return coming[0]
        return None

    def announce(self, snapshot: Snapshot, catalog: Tables) -> None:
        """Before a commit of this process: what it will hold, prepared if somebody searches."""
        before = self._snapshot
        if before.searched:
            # What goes wrong here goes wrong again in the search that needs it, and is told there.
            with suppress(CollectionError, MemoryError):
                self.prepare(snapshot, before)
        self._coming = snapshot, catalog.seal_of_change()

    def _load(self, entries: Sequence[SegmentEntry]) -> list[LiveSegment]:
        known = {live.segment.number: live for live in self._snapshot.segments}
        segments = []
        for entry in entries:
            before = known.get(entry.number)
            if before is not None and np.array_equal(before.dead, entry.dead):
                segments.append(before)
            else:
                segment = before.segment if before is not None else self.read(entry)
                segments.append(LiveSegment(segment, entry.dead))
        return segments

    def read(self, entry: SegmentEntry) -> Segment:
        """A segment as it is stored; DamagedError where that is not as it was written."""
        if self.catalog.path is None:
            found = self._memory.get(entry.number)
            if found is None:
                raise DamagedError(f"segment {entry.number} is gone")
            return found
        if not entry.bundled:
            return Segment.from_arrays(entry.number, read_segment(self.folder(entry.number), entry.checksum))
        return Segment.from_arrays(entry.number, self._unbundled(entry))

    def _unbundled(self, entry: SegmentEntry) -> dict[str, Array]:
        """The arrays of a segment that is kept in the catalog, read from there."""
        where = f"segment {entry.number} in {self.catalog.path and self.catalog.path / FILE_NAME}"
        data = self.catalog.bundle(entry.number)
        if data is None:
            raise DamagedError(f"{where} is missing")
        return unbundle(data, entry.checksum, where)

    def verify(self, entry: SegmentEntry) -> list[str]:
        """What is wrong with a segment's stored bytes, all of them read; none if all is well, or nothing is stored."""
        if self.catalog.path is None:
            return []
        if not entry.bundled:
            return list(sound_arrays(self.folder(entry.number), entry.checksum)[1].values())
        try:
            self._unbundled(entry)
        except DamagedError as error:
            return [str(error)]
        return []

    def sound(self, entry: SegmentEntry) -> tuple[dict[str, Array], dict[str, str]]:
        """(what of a damaged segment on disk is as it was written, arrays by name; what is wrong with the rest).

        Whether the catalog has the right checksum of it, is not asked.
        """
        if not entry.bundled:
            return sound_arrays(self.folder(entry.number), None)
        data = self.catalog.bundle(entry.number)
        where = f"segment {entry.number}"
        return sound_parts(data, where) if data is not None else ({}, {"header": f"{where} is missing"})

    def folder(self, number: int) -> Path:
        """The folder of a segment on disk."""
        if self.catalog.path is None:
            raise ValueError("a collection in memory has no folders")
        return self.catalog.path / SEGMENTS / str(number)

    def write(self, segment: Segment, dead: NDArray[np.uint16], catalog: Tables) -> Segment:
        """Enter a segment into `catalog`, where it is kept if it is small; else it is in a folder, durably.

        Returns the segment to go on with: a large one is read from its folder, so that it takes no memory.
        """
        if self.catalog.path is None:
            self._memory[segment.number] = segment
            catalog.add_segment(SegmentEntry(segment.number, segment.n_docs, 0, dead))
            return segment
        if fits(segment.bytes):
            data = bundle(segment.arrays())
            catalog.add_segment(SegmentEntry(segment.number, segment.n_docs, zlib.crc32(data), dead, True), data)
            return segment
        checksum = write_segment(self.folder(segment.number), segment.arrays())
        entry = SegmentEntry(segment.number, segment.n_docs, checksum, dead)
        catalog.add_segment(entry)
        return self.read(entry)

    def settle(self, snapshot: Snapshot, obsolete: Iterable[int]) -> None:
        """After a commit of this process: its snapshot, which need not be read; the segments merged away go."""
        with self.catalog.alone():
            if snapshot.generation > self._snapshot.generation:
                self._snapshot = snapshot
            self._coming = None
        self.drop(obsolete)

    def drop(self, numbers: Iterable[int]) -> None:
        """Remove segments that no commit names any more (readers of older commits keep what they have mapped)."""
        for number in numbers:
            self._memory.pop(number, None)
            if self.catalog.path is not None:
                remove_folder(self.folder(number))

    def sweep(self) -> None:
        """Remove the segments that a crash left over, unless a writer is at work or this process may not write."""
        if self.strangers({entry.number for entry in self.catalog.segments()}):
            with suppress(WriterBusy, ReadOnlyError), self.catalog.writing() as writer:
                self.drop_strangers({entry.number for entry in writer.segments()})

    def drop_strangers(self, known: Container[int]) -> None:
        """Remove the segments that are not in the catalog, which names those `known`; under the writer's lock."""
        self.drop(self.strangers(known))

    def strangers(self, known: Container[int]) -> list[int]:
        """The numbers of the segments that are there and not among those `known`."""
        if self.catalog.path is None:
            return [number for number in list(self._memory) if number not in known]
        root = self.catalog.path / SEGMENTS
        try:
            with os.scandir(root) as found:  # at every change: a third of what a Path takes
                names = [one.name for one in found]
        except FileNotFoundError:
            return []
        return [int(name) for name in names if name.isdecimal() and int(name) not in known]


def make_empty(folder: Path) -> None:
    """Make the folder, or see that it is there and holds nothing; AlreadyExists, ReadOnlyError.

    What a `create` left that was killed counts as nothing.
    """
    unmade = folder.is_dir() and is_unmade(folder)
    if (folder / FILE_NAME).exists() and not unmade:
        raise AlreadyExists(
            f"{folder} holds a collection already; go on filling it with --resume, add to it with `numen add`, or name "
            f"another folder"
        )
    if folder.exists() and not unmade:
        raise AlreadyExists(f"{folder} is not an empty folder; name a new one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / PROBE
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ReadOnlyError(f"cannot make a collection in {folder}: {error.strerror}") from error
