"""CSV, TSV and Parquet: columns by name, values as JSON, errors that name the row."""

from __future__ import annotations

import csv
import datetime
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from numen.errors import DocumentError, InputError, MissingExtra
from numen.sources.tables import read_csv, read_parquet, read_tsv
from numen.types import Document


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_columns_find_their_place(tmp_path: Path) -> None:
    content = '\ufeffyear,id,text,title\r\n1962,a,"flow, in ""two""\nlines",T\r\n\r\n1963,b,x,\r\n'
    assert list(read_csv(_write(tmp_path / "t.csv", content))) == [
        Document("a", 'flow, in "two"\nlines', "T", {"year": "1962"}),
        Document("b", "x", "", {"year": "1963"}),
    ]


def test_tsv_takes_quotes_as_they_stand(tmp_path: Path) -> None:
    content = '_id\ttext\na\t"He said, no end\nb\t5" pipe\n'
    assert list(read_tsv(_write(tmp_path / "t.tsv", content))) == [
        Document("a", '"He said, no end'),
        Document("b", '5" pipe'),
    ]


def test_a_huge_field_is_read_and_the_limit_is_put_back(tmp_path: Path) -> None:
    text = "word " * 2_500_000
    path = _write(tmp_path / "t.csv", f"id,text\na,{text}\nb,x\n")
    before = csv.field_size_limit()
    reader = read_csv(path)
    assert next(reader).text == text
    assert csv.field_size_limit() == before
    assert next(reader).id == "b"
    assert before < len(text)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (b"b,x,y,z", ["4 fields", "header 3"]),
        (b"b", ["1 fields", "header 3"]),
        (b"b,caf\xe9,y", ["invalid UTF-8", "0xe9", "'text'"]),
        (b",x,y", ["non-empty"]),
        (b'b,"x"y,z', ["not a sound row"]),
    ],
)
def test_a_bad_row_is_named_and_can_be_skipped(tmp_path: Path, row: bytes, words: list[str]) -> None:
    path = _write(tmp_path / "t.csv", b'id,text,title\na,"one\ntwo",\n' + row + b"\nc,x,\n")
    with pytest.raises(DocumentError) as caught:
        list(read_csv(path))
    message = str(caught.value)
    assert message.startswith(f"{path}, line 4: ")
    assert [word for word in words if word not in message] == []
    skipped: list[DocumentError] = []
    assert [document.id for document in read_csv(path, skipped.append)] == ["a", "c"]
    assert len(skipped) == 1


def test_a_quote_that_never_ends_is_an_error_at_its_row(tmp_path: Path) -> None:
    path = _write(tmp_path / "t.csv", 'id,text\na,x\nb,"y\nc,z\n')
    with pytest.raises(DocumentError, match="line 3: not a sound row"):
        list(read_csv(path))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("name,text", ["'id' or '_id'", "'name', 'text'"]),
        ("id,body", ["'text'", "'id', 'body'"]),
        ("id,text,text", ["same name"]),
    ],
)
def test_columns_that_make_no_document_are_named_at_once(tmp_path: Path, header: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        list(read_csv(_write(tmp_path / "t.csv", header + "\n1,2,3\n")))
    assert [word for word in words if word not in str(caught.value)] == []


def _parquet(path: Path, columns: dict[str, Any]) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(columns), path)
    return path


def test_parquet_values_become_json(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    moment = datetime.datetime(2024, 2, 29, 12, 30, 1, 5)
    columns = {
        "id": [1, 2],
        "text": ["x", "y"],
        "day": [datetime.date(2024, 2, 29), None],
        "moment": [moment, None],
        "nano": pyarrow.array([1_709_210_401_000_000_999, None], pyarrow.timestamp("ns")),
        "span": [datetime.timedelta(seconds=90), None],
        "price": [Decimal("1.50"), None],
        "weight": [float("nan"), 2.0],
        "tags": [["a", "b"], []],
        "nested": [{"at": datetime.time(1, 2)}, None],
    }
    first, second = read_parquet(_parquet(tmp_path / "t.parquet", columns))
    assert first == Document(
        "1",
        "x",
        "",
        {
            "day": "2024-02-29",
            "moment": "2024-02-29T12:30:01.000005",
            "nano": "2024-02-29T12:40:01",
            "span": 90.0,
            "price": 1.5,
            "weight": None,
            "tags": ["a", "b"],
            "nested": {"at": "01:02:00"},
        },
    )
    assert second.metadata["day"] is None
    assert second.metadata["weight"] == 2.0


def test_parquet_errors_name_the_row(tmp_path: Path) -> None:
    path = _parquet(tmp_path / "t.parquet", {"id": ["a", None, "c"], "text": ["x", "y", "z"]})
    with pytest.raises(DocumentError, match=r"t\.parquet, row 2: .*null"):
        list(read_parquet(path))
    skipped: list[DocumentError] = []
    assert [document.id for document in read_parquet(path, skipped.append)] == ["a", "c"]
    assert len(skipped) == 1


def test_parquet_bytes_are_refused_by_their_column(tmp_path: Path) -> None:
    path = _parquet(tmp_path / "t.parquet", {"id": ["a"], "text": [b"x"]})
    with pytest.raises(DocumentError, match="column 'text' holds bytes"):
        list(read_parquet(path))


def test_what_is_no_parquet_file_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match="cannot be read as a Parquet file"):
        list(read_parquet(_write(tmp_path / "t.parquet", "id,text\n")))


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"numen\[parquet\]"):
        list(read_parquet(tmp_path / "t.parquet"))
