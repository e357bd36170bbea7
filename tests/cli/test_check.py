"""`numen check`: sound is exit code 0, anything else is listed with exit code 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_sound_collection(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("check", papers)
    assert result.exit_code == 0
    assert "sound, 3 documents" in result.stdout
    assert json.loads(numen("check", papers, "--json").stdout) == {
        "path": str(papers),
        "sound": True,
        "documents": 3,
        "problems": [],
    }


def test_a_changed_byte_is_found_and_its_file_named(numen: Callable[..., Any], papers: Path) -> None:
    victim = max(papers.rglob("*.npy"), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[-1] ^= 0xFF
    victim.write_bytes(content)
    result = numen("check", papers)
    assert result.exit_code == 1
    assert victim.name in result.stdout
    printed = json.loads(numen("check", papers, "--json").stdout)
    assert printed["sound"] is False
    assert printed["problems"]


def test_a_folder_without_a_collection_is_an_error(numen: Callable[..., Any], tmp_path: Path) -> None:
    assert numen("check", tmp_path).exit_code == 2
