"""`numen index`: a collection is made whole or not at all, and every bad input is named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = b'{"id": "a", "text": "one good document"}\n'


def test_it_says_what_it_made_and_what_to_try(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    result = numen("index", source, "--into", tmp_path / "papers")
    assert result.exit_code == 0
    assert "3 documents" in result.stdout
    assert f"numen search {tmp_path / 'papers'}" in result.stdout
    assert "words (auto)" in result.stdout


def test_json_is_one_object_and_nothing_else(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    result = numen(
        "index", source, "--into", tmp_path / "p", "--leg", "w=bm25:english", "--leg", "n=numen:512", "--json"
    )
    assert result.stdout.endswith("}\n")
    assert result.stdout.count("\n") == 1
    printed = json.loads(result.stdout)
    assert printed["documents"] == printed["added"] == 3
    assert printed["legs"] == {"w": "bm25:english", "n": "numen:512"}
    assert printed["path"] == str(tmp_path / "p")
    assert printed["problems"] == []
    assert printed["index_bytes"] > 0


# Going on -----------------------------------------------------------------------------------------------------------


def _lines(first: int, count: int) -> str:
    return "".join(json.dumps({"id": f"d{i}", "text": f"text number{i}"}) + "\n" for i in range(first, first + count))


def test_a_run_that_failed_after_a_commit_is_gone_on_with(numen: Callable[..., Any], tmp_path: Path) -> None:
    path, into = tmp_path / "s.jsonl", tmp_path / "p"
    path.write_text(_lines(0, 25) + "bad\n", encoding="utf-8")
    stopped = numen("index", path, "--into", into, "--encoder", "bm25", "--commit-every", "10")
    assert stopped.exit_code == 2
    assert "line 26" in stopped.stderr
    assert "what was committed stays (20 documents): go on with --resume" in stopped.stderr
    path.write_text(_lines(0, 30), encoding="utf-8")
    assert "go on filling it with --resume" in numen("index", path, "--into", into).stderr
    printed = json.loads(numen("index", path, "--into", into, "--resume", "--json").stdout)
    found = {key: printed[key] for key in ("documents", "added", "unchanged", "replaced")}
    assert found == {"documents": 30, "added": 10, "unchanged": 20, "replaced": 0}
    again = numen("index", path, "--into", into, "--resume", "--encoder", "bm25", "--fields", "title,text")
    assert "30 documents were there already, unchanged" in again.stdout


def test_an_interrupt_after_a_commit_says_what_is_left(
    numen: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from numen.search.change import Change

    real, puts = Change.put, 0

    def interrupted(self: Change, *arguments: Any) -> None:
        nonlocal puts
        puts += 1
        if puts == 3:
            raise KeyboardInterrupt
        real(self, *arguments)

    path, into = tmp_path / "s.jsonl", tmp_path / "p"
    path.write_text(_lines(0, 25), encoding="utf-8")
    numen("index", path, "--into", tmp_path / "warm")  # so that no other collection is made below
    monkeypatch.setattr("numen.search.warm_up", lambda encoder: None)
    monkeypatch.setattr(Change, "put", interrupted)
    result = numen("index", path, "--into", into, "--commit-every", "5")
    assert result.exit_code == 130
    assert "stopped; what was committed stays (10 documents): go on with --resume" in result.stderr
    puts = 2
    result = numen("index", path, "--into", tmp_path / "q")
    assert "stopped; nothing was changed" in result.stderr
    assert not (tmp_path / "q").exists()


def test_going_on_needs_the_same_encoders_and_fields(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    into = tmp_path / "p"
    numen("index", source, "--into", into, "--encoder", "bm25", "--fields", "text")
    other = numen("index", source, "--into", into, "--resume", "--encoder", "numen:64")
    assert "was made with 'bm25', not with 'numen:64'" in other.stderr
    other = numen("index", source, "--into", into, "--resume", "--fields", "title")
    assert "--fields title: " in other.stderr
    assert "was made with text; leave --fields out" in other.stderr
    assert numen("index", source, "--into", into, "--resume", "--fields", "text").exit_code == 0


def test_resuming_what_was_never_begun_begins(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    result = numen("index", source, "--into", tmp_path / "p", "--resume")
    assert result.exit_code == 0
    assert "3 documents added" in result.stdout


@pytest.mark.parametrize(("memory", "words"), [("64MB", ""), ("64", "at least 16MB"), ("lots", "such as '512MB'")])
def test_memory_is_a_size(numen: Callable[..., Any], source: Path, tmp_path: Path, memory: str, words: str) -> None:
    result = numen("index", source, "--into", tmp_path / "p", "--memory", memory)
    assert (result.exit_code, words in result.stderr) == (2 if words else 0, True)
    assert (tmp_path / "p").exists() == (not words)


# Bad input ----------------------------------------------------------------------------------------------------------


def test_quiet_leaves_standard_error_empty(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    assert numen("index", source, "--into", tmp_path / "p", "--quiet").stderr == ""


def test_standard_input_is_a_source(numen: Callable[..., Any], tmp_path: Path) -> None:
    result = numen("index", "-", "--into", tmp_path / "p", "--json", stdin=GOOD)
    assert json.loads(result.stdout)["documents"] == 1


def test_fields_choose_what_is_indexed(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    # A title says "Wings", a text "wing": plain words tell them apart.
    numen("index", source, "--into", tmp_path / "p", "--fields", "text", "--encoder", "bm25")
    assert json.loads(numen("search", tmp_path / "p", "wings", "--json").stdout)["hits"] == []
    assert len(json.loads(numen("search", tmp_path / "p", "wing", "--json").stdout)["hits"]) == 1


def test_a_repeated_id_counts_once_and_is_said(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(GOOD + b'{"id": "a", "text": "the later one"}\n')
    result = numen("index", path, "--into", tmp_path / "p")
    assert "1 document added" in result.stdout
    assert "the last one counts" in result.stdout
    hits = json.loads(numen("search", tmp_path / "p", "later", "--json").stdout)["hits"]
    assert [hit["text"] for hit in hits] == ["the later one"]


BAD_LINES = [
    (b"not json", "line 2: not JSON"),
    (b"[1]", "line 2: a line must be a JSON object"),
    (b'{"text": "x"}', 'needs "_id" or "id"'),
    (b'{"id": "b"}', 'no "text"'),
    (b'{"id": "b", "text": "caf\xe9"}', "invalid UTF-8: byte 0xe9 at offset 24"),
    (b'{"id": "b\\u0000", "text": "x"}', "NUL"),
    (b'{"id": "b", "text": "x", "n": NaN}', "nan"),
]


@pytest.mark.parametrize(("line", "words"), BAD_LINES)
def test_a_bad_document_stops_and_leaves_nothing_behind(
    numen: Callable[..., Any], tmp_path: Path, line: bytes, words: str
) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(GOOD + line + b"\n")
    result = numen("index", path, "--into", tmp_path / "deep" / "p")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"numen: error: {path}, line 2: " in result.stderr
    assert words in result.stderr
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["s.jsonl"]


@pytest.mark.parametrize(("line", "words"), BAD_LINES)
def test_skip_bad_counts_it_and_goes_on(numen: Callable[..., Any], tmp_path: Path, line: bytes, words: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(line + b"\n" + GOOD)
    result = numen("index", path, "--into", tmp_path / "p", "--skip-bad", "--json")
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert (printed["documents"], printed["skipped"]) == (1, 1)
    assert words.replace("line 2", "line 1") in printed["problems"][0]


def test_skipped_documents_are_listed_in_part(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"bad\n" * 20 + GOOD)
    result = numen("index", path, "--into", tmp_path / "p", "--skip-bad")
    assert "20 documents could not be used" in result.stdout
    assert result.stdout.count("not JSON") == 5
    assert "and 15 more" in result.stdout


def test_a_source_with_nothing_usable_makes_no_collection(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"bad\n" * 20)
    result = numen("index", path, "--into", tmp_path / "p", "--skip-bad")
    assert result.exit_code == 2
    assert "none of its 20 documents" in result.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_named(numen: Callable[..., Any], tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(content)
    result = numen("index", path, "--into", tmp_path / "p")
    assert (result.exit_code, "holds no document" in result.stderr) == (2, True)
    assert not (tmp_path / "p").exists()


def test_a_document_of_ten_megabytes_and_a_word_of_one_are_indexed(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    text = "heavy words " * 900_000 + "x" * 1_000_000
    path.write_text(json.dumps({"id": "big", "text": text}) + "\n", encoding="utf-8")
    assert numen("index", path, "--into", tmp_path / "p", "--encoder", "bm25").exit_code == 0
    result = numen("search", tmp_path / "p", "heavy", "--json")
    assert json.loads(result.stdout)["hits"][0]["text"] == text
    assert len(numen("search", tmp_path / "p", "heavy").stdout) < 1000


def test_nul_in_a_text_is_kept(numen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b'{"id": "a", "text": "before\\u0000after word"}\n')
    assert numen("index", path, "--into", tmp_path / "p").exit_code == 0
    hits = json.loads(numen("search", tmp_path / "p", "word", "--json").stdout)["hits"]
    assert hits[0]["text"] == "before\0after word"


def test_an_existing_collection_is_kept_and_add_is_named(numen: Callable[..., Any], papers: Path, source: Path) -> None:
    result = numen("index", source, "--into", papers)
    assert result.exit_code == 2
    assert str(papers) in result.stderr
    assert "numen add" in result.stderr
    assert json.loads(numen("info", papers, "--json").stdout)["documents"] == 3


def test_a_folder_of_something_else_is_kept(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear", encoding="utf-8")
    result = numen("index", source, "--into", folder)
    assert result.exit_code == 2
    assert [entry.name for entry in folder.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--encoder", "bm26"], "bm25"),
        (["--encoder", "numen:1"], "numen"),
        (["--leg", "words"], "--leg words=bm25:english"),
        (["--leg", "=bm25"], "needs a name and an encoder"),
        (["--leg", "w=bm25", "--leg", "w=numen"], "already"),
        (["--leg", "w=bm25", "--encoder", "numen"], "--encoder and --leg together"),
        (["--fields", "body"], "body"),
    ],
)
def test_options_that_do_not_fit_are_named(
    numen: Callable[..., Any], source: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    result = numen("index", source, "--into", tmp_path / "p", *options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "p").exists()


def test_an_empty_folder_is_used_and_left_empty_by_a_failure(
    numen: Callable[..., Any], source: Path, tmp_path: Path
) -> None:
    folder, bad = tmp_path / "p", tmp_path / "bad.jsonl"
    folder.mkdir()
    bad.write_bytes(GOOD + b"bad\n")
    assert numen("index", bad, "--into", folder).exit_code == 2
    assert list(folder.iterdir()) == []
    assert numen("index", source, "--into", folder).exit_code == 0


def test_a_missing_source_is_named_before_anything_is_made(numen: Callable[..., Any], tmp_path: Path) -> None:
    result = numen("index", tmp_path / "absent.jsonl", "--into", tmp_path / "p")
    assert (result.exit_code, "no such file" in result.stderr) == (2, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_an_error(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    result = numen("index", source, "--into", locked / "p")
    assert result.exit_code == 2
    assert str(locked) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_refuses_to_be_written_is_an_error(
    numen: Callable[..., Any], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refused)
    result = numen("index", source, "--into", tmp_path / "p")
    assert result.exit_code == 2
    assert str(tmp_path / "p") in result.stderr


def test_an_index_killed_at_its_start_is_made_anew(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    into = tmp_path / "killed"
    into.mkdir()
    (into / "catalog.sqlite").touch()
    assert numen("index", source, "--into", into, "--resume").exit_code == 0
    assert "sound, 3 documents" in numen("check", into).stdout
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "catalog.sqlite").touch()
    assert numen("index", source, "--into", tmp_path / "again").exit_code == 0
