"""One door to judged collections: folders first, then names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from numen.errors import DatasetError, MissingExtra, OptionError
from numen.evaluate import datasets
from numen.evaluate.datasets import load_dataset
from numen.evaluate.folder import load_folder


def test_a_folder_is_taken_as_one_by_text_or_path(toy: Path) -> None:
    assert load_dataset(str(toy)).queries == load_dataset(toy).queries == load_folder(toy).queries


def test_a_folder_comes_before_a_name(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(toy.parent)
    (toy.parent / "cranfield").symlink_to(toy, target_is_directory=True)
    assert list(load_dataset("cranfield").queries) == ["q2", "q1"]


def test_a_file_is_offered_known_items(toy: Path) -> None:
    with pytest.raises(DatasetError, match=r"is a file.*--known-item"):
        load_dataset(toy / "corpus.jsonl")


@pytest.mark.parametrize("form", [str, Path])
def test_a_missing_folder_is_named(form: type[str] | type[Path], tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"there is no folder .*nowhere"):
        load_dataset(form(tmp_path / "nowhere"))


def test_what_is_neither_a_folder_nor_a_name_says_both() -> None:
    with pytest.raises(DatasetError, match=r"'no such thing' is neither a folder here nor a name that ir_datasets"):
        load_dataset("no such thing")


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_datasets", None)
    with pytest.raises(MissingExtra, match=r"there is no folder 'beir/scifact/test'.*numen\[eval\]"):
        load_dataset("beir/scifact/test")


def test_a_name_carries_its_own_split(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "load_named", lambda name: load_folder(toy))
    assert load_dataset("beir/toy/test").judgements == 3
    with pytest.raises(OptionError, match="carries its own split"):
        load_dataset("beir/toy/test", split="train")
