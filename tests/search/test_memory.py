"""Sizes as users say them."""

from __future__ import annotations

from typing import Any

import pytest

from numen.errors import OptionError
from numen.search.memory import DEFAULT_MEMORY, Memory


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (None, DEFAULT_MEMORY),
        ("1GB", 10**9),
        ("512MB", 512 * 10**6),
        (" 1.5 gb ", 1_500_000_000),
        ("20000KB", 20_000_000),
        ("2TB", 2 * 10**12),
        ("30000000", 30_000_000),
        (16_000_000, 16_000_000),
    ],
)
def test_sizes_that_are_understood(memory: int | str | None, expected: int) -> None:
    limits = Memory.of(memory)
    assert limits == Memory.of(expected)
    assert 0 < 4 * limits.group < limits.build < expected
    assert limits.build + 4 * limits.group <= expected


@pytest.mark.parametrize(
    "memory", ["", "GB", "1 G", "1GiB", "-1GB", "1e9", "1,5GB", "１GB", "1GB more", True, 1.5e9, b"1GB", 0, -5, "15MB"]
)
def test_others_say_how_to_write_one(memory: Any) -> None:
    with pytest.raises(OptionError, match=r"memory is .*; it must be a size such as '512MB' or '2GB'.* at least 16MB"):
        Memory.of(memory)
