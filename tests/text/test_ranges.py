"""The frozen table of word characters and of white space."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from numen.text.ranges import SPACES, is_word, nonspace_class, unicode_version, word_class

ROOT = Path(__file__).resolve().parents[2]


def test_words_are_made_of_letters_marks_and_numbers_of_the_frozen_unicode_version() -> None:
    if unicodedata.unidata_version != unicode_version():
        pytest.skip(f"the table is of Unicode {unicode_version()}, this Python's is {unicodedata.unidata_version}")
    expected = [unicodedata.category(chr(code))[0] in "LMN" for code in range(0x110000)]
    assert np.array_equal(word_class(), np.array(expected, np.uint8))


def test_the_script_rewrites_the_table_as_it_is(tmp_path: Path) -> None:
    if unicodedata.unidata_version != unicode_version():
        pytest.skip(f"the table is of Unicode {unicode_version()}, this Python's is {unicodedata.unidata_version}")
    script = tmp_path / "scripts" / "make_ranges.py"
    table = tmp_path / "src" / "numen" / "text" / "ranges.txt"
    script.parent.mkdir(parents=True)
    table.parent.mkdir(parents=True)
    script.write_text((ROOT / "scripts" / "make_ranges.py").read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([sys.executable, str(script)], check=True)
    assert table.read_bytes() == (ROOT / "src" / "numen" / "text" / "ranges.txt").read_bytes()


def test_letters_marks_and_numbers_of_every_script_are_word_characters() -> None:
    assert all(map(is_word, "aé中1क\u093f\u0e31\u0301ßİ²Ⅷ"))


@pytest.mark.parametrize("character", [" ", "\0", ".", "-", "'", "_", "😀", "\u200b", "\u200d", "\ufffd"])
def test_punctuation_symbols_and_controls_are_no_word_characters(character: str) -> None:
    assert not is_word(character)


def test_surrogates_are_no_word_characters() -> None:
    assert not word_class()[0xD800:0xE000].any()


def test_white_space_is_what_str_split_splits_at() -> None:
    assert list(SPACES) == [code for code in range(0x110000) if f"a{chr(code)}".split()[0] == "a"]
    assert np.flatnonzero(nonspace_class() == 0).tolist() == list(SPACES)


@pytest.mark.parametrize("table", [word_class, nonspace_class])
def test_tables_cover_every_code_point_and_cannot_be_written(table: object) -> None:
    classes = word_class() if table is word_class else nonspace_class()
    assert classes.shape == (0x110000,)
    assert classes.dtype == np.uint8
    assert set(np.unique(classes).tolist()) == {0, 1}
    with pytest.raises(ValueError, match="read-only"):
        classes[0] = 1
