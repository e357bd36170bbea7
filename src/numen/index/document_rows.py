"""The catalog's table of documents: texts and metadata, each row sealed, and which of them live."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from numen.errors import DamagedError
from numen.index.seals import STORED, metadata_of, metadata_seal, stored_of, text_seal
from numen.index.settings import Settings
from numen.types import JSON, Document

__all__ = ["DocumentRows", "Stored"]

Stored: TypeAlias = tuple[str, str, str, Mapping[str, JSON]]
"""A document as the catalog keeps it: id, title, text, metadata."""


class DocumentRows(Settings):
    """Documents by key; ids of living ones are unique."""

    def insert(self, first_key: int, documents: Sequence[Document]) -> None:
        """Store documents under consecutive keys; ids must not be alive already."""
        rows = []
        for key, d in enumerate(documents, first_key):
            metadata = json.dumps(d.metadata, ensure_ascii=False) if d.metadata else "{}"
            sealed = text_seal(key, d.id.encode(), d.title.encode(), d.text.encode())
            rows.append((key, d.id, d.title, d.text, metadata, sealed, metadata_seal(key, metadata.encode())))
        self._run_each("INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1, ?, ?)", rows)
        self.set("living", self.setting("living") + len(rows))

    def living(self, ids: Sequence[str]) -> list[tuple[str, int]]:
        """(id, key) of those of `ids` that are alive, in no order."""
        found = self._run(
            "SELECT id, key FROM documents WHERE alive AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        wanted = set(ids)
        return [(id_, key) for id_, key in found if id_ in wanted]  # to SQLite, a string in JSON ends at a NUL

    def kill(self, keys: Sequence[int]) -> None:
        """Mark living documents as dead; their text stays for readers of older commits, until segments are merged."""
        self._run_each("UPDATE documents SET alive = 0 WHERE key = ?", [(key,) for key in keys])
        self.set("living", self.setting("living") - len(keys))

    def revive(self, keys: Sequence[int]) -> list[int]:
        """Mark documents as living, for a repair, which counts them itself; returns those that could be.

        That are the ones that are stored, and whose id no other living document has.
        """
        self._run_each("UPDATE OR IGNORE documents SET alive = 1 WHERE key = ?", [(key,) for key in keys])
        living = set(self.keys())
        return [key for key in keys if key in living]

    def purge(self, keys: Sequence[int]) -> None:
        """Remove dead documents for good."""
        self._run_each("DELETE FROM documents WHERE key = ? AND NOT alive", [(key,) for key in keys])

    def fetch(self, keys: Sequence[int]) -> dict[int, Stored]:
        """The stored documents of these keys, dead or alive; DamagedError, naming it, for one that was changed."""
        rows = self._run(
            f"SELECT {STORED} FROM documents WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {row[0]: stored_of(row, self._file) for row in rows}

    def metadata(self, first: int, last: int) -> list[tuple[int, str]]:
        """(key, metadata as JSON) of the documents with keys from `first` to `last`, dead or alive, by key."""
        rows = self._run(
            "SELECT key, CAST(metadata AS BLOB), metadata_seal FROM documents WHERE key BETWEEN ? AND ? ORDER BY key",
            (first, last),
        )
        return [(row[0], metadata_of(row, self._file)) for row in rows]

    def keys(self) -> list[int]:
        """The keys of all living documents, ascending."""
        return [key for (key,) in self._run("SELECT key FROM documents WHERE alive ORDER BY key")]

    def _each_document(self, batch: int) -> Iterator[tuple[int, Stored]]:
        keys = self.keys()
        if self.path is not None and len(keys) != self.setting("living"):
            raise self._lacking()
        for at in range(0, len(keys), batch):
            stored = self.fetch(keys[at : at + batch])
            if self.path is not None and len(stored) < len(keys[at : at + batch]):
                raise self._lacking()
            yield from ((key, stored[key]) for key in keys[at : at + batch] if key in stored)

    def _lacking(self) -> DamagedError:
        return DamagedError(
            f"{self._file} does not list as many living documents as it should; `numen check --repair` mends that"
        )

    def changed(self, most: int, batch: int = 1_000) -> list[str]:
        """The first documents that are not as written, at most `most`, a sentence each; reads all."""
        found: list[str] = []
        last = -1
        while len(found) < most:
            rows = self._run(f"SELECT {STORED} FROM documents WHERE key > ? ORDER BY key LIMIT ?", (last, batch))
            if not rows:
                break
            for row in rows:
                try:
                    stored_of(row, self._file)
                except DamagedError as error:
                    found.append(str(error))
            last = rows[-1][0]
        return found[:most]
