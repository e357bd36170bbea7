"""The catalog's table of settings: what a collection is made of, and its counters."""

from __future__ import annotations

import json

from numen.errors import DamagedError
from numen.index.connection import Connection
from numen.index.seals import setting_seal
from numen.types import JSON

__all__ = ["Settings"]


class Settings(Connection):
    """Named values, sealed one by one."""

    def setting(self, name: str) -> JSON:
        """The value of a setting; DamagedError if there is none of that name."""
        rows = self._run("SELECT value, seal FROM settings WHERE name = ?", (name,))
        if not rows or not isinstance(rows[0][0], str) or setting_seal(name, rows[0][0]) != rows[0][1]:
            raise DamagedError(f"{self._file} is not a readable catalog: it has no usable setting {name!r}")
        return json.loads(rows[0][0])

    def set(self, name: str, value: JSON) -> None:
        """Change a setting; on the catalog that `writing()` gave, as all that change anything below."""
        text = json.dumps(value)
        self._run("UPDATE settings SET value = ?, seal = ? WHERE name = ?", (text, setting_seal(name, text), name))

    def take(self, name: str, count: int) -> int:
        """Reserve `count` consecutive numbers of a counter (next_key, next_segment); returns the first."""
        first = int(self.setting(name))
        self.set(name, first + count)
        return first
