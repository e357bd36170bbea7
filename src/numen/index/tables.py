"""All tables of the catalog on one connection, and the transaction that changes them."""

from __future__ import annotations

from collections.abc import Iterator

from numen.errors import CollectionError
from numen.index.connection import PATIENCE_MS
from numen.index.document_rows import DocumentRows
from numen.index.last_commit import remember_commit
from numen.index.segment_rows import SegmentRows

__all__ = ["Tables"]

BRIEFLY_MS = 200
"""How long a second writer waits: past another's sweep or recovery, which take milliseconds, not past a write."""

MOST_PROBLEMS = 20
"""Sentences that a check gives."""


class Tables(SegmentRows, DocumentRows):
    """What a change is given: it reads and writes the tables, and the transaction around it is committed, or not."""

    def transaction(self) -> Iterator[Tables]:
        """One value, these tables, to change; what was done is committed when it is asked for another.

        WriterBusy if another connection writes.
        """
        self._run(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
        self._run("BEGIN IMMEDIATE")
        try:
            self._run(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            self._hold()
            yield self
            self.set("segments_seal", self.seal_of_segments())
            generation = self.setting("generation") + 1
            self.set("generation", generation)
            self._write_held()
            self._run("COMMIT")
            if self.path is not None:
                remember_commit(self.path, generation)
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
