"""The notice that kernels are compiled: once, and only if one is."""

from __future__ import annotations

import io

from rich.console import Console

from numen.cli.compiling import compilation_said


def test_compilation_is_said_once() -> None:
    import numba

    out = io.StringIO()
    with compilation_said(Console(file=out, width=100)):
        for _ in range(2):
            numba.njit(lambda x: x + 1)(1)
    assert out.getvalue().count("compiling the kernels, once") == 1


def test_nothing_is_said_where_nothing_is_compiled() -> None:
    import numba

    compiled = numba.njit(lambda x: x + 2)
    compiled(1)
    out = io.StringIO()
    with compilation_said(Console(file=out, width=100)):
        assert compiled(1) == 3
    assert out.getvalue() == ""
