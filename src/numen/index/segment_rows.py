"""The catalog's tables of segments and of bundles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.errors import DamagedError
from numen.index.seals import segments_seal
from numen.index.settings import Settings

__all__ = ["SegmentEntry", "SegmentRows"]


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A row of the table of segments; dead: uint16, ascending numbers of its dead documents.

    bundled: whether its arrays are in the catalog (numen.index.bundle) instead of in a folder. checksum: the CRC-32 of
    the bundle, or of the folder's manifest.
    """

    number: int
    documents: int
    checksum: int
    dead: NDArray[np.uint16]
    bundled: bool = False


class SegmentRows(Settings):
    """Which segments there are, which of their documents are dead, and the bytes of the small ones."""

    _new_seal: int | None = None

    def segments(self) -> list[SegmentEntry]:
        """All segments of the last commit, by number; DamagedError if one of the rows is not as it was written."""
        with self.reading():
            if self.seal_of_segments() != self.setting("segments_seal"):
                raise DamagedError(
                    f"{self._file}: the table of segments is not as it was written; `numen check --repair` mends it"
                )
            return self._segments()

    def seal_of_segments(self) -> int:
        """What seals the table as it is now."""
        return segments_seal(self._segment_rows())

    def seal_of_change(self) -> int:
        """The same for the change that is being made, which alone writes here: found once, until it writes more."""
        if self._new_seal is None:
            self._new_seal = self.seal_of_segments()
        return self._new_seal

    def _segment_rows(self) -> list[Any]:
        """What the seal of the segments is made of."""
        return self._run("SELECT number, documents, checksum, dead FROM segments ORDER BY number")

    def _hold(self) -> None:
        self._new_seal = None
        super()._hold()

    def _segments(self) -> list[SegmentEntry]:
        rows = self._run(
            "SELECT number, documents, checksum, dead, number IN (SELECT number FROM bundles)"
            " FROM segments ORDER BY number"
        )
        return [
            SegmentEntry(n, d, c, np.frombuffer(dead, "<u2").astype(np.uint16), bool(bundled))
            for n, d, c, dead, bundled in rows
        ]

    def bundle(self, number: int) -> bytes | None:
        """The bytes of a segment that is kept in the catalog, None if it is not there (any more)."""
        rows = self._run("SELECT data FROM bundles WHERE number = ?", (number,))
        return rows[0][0] if rows else None

    def add_segment(self, entry: SegmentEntry, bundle: bytes | None = None) -> None:
        """Enter a segment; bundle: its bytes where they are to be kept here."""
        self._new_seal = None
        self._run(
            "INSERT INTO segments VALUES (?, ?, ?, ?)",
            (entry.number, entry.documents, entry.checksum, entry.dead.astype("<u2").tobytes()),
        )
        if bundle is not None:
            self._run("INSERT INTO bundles VALUES (?, ?)", (entry.number, bundle))

    def set_dead(self, number: int, dead: NDArray[np.uint16]) -> None:
        self._new_seal = None
        self._run("UPDATE segments SET dead = ? WHERE number = ?", (dead.astype("<u2").tobytes(), number))

    def remove_segments(self, numbers: Iterable[int]) -> None:
        each = [(number,) for number in numbers]
        if not each:
            return
        self._new_seal = None
        self._run_each("DELETE FROM segments WHERE number = ?", each)
        self._run_each("DELETE FROM bundles WHERE number = ?", each)
