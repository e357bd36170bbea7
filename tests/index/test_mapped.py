"""Mapped files: their bytes, no descriptor, and no mapping left behind."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import pytest

from numen import Collection
from numen.index import bundle
from numen.index.mapped import mapped

DESCRIPTORS = Path("/proc/self/fd")
MAPS = Path("/proc/self/maps")

needs_proc = pytest.mark.skipif(not MAPS.exists(), reason="the system does not list a process's files")


def test_the_bytes_of_a_file(tmp_path: Path) -> None:
    data = os.urandom(100_000)
    (tmp_path / "file").write_bytes(data)
    array = mapped(tmp_path / "file")
    assert array.tobytes() == data
    assert not array.flags.writeable
    part = array[5_000:].view(np.uint32).reshape(-1, 2)
    del array
    (tmp_path / "file").unlink()
    gc.collect()
    assert part.tobytes() == data[5_000:]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        mapped(tmp_path / "absent")
    (tmp_path / "empty").touch()
    with pytest.raises((OSError, ValueError)):
        mapped(tmp_path / "empty")


@needs_proc
def test_the_mapping_goes_with_the_last_array(tmp_path: Path) -> None:
    path = tmp_path / "a file of its own"
    path.write_bytes(b"x" * 10_000)
    array = mapped(path)
    view = array[10:20]
    del array
    gc.collect()
    assert str(path) in MAPS.read_text(encoding="utf-8")
    del view
    gc.collect()
    assert str(path) not in MAPS.read_text(encoding="utf-8")


@needs_proc
def test_segments_in_folders_hold_no_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", -1)
    with Collection.create(tmp_path / "c", legs={"words": "bm25"}) as made:
        made.add([{"id": str(i), "text": f"word{i} common"} for i in range(50)])
    before = len(list(DESCRIPTORS.iterdir()))
    with Collection.open(tmp_path / "c", read_only=True) as collection:
        assert len(collection.search("common", 100)) == 50
        assert len(list(DESCRIPTORS.iterdir())) < before + 6  # SQLite's
        assert str(tmp_path / "c" / "segments" / "1" / "words") in MAPS.read_text(encoding="utf-8")
