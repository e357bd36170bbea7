"""API keys in a file, and what is no key."""

from __future__ import annotations

from pathlib import Path

import pytest

from numen.errors import InputError, OptionError
from numen.serve import Keys, Limits, check_listening


def test_a_file_of_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# ours\nread {'a' * 20}\n\nwrite {'b' * 30}  # the indexer\n", encoding="utf-8")
    keys = Keys.read(file)
    assert (len(keys.readers), len(keys.writers)) == (1, 1)
    assert "a" * 20 not in repr(keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no key"),
        ("read short", "20 or more"),
        (f"admin {'a' * 20}", "line 1"),
        (f"read {'ü' * 20}", "printable ASCII"),
        (f"read {'a' * 20} {'b' * 20}", "line 1"),
    ],
)
def test_unfit_files_are_refused_without_printing_a_key(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as error:
        Keys.read(file)
    assert "a" * 20 not in str(error.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org"])
def test_others_may_not_reach_a_service_without_keys(host: str) -> None:
    with pytest.raises(InputError, match="--keys"):
        check_listening(host, Keys())
    check_listening(host, Keys.of({"a" * 20: "read"}))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_may(host: str) -> None:
    check_listening(host, Keys())


def test_limits_are_named() -> None:
    assert Limits.of(["k=50", "seconds=1.5"]) == Limits(k=50, seconds=1.5)
    assert Limits().at_once >= 1
    for pairs, said in (
        (["kk=1"], "did you mean 'k'"),
        (["k=x"], "needs a number"),
        (["k=-1"], "0 or more"),
        (["body=0"], "0"),
    ):
        with pytest.raises(OptionError, match=said):
            Limits.of(pairs)
