"""Documents that every machine has: the docstrings of the running Python's standard library."""

from __future__ import annotations

import ast
import inspect
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from numen.types import Document

__all__ = ["standard_library"]

_SKIPPED = frozenset(
    {"test", "tests", "idlelib", "idle_test", "lib2to3", "turtledemo", "site-packages", "dist-packages", "lib-dynload"}
)

_Documented: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def standard_library() -> Iterator[Document]:
    """A document of each public module, class, function and method with a docstring, sorted by module.

    The id and the title are the dotted name, the text is the docstring without its indentation, and the metadata
    {"module", "kind", "line"} says where it stands. The sources are parsed, never imported, so nothing of them runs.
    """
    root = Path(sysconfig.get_path("stdlib"))
    seen: set[str] = set()
    for path, module in sorted(_modules(root, ""), key=lambda found: found[1]):
        tree = _parsed(path)
        if tree is not None:
            for document in _documents(tree, module, module, "module"):
                if document.id not in seen:  # a name defined twice, as under `try` and `except`: the first counts
                    seen.add(document.id)
                    yield document


def _modules(folder: Path, package: str) -> Iterator[tuple[Path, str]]:
    """The public source files under `folder`, each with the dotted name it is imported by."""
    for path in folder.iterdir() if folder.is_dir() else ():  # a Python that ships its library as a zip has no folder
        if path.name.startswith("_") or path.name in _SKIPPED or not path.stem.isidentifier():
            continue
        name = f"{package}{path.stem}"
        if path.suffix == ".py":
            yield path, name
        elif (path / "__init__.py").is_file():
            yield path / "__init__.py", name
            yield from _modules(path, f"{name}.")


def _parsed(path: Path) -> ast.Module | None:
    """The syntax tree of a source file, None where it cannot be read or is no Python."""
    try:
        source = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in somebody else's source is not the reader's concern
            return ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return None


def _documents(node: _Documented, name: str, module: str, kind: str) -> Iterator[Document]:
    docstring = ast.get_docstring(node, clean=False)
    if docstring and (text := inspect.cleandoc(docstring).strip()):
        line = 1 if isinstance(node, ast.Module) else node.lineno
        yield Document(name, text, name, {"module": module, "kind": kind, "line": line})
    if isinstance(node, (ast.Module, ast.ClassDef)):
        inside = "method" if isinstance(node, ast.ClassDef) else "function"
        for child in _definitions(node.body):
            if not child.name.startswith("_"):
                child_kind = "class" if isinstance(child, ast.ClassDef) else inside
                yield from _documents(child, f"{name}.{child.name}", module, child_kind)


def _definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """The classes and functions that `body` defines, those under `if` and `try` too."""
    for statement in body:
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement
        elif isinstance(statement, ast.If):
            yield from _definitions(statement.body + statement.orelse)
        elif isinstance(statement, ast.Try):
            handled = [line for handler in statement.handlers for line in handler.body]
            yield from _definitions(statement.body + handled + statement.orelse + statement.finalbody)
