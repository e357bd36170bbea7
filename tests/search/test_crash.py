"""What a crash leaves behind; the kills themselves are in tests/benchmarks/test_kills.py."""

from __future__ import annotations

from pathlib import Path

import pytest

import numen
from numen import Collection


def test_killed_while_it_is_made_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"")  # what a kill in the first milliseconds leaves
    with pytest.raises(numen.NumenError, match=r"catalog\.sqlite is not a readable catalog.*index anew"):
        Collection.open(tmp_path)
