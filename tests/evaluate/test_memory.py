"""The high-water mark of resident memory."""

from __future__ import annotations

import sys

import pytest

from numen.evaluate import memory
from numen.evaluate.memory import peak_rss_bytes, reset_peak_rss

_MIB = 1 << 20


def test_the_peak_is_a_plausible_number_of_bytes() -> None:
    block = bytearray(64 * _MIB)
    assert 64 * _MIB < peak_rss_bytes() < 1 << 45
    assert len(block) == 64 * _MIB


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the mark can be reset on Linux only")
def test_a_reset_forgets_what_was_held_before() -> None:
    block = bytearray(256 * _MIB)
    before = peak_rss_bytes()
    del block
    if not reset_peak_rss():
        pytest.skip("this system does not let the mark be reset")
    assert peak_rss_bytes() < before - 200 * _MIB


def test_without_proc_the_peak_still_comes_from_getrusage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_from_proc", lambda: 0)
    assert peak_rss_bytes() > 8 * _MIB


def test_without_any_source_the_peak_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_from_proc", lambda: 0)
    monkeypatch.setitem(sys.modules, "resource", None)
    assert peak_rss_bytes() == 0
