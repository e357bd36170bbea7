"""JSON lines: what is read, and the file, line and finding that each error names."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from numen.errors import DocumentError, InputError
from numen.sources.jsonl import read_jsonl
from numen.types import Document


def _write(folder: Path, content: bytes) -> Path:
    path = folder / "corpus.jsonl"
    path.write_bytes(content)
    return path


def test_lines_become_documents_in_their_order(tmp_path: Path) -> None:
    path = _write(
        tmp_path, b'{"_id": "b", "text": "x"}\n\n  \r\n{"id": 1, "text": "\xc3\xa9"}\r\n{"id":"c","text":"no end"}'
    )
    assert list(read_jsonl(path)) == [Document("b", "x"), Document("1", "é"), Document("c", "no end")]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert next(read_jsonl(_write(tmp_path, b'\xef\xbb\xbf{"id": "a", "text": "x"}\n'))).id == "a"


def test_a_gzip_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "a", "text": "x"}\n' * 3))
    assert len(list(read_jsonl(path))) == 3


def test_standard_input_is_read_and_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.BytesIO(b'{"id": "a", "text": "x"}\nnonsense\n')
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stdin))
    with pytest.raises(DocumentError, match="standard input, line 2: not JSON"):
        list(read_jsonl("-"))
    assert not stdin.closed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{'id': 1}", ["not JSON", "column 2", "\"{'id': 1}\""]),
        (b"x" * 500, ["not JSON", repr("x" * 60)]),
        (b'["a"]', ["must be a JSON object", "'[\"a\"]'"]),
        (b"null", ["must be a JSON object"]),
        (b'{"id": "a", "text": "caf\xe9"}', ["invalid UTF-8", "byte 0xe9 at offset 24"]),
        (b'{"id": "a", "text": "\xed\xa0\x80"}', ["invalid UTF-8", "0xed"]),
        (b'{"id": "a"}', ['no "text"']),
        (b'{"id": "a", "text": "x", "score": NaN}', ["metadata['score']", "nan"]),
        (b'{"id": "a", "text": "x", "score": -Infinity}', ["-inf"]),
        (b'{"id": "a", "text": "x", "score": 1e999}', ["inf"]),
        (b'{"id": "a\\u0000b", "text": "x"}', ["NUL"]),
        (b'{"id": "\\ud800", "text": "x"}', ["lone surrogate"]),
        (b"[" * 100_000, ["nested too deeply"]),
        (b'{"id": ' + b"9" * 10_000 + b', "text": "x"}', ["number too long"]),
    ],
)
def test_a_bad_line_is_named_and_can_be_skipped(tmp_path: Path, line: bytes, words: list[str]) -> None:
    good = b'{"id": "a", "text": "x"}\n'
    path = _write(tmp_path, good + line + b"\n" + good)
    with pytest.raises(DocumentError) as caught:
        list(read_jsonl(path))
    message = str(caught.value)
    assert message.startswith(f"{path}, line 2: ")
    assert caught.value.line == 2
    assert [word for word in words if word not in message] == []
    assert len(message) < 400 + len(str(path))
    skipped: list[DocumentError] = []
    assert [document.id for document in read_jsonl(path, skipped.append)] == ["a", "a"]
    assert [str(error) for error in skipped] == [message]


def test_a_lone_surrogate_escape_in_text_is_replaced(tmp_path: Path) -> None:
    path = _write(tmp_path, b'{"id": "a", "text": "x\\ud800y", "title": "\\ud83d\\ude00"}\n')
    assert next(read_jsonl(path)) == Document("a", "x\ufffdy", "😀")


def test_a_line_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    text = "0123456789" * 2**20
    path = _write(tmp_path, json.dumps({"id": "a", "text": text}).encode() + b"\n")
    assert next(read_jsonl(path)).text == text


def test_a_truncated_gzip_file_gives_what_is_there_and_an_error(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.gz"
    lines = b"".join(json.dumps({"id": str(n), "text": f"text {n * 7919}"}).encode() + b"\n" for n in range(5000))
    path.write_bytes(gzip.compress(lines)[:-2000])
    with pytest.raises(DocumentError, match="ends too early"):
        list(read_jsonl(path))
    skipped: list[DocumentError] = []
    documents = list(read_jsonl(path, skipped.append))
    assert 0 < len(documents) < 5000
    assert len(skipped) == 1


def test_what_is_no_gzip_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(b'{"id": "a", "text": "x"}\n')
    with pytest.raises(DocumentError, match="not a sound gzip file"):
        list(read_jsonl(path))


def test_a_file_that_cannot_be_opened_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(read_jsonl(tmp_path / "absent.jsonl"))
