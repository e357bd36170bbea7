"""All tables of the catalog on one connection, and the transaction that changes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from numen.errors import CollectionError
from numen.index.document_rows import DocumentRows
from numen.index.last_commit import LastCommit
from numen.index.segment_rows import SegmentRows

__all__ = ["Tables"]

MOST_PROBLEMS = 20
"""Sentences that a check gives."""


class Tables(SegmentRows, DocumentRows):
    """What a change is given: it reads and writes the tables, and the transaction around it is committed, or not."""

    def __init__(self, uri: str, path: Path | None) -> None:
        """As a connection is."""
        super().__init__(uri, path)
        self._last_commit = None if path is None else LastCommit(path)

    def close(self) -> None:
        """Let go of the files; again, it does nothing."""
        if self._last_commit is not None:
            self._last_commit.close()
        super().close()

    def transaction(self) -> Iterator[Tables]:
        """One value, these tables, to change; what was done is committed when it is asked for another.

        WriterBusy if another connection writes.
        """
        self._run("BEGIN IMMEDIATE")
        try:
            self._hold()
            yield self
            self.set("segments_seal", self.seal_of_change())
            generation = self.setting("generation") + 1
            self.set("generation", generation)
            self._write_held()
            self._run("COMMIT")
            if self._last_commit is not None:
                self._last_commit.remember(generation)
        finally:
            self._let_go()
            # Not so after a commit, even if an interrupt came just after it.
            if self._connection.in_transaction:
                self._run("ROLLBACK")

    def problems(self) -> list[str]:
        """What SQLite's own check finds wrong, and the documents that are not as written: one sentence each."""
        try:
            rows = self._run(f"PRAGMA integrity_check({MOST_PROBLEMS})")
            found = [f"{self._file}: {row[0]}" for row in rows if row[0] != "ok"]
            return found or self.changed(MOST_PROBLEMS)
        except CollectionError as error:
            return [str(error)]
