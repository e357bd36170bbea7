"""Words of scripts that write no spaces between words, cut into characters and pairs of neighbours."""

from __future__ import annotations

import re
from functools import cache

__all__ = ["pieces"]

SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),  # Han
    (0x3040, 0x30FF), (0x31F0, 0x31FF),  # kana
)  # fmt: skip
"""Scripts of which a run of letters is a phrase, not a word; Hangul has spaces."""


def pieces(word: str) -> list[tuple[str, int, int]]:
    """(piece, start, end) of a normalised word: itself, unless a script without spaces takes part in it.

    Each run of such a script becomes its characters, then each two neighbours; what stands between runs stays whole.
    """
    if word.isascii():
        return [(word, 0, len(word))]
    out = []
    for match in _parts().finditer(word):
        start, end = match.span()
        if match.lastgroup == "run":
            out += [(word[i], i, i + 1) for i in range(start, end)]
            out += [(word[i : i + 2], i, i + 2) for i in range(start, end - 1)]
        else:
            out.append((word[start:end], start, end))
    return out


@cache
def _parts() -> re.Pattern[str]:
    cells = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in SCRIPTS)
    return re.compile(f"(?P<run>[{cells}]+)|[^{cells}]+")
