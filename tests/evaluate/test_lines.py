"""Numbered lines of a text file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from numen.errors import DatasetError, InputError
from numen.evaluate.lines import numbered_lines, quoted


def test_blank_lines_are_counted_but_not_given(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_bytes("\ufeffone\r\n\n  \ntwo\u2028still two\n".encode())
    assert list(numbered_lines(file)) == [(1, "one"), (4, "two\u2028still two")]


def test_a_gzipped_file_gives_the_same_lines(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.tsv", tmp_path / "a.tsv.gz"
    plain.write_bytes("ä\tb\nc\td".encode())
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(numbered_lines(packed)) == list(numbered_lines(plain)) == [(1, "ä\tb"), (2, "c\td")]


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_bytes(b"fine\n\xff\xfe\n")
    with pytest.raises(DatasetError, match=r"a\.tsv, line 2: byte 0xff is not UTF-8"):
        list(numbered_lines(file))


@pytest.mark.parametrize("damage", [b"no gzip at all", gzip.compress(b"line\n" * 1000)[:-10]])
def test_a_damaged_gzip_file_is_an_error(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(damage)
    with pytest.raises(DatasetError, match=r"a\.jsonl\.gz, line \d+"):
        list(numbered_lines(file))


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.tsv"):
        list(numbered_lines(tmp_path / "gone.tsv"))


def test_a_long_line_is_quoted_by_its_beginning() -> None:
    assert quoted("short") == "'short'"
    assert quoted("x" * 1000) == "'" + "x" * 80 + "'..."
