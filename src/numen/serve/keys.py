"""Who may ask what: API keys, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from numen.errors import InputError
from numen.serve.refusal import Refusal

__all__ = ["Keys"]

SHORTEST = 20
"""Characters of a key: fewer could be guessed."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Digests (SHA-256) of the keys that may read, and of those that may write too; none at all: everybody may both.

    A digest is compared with every other one, each time through its whole length, so that the time tells nothing.
    """

    readers: tuple[bytes, ...] = ()
    writers: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, keys: Mapping[str, str]) -> Keys:
        """keys: "read" or "write", by key."""
        for key, right in keys.items():
            if right not in ("read", "write"):
                raise InputError(f"a key is for {right!r}; it must be read or write")
            if len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
                raise InputError(
                    f"a key has {len(key)} characters; it takes {SHORTEST} or more, printable ASCII without spaces, as "
                    f"python -c 'import secrets; print(secrets.token_urlsafe())' prints them"
                )
        return cls(
            tuple(_digest(key) for key, right in keys.items() if right == "read"),
            tuple(_digest(key) for key, right in keys.items() if right == "write"),
        )

    @classmethod
    def read(cls, path: Path) -> Keys:
        """The keys in a file: a line each, `read KEY` or `write KEY`; # begins a comment."""
        keys: dict[str, str] = {}
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the keys in {path}: {error}") from None
        for number, line in enumerate(lines, 1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            if len(words) != 2 or words[0] not in ("read", "write"):
                raise InputError(f"{path}, line {number}: needs `read KEY` or `write KEY`")
            keys[words[1]] = words[0]
        if not keys:
            raise InputError(f"{path} holds no key; a line is `read KEY` or `write KEY`")
        return cls.of(keys)

    def __bool__(self) -> bool:
        return bool(self.readers or self.writers)

    def check(self, authorization: str | None, *, write: bool) -> None:
        """Refuses a request whose header `Authorization: Bearer KEY` does not give the right to it."""
        if not self:
            return
        scheme, _, key = (authorization or "").partition(" ")
        challenge = {"www-authenticate": "Bearer"}
        if scheme.lower() != "bearer" or not key.strip():
            raise Refusal("no_key", "this takes a key: send the header Authorization: Bearer KEY", challenge)
        digest = _digest(key.strip())
        may_write, may_read = _among(digest, self.writers), _among(digest, self.readers)
        if not (may_write or may_read):
            raise Refusal("wrong_key", "this key is not known here", challenge)
        if write and not may_write:
            raise Refusal("read_only_key", "this key may read, and this request would change something")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _among(digest: bytes, known: tuple[bytes, ...]) -> bool:
    found = False
    for one in known:
        found |= hmac.compare_digest(digest, one)
    return found
