"""Judged collections by name: a folder in BEIR layout, or a name that ir_datasets knows."""

from __future__ import annotations

import os
from pathlib import Path

from numen.errors import DatasetError, OptionError
from numen.evaluate.dataset import Dataset
from numen.evaluate.folder import load_folder
from numen.evaluate.named import load_named

__all__ = ["Dataset", "load_dataset"]

_SPLIT = "test"


def load_dataset(name_or_path: str | Path, split: str = _SPLIT) -> Dataset:
    """The judged collection in a folder of BEIR layout, or the one that ir_datasets has under this name.

    A folder comes before a name. `split` chooses the judgements of a folder (`qrels/<split>.tsv`); names of ir_datasets
    carry their own ("beir/scifact/test"), so that another value than the default is an OptionError there. A folder that
    is missing or incomplete, an unknown name and data that cannot be downloaded raise DatasetError; a name without the
    package raises MissingExtra. The corpus itself is read, and its errors raised, only when documents are asked for.
    """
    path = Path(name_or_path)
    if path.is_dir():
        return load_folder(path, split)
    if path.exists():
        raise DatasetError(
            f"{path} is a file, but a dataset is a folder with corpus.jsonl, queries.jsonl and qrels/; "
            "to measure on documents without judgements: numen eval SOURCE --known-item"
        )
    if isinstance(name_or_path, Path) or path.is_absolute() or str(name_or_path).startswith((".", "~", os.sep)):
        raise DatasetError(f"there is no folder {name_or_path}; give one with corpus.jsonl, queries.jsonl and qrels/")
    dataset = load_named(name_or_path)
    if split != _SPLIT:
        raise OptionError(
            f"split {split!r}: the ir_datasets name {name_or_path!r} carries its own split; "
            "leave the option out and give the whole name, for example beir/scifact/train"
        )
    return dataset
