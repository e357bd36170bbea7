"""The house rules: imports point down the floor plan, the package loads light, and the map names what is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "numen"

FLOORS = {
    "__main__": 8,
    "cli": 7,
    "train": 6,
    "room": 6,
    "doors": 6,
    "serve": 5,
    "evaluate": 5,
    "export": 5,
    "search": 4,
    "encode": 3,
    "index": 2,
    "text": 2,
    "sources": 2,
    "kernels": 1,
    "types": 1,
    "errors": 1,
}
"""A room may import rooms on lower floors and itself; a room not listed here is an error."""


def room_of(module: str) -> str | None:
    """The room of a module of numen's; None for the package itself and for others."""
    parts = module.split(".")
    return parts[1] if parts[0] == "numen" and len(parts) > 1 else None


def imports_of(path: Path) -> list[tuple[int, str]]:
    """(line, module) of each import anywhere in a file, inside functions too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            assert node.module is not None
            found.append((node.lineno, node.module))
            if node.module == "numen":
                found += [(node.lineno, f"numen.{name.name}") for name in node.names if name.name in FLOORS]
    return found


def upward(path: Path, package: Path) -> list[str]:
    """The imports of a file that point up the floor plan, or sideways into another room."""
    room = path.relative_to(package).parts[0].removesuffix(".py")
    out = []
    for line, module in imports_of(path):
        target = room_of(module)
        if target is None or target == room:
            continue
        if FLOORS[target] >= FLOORS[room] and not (FLOORS[room] == 1 and target in ("types", "errors")):
            out.append(f"{path.name}:{line}: {room} (floor {FLOORS[room]}) imports {target} (floor {FLOORS[target]})")
    return out


SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def test_every_room_is_on_the_floor_plan() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in SOURCES}
    assert rooms <= set(FLOORS)


def test_imports_point_down() -> None:
    assert [line for path in SOURCES for line in upward(path, PACKAGE)] == []


def test_an_upward_import_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "text" / "bad.py"
    file.parent.mkdir()
    code = "def f():\n    from numen.search import Collection\n    import numen.index.files\n"
    file.write_text(code, encoding="utf-8")
    assert len(upward(file, tmp_path)) == 2


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("code", ["import numen", "from numen import Document, NumenError"])
def test_importing_loads_nothing_heavy(code: str) -> None:
    heavy = {"numba", "numpy", "torch", "Stemmer", "typer", "rich", "ir_measures", "ir_datasets", "pyarrow", "sqlite3"}
    assert loaded_by(code) & heavy == set()


def test_help_loads_no_numba() -> None:
    code = "import numen.cli.main\ntry: numen.cli.main.main()\nexcept SystemExit: pass"
    assert "numba" not in loaded_by(f"sys.argv = ['numen', '--help']\n{code}")


def test_searching_loads_no_optional_package() -> None:
    code = "import numen\nc = numen.Collection.create()\nc.add([{'id': '1', 'text': 'x'}])\nc.search('x')"
    assert loaded_by(code) & {"ir_measures", "ir_datasets", "pyarrow", "torch", "typer", "rich", "matplotlib"} == set()


def test_every_public_name_exists() -> None:
    import numen

    for name in numen.__all__:
        assert getattr(numen, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Colection'"):
        _ = numen.Colection


def test_the_map_names_every_room_and_only_paths_that_exist() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|docs|tests|benchmarks|scripts)/[\w./-]*)`", text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
    rooms = {path.parent.name for path in SOURCES if path.parent != PACKAGE}
    assert [room for room in sorted(rooms) if f"`src/numen/{room}/`" not in text] == []


def test_rooms_have_no_code_in_their_init() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent == PACKAGE:
            continue
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(body[0], ast.Expr), f"{path} says nothing of its room"
        assert all(isinstance(n, ast.ImportFrom | ast.Import | ast.Assign | ast.AnnAssign) for n in body[1:]), path
