"""Arrays on disk: what was written comes back, what was changed is noticed, and all of it is durable in time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from numen.errors import CollectionError, DamagedError, ReadOnlyError
from numen.index import files
from numen.index.files import MANIFEST, read_segment, remove_folder, sound_arrays, write_segment

ARRAYS: dict[str, files.Array] = {
    "doc_keys": np.arange(5, dtype=np.int64),
    "empty": np.empty(0, np.uint16),
    "leg/rows": np.zeros((0, 7), np.uint8),
    "leg/codes": np.arange(300).astype(np.uint8).reshape(3, 100),
    "leg/values": np.linspace(0, 1, 11, dtype=np.float32),
}


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, int]:
    folder = tmp_path / "segments" / "1"
    return folder, write_segment(folder, ARRAYS)


def test_arrays_come_back_equal_and_cannot_be_written(written: tuple[Path, int]) -> None:
    back = read_segment(*written)
    assert list(back) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(back[name], array, strict=True)
        assert not back[name].flags.writeable
    assert sound_arrays(*written)[1] == {}


@pytest.mark.parametrize("name", [*ARRAYS, "manifest"])
def test_a_missing_file_is_named(written: tuple[Path, int], name: str) -> None:
    folder, checksum = written
    path = folder / (MANIFEST if name == "manifest" else f"{name}.npy")
    path.unlink()
    with pytest.raises(DamagedError, match=f"{path.name} is missing"):
        read_segment(folder, checksum)
    assert list(sound_arrays(folder, checksum)[1].values()) == [f"{path} is missing"]


def test_a_short_file_is_named(written: tuple[Path, int]) -> None:
    path = written[0] / "leg" / "codes.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedError, match=r"codes\.npy has 427 bytes, not the 428 written"):
        read_segment(*written)
    assert len(sound_arrays(*written)[1]) == 1


def test_every_flipped_byte_is_found(written: tuple[Path, int]) -> None:
    folder, checksum = written
    path = folder / "leg" / "codes.npy"
    good = path.read_bytes()
    for place in [*range(128), 200, len(good) - 1]:
        for flip in (1, 0x20, 0x80):
            bad = bytearray(good)
            bad[place] ^= flip
            path.write_bytes(bad)
            assert list(sound_arrays(folder, checksum)[1].values()) == [f"{path} does not match its checksum"]
            with pytest.raises(DamagedError, match=r"codes\.npy does not match its checksum"):
                read_segment(folder, checksum)


def test_a_changed_manifest_is_refused(written: tuple[Path, int]) -> None:
    folder, checksum = written
    path = folder / MANIFEST
    path.write_text(path.read_text(encoding="utf-8").replace("428", "429"), encoding="utf-8")
    with pytest.raises(DamagedError, match=r"segment\.json does not match the checksum in the catalog"):
        read_segment(folder, checksum)
    assert len(sound_arrays(folder, checksum)[1]) == 1


def test_files_are_plain_npy(written: tuple[Path, int]) -> None:
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(np.load(written[0] / f"{name}.npy"), array, strict=True)


def test_every_file_and_every_folder_above_it_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: dict[str, int] = {}

    def record(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        flushed[str(path.relative_to(tmp_path))] = path.stat().st_size

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc to tell which file a descriptor is")
    monkeypatch.setattr(files, "_flush", record)
    folder = tmp_path / "segments" / "1"
    write_segment(folder, ARRAYS)
    on_disk = {str(path.relative_to(tmp_path)) for path in folder.rglob("*")} | {".", "segments", "segments/1"}
    assert set(flushed) == on_disk
    for name in on_disk:  # all of it was with the system by then, nothing in a buffer of Python's
        assert flushed[name] == (tmp_path / name).stat().st_size


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: BinaryIO, array: files.Array) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "_write_array", full)
    with pytest.raises(CollectionError, match=r"doc_keys\.npy: No space left on device; the collection is as it was"):
        write_segment(tmp_path / "1", ARRAYS)


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of a file")
def test_a_file_that_cannot_grow_is_an_error_that_names_it(tmp_path: Path) -> None:
    program = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from numen.errors import CollectionError
from numen.index.files import write_segment
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    write_segment(Path(sys.argv[1]), {"small": np.arange(3), "large": np.arange(1000)})
except CollectionError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "1")], capture_output=True, encoding="utf-8", check=True
    )
    assert "large.npy" in done.stdout
    assert "the disk may be full" in done.stdout


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_what_cannot_be_written_at_all_is_a_read_only_error(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *args: Any, **kwargs: Any) -> None:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ReadOnlyError, match="read-only"):
        write_segment(tmp_path / "1", ARRAYS)


def test_removing_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    remove_folder(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []
