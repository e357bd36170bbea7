"""`numen check`: sound is exit code 0, anything else is listed with exit code 1."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from numen.encode import encoder_from_json
from numen.index import bundle


def test_a_sound_collection(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("check", papers)
    assert result.exit_code == 0
    assert "sound, 3 documents" in result.stdout
    assert json.loads(numen("check", papers, "--json").stdout) == {
        "path": str(papers),
        "sound": True,
        "documents": 3,
        "problems": [],
        "repaired": [],
    }


def test_a_changed_byte_is_found_and_its_file_named(
    numen: Callable[..., Any], papers: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", 0)  # so that the segment is in a folder
    assert numen("add", papers, source).exit_code == 0
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
    assert numen("check", tmp_path, "--repair").exit_code == 2


def test_repair_says_what_it_did(numen: Callable[..., Any], papers: Path) -> None:
    catalog = papers / "catalog.sqlite"
    content = bytearray(catalog.read_bytes())
    content[content.index(b"supersonic nozzles")] ^= 1
    catalog.write_bytes(content)
    assert "the text of document 'd3'" in numen("check", papers).stdout
    result = numen("check", papers, "--repair")
    assert result.exit_code == 0
    assert "repaired" in result.stdout
    assert "'d3'" in result.stdout
    assert "sound, 2 documents" in result.stdout
    printed = json.loads(numen("check", papers, "--repair", "--json").stdout)
    assert (printed["sound"], printed["documents"], printed["repaired"]) == (True, 2, [])


def test_a_catalog_that_cannot_be_opened_is_a_problem(numen: Callable[..., Any], papers: Path) -> None:
    catalog = papers / "catalog.sqlite"
    content = catalog.read_bytes()
    catalog.write_bytes(b"\xff" * 4096 + content[4096:])
    result = numen("check", papers, "--json")
    assert result.exit_code == 1
    assert "not a readable catalog" in json.loads(result.stdout)["problems"][0]
    assert numen("check", papers, "--repair").exit_code == 0
    assert "sound, 3 documents" in numen("check", papers).stdout


def test_legs_that_the_catalog_lost_can_be_given(numen: Callable[..., Any], papers: Path) -> None:
    with closing(sqlite3.connect(papers / "catalog.sqlite")) as catalog, catalog:
        (legs,) = catalog.execute("SELECT value FROM settings WHERE name = 'legs'").fetchone()
        catalog.execute("UPDATE settings SET value = 'gone' WHERE name IN ('legs', 'fields')")
    made = [f"{name}={parse(one)}" for name, one in json.loads(legs).items()]
    result = numen("check", papers, "--repair")
    assert result.exit_code == 2
    assert "numen check --repair --leg NAME=ENCODER --fields title,text" in result.stderr
    assert numen("check", papers, "--leg", made[0]).exit_code == 2
    assert numen("check", papers, "--repair", "--leg", "words").exit_code == 2
    given = [part for one in made for part in ("--leg", one)]
    result = numen("check", papers, "--repair", *given, "--fields", "title,text")
    assert result.exit_code == 0
    assert "the setting 'legs' of the catalog" in result.stdout
    assert "sound, 3 documents" in result.stdout


def parse(encoder: dict[str, Any]) -> str:
    """The short string of an encoder's JSON."""
    return encoder_from_json(encoder).spec
