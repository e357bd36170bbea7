"""Documents from tables with named columns: CSV, TSV and Parquet."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from numen.errors import DocumentError, InputError, MissingExtra
from numen.sources.documents import OnBad, document_from, raise_bad
from numen.sources.lines import OnShare, byte_lines, ignore_share
from numen.types import JSON, Document

__all__ = ["read_csv", "read_parquet", "read_tsv"]

_BATCH = 1024  # rows of a Parquet file held as Python objects at a time
_FIELD_LIMIT = min(sys.maxsize, 2**31 - 1)  # characters a CSV field may have; the most that a C long holds everywhere
_BAD_BYTE = re.compile(
    "[\udc80-\udcff]"
)  # how a byte that is not UTF-8 arrives from the error handler "surrogateescape"


def read_csv(path: str | Path, on_bad: OnBad = raise_bad, on_share: OnShare = ignore_share) -> Iterator[Document]:
    """The documents of a comma-separated file, one a row; quotes as in RFC 4180, so a field may span lines."""
    return _read_delimited(path, on_bad, on_share, lambda lines: csv.reader(lines, strict=True))


def read_tsv(path: str | Path, on_bad: OnBad = raise_bad, on_share: OnShare = ignore_share) -> Iterator[Document]:
    """The documents of a tab-separated file, one a line; a quote is a character like any other, as IANA defines it."""
    return _read_delimited(
        path, on_bad, on_share, lambda lines: csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    )


def read_parquet(path: str | Path, on_bad: OnBad = raise_bad, on_share: OnShare = ignore_share) -> Iterator[Document]:
    """The documents of a Parquet file, one a row, read in batches.

    Dates and times become ISO 8601 strings, time spans seconds, decimals floats, NaN null; bytes are refused.
    Raises MissingExtra without pyarrow and InputError where the file is no Parquet file.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", "Reading a Parquet file") from None
    try:
        table = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path}: cannot be read as a Parquet file: {error}") from error
    with table:
        _check_columns(str(path), table.schema_arrow.names)
        row = 0
        for batch in _batches(pa, table, path):
            on_share(row / table.metadata.num_rows)
            columns = {name: _microseconds(pa, batch.column(name)).to_pylist() for name in batch.schema.names}
            for values in zip(*columns.values(), strict=True):
                row += 1
                place = f"{path}, row {row}"
                try:
                    mapping = {name: _plain(value, name) for name, value in zip(columns, values, strict=True)}
                    document = document_from(mapping, source=place)
                except DocumentError as error:
                    on_bad(error)
                except ValueError as reason:
                    on_bad(DocumentError(str(reason), source=place))
                else:
                    yield document


def _read_delimited(
    path: str | Path, on_bad: OnBad, on_share: OnShare, reader_of: Callable[[Iterator[str]], Iterator[list[str]]]
) -> Iterator[Document]:
    last = [0]  # the line that the csv reader took last: a row may span several, and its first names the place

    def lines() -> Iterator[str]:
        for number, line in byte_lines(path, on_bad, on_share):
            last[0] = number
            yield line.decode("utf-8", errors="surrogateescape")

    rows = reader_of(lines())
    header: list[str] | None = None
    while True:
        first = last[0] + 1
        try:
            row = _next_row(rows)
        except csv.Error as error:
            on_bad(DocumentError(f"not a sound row ({error})", source=str(path), line=first))
            continue
        if row is None:
            return
        if not row:
            continue  # a blank line
        if header is None:
            header = row
            _check_columns(str(path), header)
            continue
        try:
            document = _row_document(header, row, str(path), first)
        except DocumentError as error:
            on_bad(error)
        else:
            yield document


def _next_row(rows: Iterator[list[str]]) -> list[str] | None:
    """The next row, [] for a blank line, None at the end; the field limit, which all of Python shares, is put back."""
    limit = csv.field_size_limit(_FIELD_LIMIT)
    try:
        return next(rows, None)
    finally:
        csv.field_size_limit(limit)


def _row_document(header: Sequence[str], row: Sequence[str], path: str, line: int) -> Document:
    if len(row) != len(header):
        message = f"the row has {len(row)} fields, the header {len(header)}; in a .csv, quote fields that hold a comma"
        raise DocumentError(message, source=path, line=line)
    for name, value in zip(header, row, strict=True):
        if bad := _BAD_BYTE.search(value):
            found = f"byte 0x{ord(bad[0]) - 0xDC00:02x} at character {bad.start()} of column {name!r}"
            raise DocumentError(f"invalid UTF-8: {found}; save the file as UTF-8", source=path, line=line)
    return document_from(dict(zip(header, row, strict=True)), source=path, line=line)


def _check_columns(path: str, columns: Sequence[str]) -> None:
    """Raises InputError where `columns` cannot make documents."""
    found = f"the columns are {', '.join(map(repr, columns)) or '(none)'}"
    if "id" not in columns and "_id" not in columns:
        raise InputError(f"{path}: no column 'id' or '_id'; {found}")
    if "text" not in columns:
        raise InputError(f"{path}: no column 'text'; {found}")
    if len(set(columns)) != len(columns):
        raise InputError(f"{path}: two columns have the same name; {found}")


def _plain(value: Any, column: str) -> JSON:
    """A Parquet value as JSON can hold it. Raises ValueError, naming the column, where it cannot."""
    if isinstance(value, (date, time)):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (float, Decimal)):
        return None if value != value else float(value)  # pandas writes a missing value as NaN
    if isinstance(value, bytes):
        raise ValueError(f"column {column!r} holds bytes, which are no text; cast it to a string or leave it out")
    if isinstance(value, dict):
        return {key: _plain(item, column) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, column) for item in value]
    return value


def _batches(pa: Any, table: Any, path: str | Path) -> Iterator[Any]:
    try:
        yield from table.iter_batches(batch_size=_BATCH)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: damaged Parquet file: {error}") from error


def _microseconds(pa: Any, column: Any) -> Any:
    """`column` with nanoseconds cut to microseconds, the finest that Python's datetime holds."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return column.cast(pa.duration("us"), safe=False)
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return column.cast(pa.time64("us"), safe=False)
    return column
