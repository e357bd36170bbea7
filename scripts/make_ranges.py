"""Rewrite src/numen/text/ranges.txt from the running Python's Unicode data: run it, look at the diff, commit both.

A new table changes what a word is for newly assigned characters, so the collection format's version goes up with it.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src" / "numen" / "text" / "ranges.txt"


def word_ranges() -> list[tuple[int, int]]:
    """(first, last) of each run of code points that are letters, marks or numbers (categories L*, M*, N*)."""
    ranges: list[tuple[int, int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] in "LMN":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1] = (ranges[-1][0], code)
            else:
                ranges.append((code, code))
    return ranges


def main() -> None:
    """Write the table, eight ranges a line, after a line with the Unicode version."""
    cells = [f"{a:X}-{b:X}" if a != b else f"{a:X}" for a, b in word_ranges()]
    lines = [" ".join(cells[i : i + 8]) for i in range(0, len(cells), 8)]
    TARGET.write_text("\n".join([f"Unicode {unicodedata.unidata_version}", *lines, ""]), encoding="ascii")


if __name__ == "__main__":
    main()
