"""The number of the last commit, beside the catalog: where SQLite's log is damaged, it drops commits silently."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

__all__ = ["COMMIT_NAME", "LastCommit", "known_commit"]

COMMIT_NAME = "last-commit"


class LastCommit:
    """The note of a folder, for the one who writes: the file is opened at the first commit and stays open."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / COMMIT_NAME
        self._descriptor: int | None = None

    def remember(self, generation: int) -> None:
        """Note that commit `generation` was made. Called after it; nothing depends on the note's being on the disk.

        Always the same number of bytes, written over the old ones: no space is needed after the first time, and a note
        that a crash left torn or old says nothing that is not so.
        """
        text = f"{generation:020d}"
        line = f"{text} {zlib.crc32(text.encode()):08x}\n".encode()
        with suppress(OSError):
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, line)

    def close(self) -> None:
        """Let go of the file; again, it does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def known_commit(folder: Path) -> int:
    """A commit that was surely made, most often the last one; 0 where there is no note, or none that can be read."""
    try:
        text, seal = (folder / COMMIT_NAME).read_bytes().split()
        return int(text) if zlib.crc32(text) == int(seal, 16) else 0
    except (OSError, ValueError):
        return 0
