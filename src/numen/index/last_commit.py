"""The number of the last commit, beside the catalog: where SQLite's log is damaged, it drops commits silently."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

__all__ = ["COMMIT_NAME", "known_commit", "remember_commit"]

COMMIT_NAME = "last-commit"


def remember_commit(folder: Path, generation: int) -> None:
    """Note that commit `generation` was made. Called after it; nothing depends on the note's being on the disk.

    Always the same number of bytes, written over the old ones: no space is needed after the first time, and a note that
    a crash left torn or old says nothing that is not so.
    """
    text = f"{generation:020d}"
    with suppress(OSError):
        descriptor = os.open(folder / COMMIT_NAME, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            os.write(descriptor, f"{text} {zlib.crc32(text.encode()):08x}\n".encode())
        finally:
            os.close(descriptor)


def known_commit(folder: Path) -> int:
    """A commit that was surely made, most often the last one; 0 where there is no note, or none that can be read."""
    try:
        text, seal = (folder / COMMIT_NAME).read_bytes().split()
        return int(text) if zlib.crc32(text) == int(seal, 16) else 0
    except (OSError, ValueError):
        return 0
