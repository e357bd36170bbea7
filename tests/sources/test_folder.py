"""A folder of text files: what counts, what each file is called, what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from numen.errors import DocumentError
from numen.sources.folder import read_folder


def _fill(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_text_files_count_sorted_by_path_and_hidden_ones_do_not(tmp_path: Path) -> None:
    names = ["b.txt", "a/z.MD", "a/b/c.rst", "d.markdown", "e.py", ".hidden.txt", ".git/x.txt", "a/.h/y.md"]
    _fill(tmp_path, dict.fromkeys(names, "x"))
    assert [document.id for document in read_folder(tmp_path)] == ["b.txt", "d.markdown", "a/z.MD", "a/b/c.rst"]


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        ("a.md", "intro\n\n## Getting *started* ##\n# Later", "Getting *started*"),
        ("a.md", "```sh\n# a comment\n~~~\n# another\n```\n# Real\n", "Real"),
        ("a.md", "The title\n=========\n# Later", "The title"),
        ("a.md", "#hashtag\n#\n# \n", "a.md"),
        ("a.txt", "# not a heading", "a.txt"),
        ("a.rst", "=====\nTitle\n=====\n\nOther\n-----\n", "Title"),
        ("a.rst", "words only\n\n-----\n", "a.rst"),
        ("a.txt", "", "a.txt"),
    ],
)
def test_the_title_is_the_first_heading_or_the_name(tmp_path: Path, name: str, content: str, title: str) -> None:
    (document,) = read_folder(_fill(tmp_path, {name: content}))
    assert (document.title, document.text) == (title, content)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (document,) = read_folder(_fill(tmp_path, {"a.md": b"\xef\xbb\xbf# T"}))
    assert (document.title, document.text) == ("T", "# T")


def test_a_file_that_is_not_utf8_is_named_and_can_be_skipped(tmp_path: Path) -> None:
    _fill(tmp_path, {"a.txt": "x", "b.txt": b"caf\xe9", "c.txt": "y"})
    with pytest.raises(DocumentError, match=r"b\.txt: invalid UTF-8: byte 0xe9 at offset 3"):
        list(read_folder(tmp_path))
    skipped: list[DocumentError] = []
    assert [document.id for document in read_folder(tmp_path, skipped.append)] == ["a.txt", "c.txt"]
    assert len(skipped) == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere.txt")
    with pytest.raises(DocumentError, match=r"broken\.txt: cannot be read: No such file"):
        list(read_folder(tmp_path))


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    _fill(tmp_path, {"a/b.txt": "x"})
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    assert [document.id for document in read_folder(tmp_path)] == ["a/b.txt"]
