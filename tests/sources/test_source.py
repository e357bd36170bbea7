"""The one door: the reader that fits, and an error at once for what cannot be a source."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from numen.errors import DocumentError, InputError
from numen.sources import read_source

_LINE = '{"id": "a", "text": "x"}\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.jsonl", _LINE),
        ("C.JSONL", _LINE),
        ("c.v1.jsonl", _LINE),
        ("c.csv", "id,text\na,x\n"),
        ("c.tsv", "id\ttext\na\tx\n"),
    ],
)
def test_the_ending_picks_the_reader(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert [document.id for document in read_source(str(path))] == ["a"]


def test_gzip_is_told_by_both_endings(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(gzip.compress(_LINE.encode()))
    assert [document.id for document in read_source(path)] == ["a"]


def test_a_folder_in_beir_layout_gives_its_corpus(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(_LINE, encoding="utf-8")
    (tmp_path / "readme.md").write_text("# no document", encoding="utf-8")
    assert [document.id for document in read_source(tmp_path)] == ["a"]


def test_any_other_folder_gives_its_text_files(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("# a document", encoding="utf-8")
    assert [document.id for document in read_source(tmp_path)] == ["readme.md"]


def test_stdlib_is_a_source() -> None:
    assert next(iter(read_source("stdlib:"))).metadata["kind"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent.jsonl", ["absent.jsonl", "no such file"]),
        ("notes.docx", ["'.docx'", ".jsonl", ".csv", ".parquet", "standard input"]),
        ("data.json", ["'.json'", ".jsonl"]),
        ("plain", ["''"]),
    ],
)
def test_what_cannot_be_a_source_is_refused_before_reading(tmp_path: Path, name: str, words: list[str]) -> None:
    path = tmp_path / name
    if "absent" not in name:
        path.write_text("x", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_source(path)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_collection_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").touch()
    with pytest.raises(InputError, match="is a numen collection"):
        read_source(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"), [("e.jsonl", ""), ("e.jsonl", "\n \n"), ("e.csv", ""), ("e.csv", "id,text\n"), ("e.tsv", "\n")]
)
def test_a_source_without_documents_says_so(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="holds no document"):
        list(read_source(path))


def test_a_folder_without_text_files_says_what_counts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no document \(files that count end in \.txt"):
        list(read_source(tmp_path))


def test_bad_documents_stop_unless_they_are_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text("bad\n" + _LINE + "worse\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="line 1"):
        list(read_source(path))
    counted: list[DocumentError] = []
    assert [document.id for document in read_source(path, skip_bad=True, on_bad=counted.append)] == ["a"]
    assert [error.line for error in counted] == [1, 3]
    assert len(list(read_source(path, skip_bad=True))) == 1


def test_a_source_of_bad_documents_only_is_not_called_empty(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text("bad\n", encoding="utf-8")
    counted: list[DocumentError] = []
    assert list(read_source(path, skip_bad=True, on_bad=counted.append)) == []
    assert len(counted) == 1


def test_documents_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(_LINE + "bad\n", encoding="utf-8")
    assert next(iter(read_source(path))).id == "a"


def test_a_judged_collection_is_read(data_dir: Path) -> None:
    assert sum(1 for _ in read_source(data_dir / "cranfield")) == 1400


@pytest.mark.parametrize("name", ["c.jsonl", "c.jsonl.gz", "c.csv"])
def test_the_share_that_is_read_grows_to_one(tmp_path: Path, name: str) -> None:
    lines = (_LINE.replace('"x"', f'"text {number}"') for number in range(5000))
    content = "".join(lines) if "jsonl" in name else "id,text\n" + "a,some text\n" * 5000
    path = tmp_path / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    shares: list[float] = []
    assert sum(1 for _ in read_source(path, on_share=shares.append)) == 5000
    assert shares == sorted(shares)
    assert 0 < shares[0] <= shares[-1] <= 1
    assert shares[-1] > 0.8
