"""What the catalog's file is called, and the tables in it; docs/FORMAT.md describes them."""

from __future__ import annotations

__all__ = ["FILE_NAME", "FORMAT", "REBUILT_NAME", "SCHEMA", "statements"]

FORMAT = 1
"""The version of everything on disk; docs/FORMAT.md describes each."""

FILE_NAME = "catalog.sqlite"

REBUILT_NAME = f"{FILE_NAME}.rebuilt"
"""A repaired catalog that is whole; it only has to take the old one's place."""

SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE segments (number INTEGER PRIMARY KEY, documents INTEGER NOT NULL, checksum INTEGER NOT NULL,
                       dead BLOB NOT NULL);
CREATE TABLE bundles (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE documents (key INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
                        metadata TEXT NOT NULL, alive INTEGER NOT NULL, text_seal INTEGER NOT NULL,
                        metadata_seal INTEGER NOT NULL);
CREATE UNIQUE INDEX document_ids ON documents (id) WHERE alive;
"""


def statements() -> list[str]:
    """The statements of the schema, as SQLite keeps them: without spaces and semicolons around."""
    return [one.strip() for one in SCHEMA.split(";") if one.strip()]
