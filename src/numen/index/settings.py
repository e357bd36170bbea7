"""The catalog's table of settings: what a collection is made of, and its counters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from numen.errors import DamagedError
from numen.index.connection import Connection
from numen.index.seals import setting_seal
from numen.types import JSON

__all__ = ["Settings"]

COUNTERS = ("generation", "living", "next_key", "next_segment")
"""Settings that every change goes by; as a tuple of strings in Python, which is a list in SQL."""


class Settings(Connection):
    """Named values, sealed one by one. Amid a change they are held here, and written once, at its end."""

    def __init__(self, uri: str, path: Path | None) -> None:
        """As a connection is."""
        super().__init__(uri, path)
        self._held: dict[str, JSON] | None = None
        self._to_write: set[str] = set()

    def setting(self, name: str) -> JSON:
        """The value of a setting; DamagedError if there is none of that name."""
        if self._held is not None and name in self._held:
            return self._held[name]
        rows = self._run("SELECT value, seal FROM settings WHERE name = ?", (name,))
        if not rows or not _sound(name, *rows[0]):
            raise DamagedError(f"{self._file} is not a readable catalog: it has no usable setting {name!r}")
        value = json.loads(rows[0][0])
        if self._held is not None:
            self._held[name] = value
        return value

    def set(self, name: str, value: JSON) -> None:
        """Change a setting; on the catalog that `writing()` gave, as all that change anything below."""
        if self._held is None:
            self._write({name: value})
        else:
            self._held[name] = value
            self._to_write.add(name)

    def take(self, name: str, count: int) -> int:
        """Reserve `count` consecutive numbers of a counter (next_key, next_segment); returns the first."""
        first = int(self.setting(name))
        self.set(name, first + count)
        return first

    def _hold(self) -> None:
        """A change begins: nobody else writes settings until `_let_go`. What every change asks for is read at once."""
        rows = self._run(f"SELECT name, value, seal FROM settings WHERE name IN {COUNTERS}")
        self._held = {name: json.loads(value) for name, value, seal in rows if _sound(name, value, seal)}
        self._to_write = set()

    def _write_held(self) -> None:
        """Write the settings that were changed."""
        self._write({name: value for name, value in (self._held or {}).items() if name in self._to_write})
        self._to_write = set()

    def _let_go(self) -> None:
        """The change is over, well or not."""
        self._held = None
        self._to_write = set()

    def _write(self, values: Mapping[str, JSON]) -> None:
        texts = {name: json.dumps(value) for name, value in values.items()}
        self._run_each(
            "UPDATE settings SET value = ?, seal = ? WHERE name = ?",
            [(text, setting_seal(name, text), name) for name, text in texts.items()],
        )


def _sound(name: str, value: object, seal: object) -> bool:
    """Whether a row is as it was written."""
    return isinstance(value, str) and setting_seal(name, value) == seal
