"""The examples in the docs run and print what they say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "docs/ENCODERS.md", "docs/PYTHON.md", "docs/ROOM.md"]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


@pytest.mark.parametrize("page", PAGES)
def test_python_examples(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"```python\n(>>>.*?)```", text, re.DOTALL))
    names: dict[str, Any] = {"FOLDER": tmp_path / "papers"}
    test = doctest.DocTestParser().get_doctest(examples, names, page, page, 0)
    assert test.examples, f"{page} has no examples"
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test)
    assert result.failed == 0


def format_reader() -> str:
    """The code in docs/FORMAT.md that prints every posting of the collection in the folder COLLECTION."""
    text = (ROOT / "docs" / "FORMAT.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "import numen" not in code
    return str(code)


def test_the_format_can_be_read_without_numen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from numen import Collection

    with Collection.create(tmp_path / "c") as collection:
        collection.add([{"id": "one", "text": "red fox fox"}, {"id": "two", "text": "red"}])
    exec(compile(format_reader(), "FORMAT.md", "exec"), {"COLLECTION": tmp_path / "c"})
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("words ")]
    assert printed == ["words fox one 2", "words red one 1", "words red two 1"]


@pytest.mark.parametrize("where", ["catalog", "folder"])
def test_every_form_of_list_can_be_read_without_numen(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    from numen import Collection, parse_encoder
    from numen.index import bundle, packing

    monkeypatch.setattr(packing, "MINIMUM", 100)
    if where == "folder":
        monkeypatch.setattr(bundle, "MOST_BYTES", -1)
    legs = {
        "words": "bm25",
        "grams": "numen:4096",
        "exact": "given:50",
        "codes": "given:terms,precision=8bit",
        "signed": "given,negative=allow",
    }
    rng = np.random.default_rng(6)
    often = [f"word{i}" for i in range(20)]
    expected: dict[str, dict[tuple[str, str], float]] = {leg: {} for leg in legs}
    hashed = parse_encoder("numen:4096")
    with Collection.create(tmp_path / "c", legs=legs) as collection:
        for begin in (0, 900):
            ids = [f"d{i}" for i in range(begin, begin + 900)]
            texts = [" ".join([*rng.choice(often, 3), "all", *["many"] * int(rng.choice([0, 300]))]) for _ in ids]
            rows = [
                {int(key): float(np.float32(rng.gamma(1) + 1e-4)) for key in np.flatnonzero(rng.random(50) < 0.2)}
                for _ in ids
            ]
            named = [{f"t{key}": value for key, value in row.items()} for row in rows]
            both = [{key: value if key % 3 else -value for key, value in row.items()} for row in rows]
            collection.add(
                [{"id": id_, "text": text} for id_, text in zip(ids, texts, strict=True)],
                vectors={"exact": rows, "codes": named, "signed": both},
            )
            for id_, text, row in zip(ids, texts, rows, strict=True):
                for word in set(text.split()):
                    expected["words"][word, id_] = text.split().count(word)
                for key, value in row.items():
                    expected["exact"][str(key), id_] = expected["codes"][f"t{key}", id_] = value
                    expected["signed"][str(2 * key + (key % 3 == 0)), id_] = value
            counted = hashed.counter().count(texts)
            of = np.repeat(ids, np.diff(counted.starts)).tolist()
            pairs = zip(map(str, counted.numbers.tolist()), of, strict=True)
            expected["grams"].update(zip(pairs, counted.values.tolist(), strict=True))
        collection.delete(["d1", "d1000"])
    assert (tmp_path / "c" / "segments" / "1").exists() == (where == "folder")
    names: dict[str, Any] = {"COLLECTION": tmp_path / "c"}
    exec(compile(format_reader(), "FORMAT.md", "exec"), names)
    assert all(len(names["segment"](f"{leg}/row_places")) for leg in ("words", "grams"))
    assert all(len(names["segment"](f"{leg}/long_places")) for leg in ("grams", "codes"))
    assert all(len(names["segment"](f"{leg}/exception_keys")) for leg in ("words", "exact", "signed"))
    printed: dict[str, dict[tuple[str, str], float]] = {leg: {} for leg in legs}
    for line in capsys.readouterr().out.splitlines():
        leg, word, id_, number = line.split()
        assert (word, id_) not in printed[leg]
        printed[leg][word, id_] = float(number)
    for leg, values in expected.items():
        living = {pair: value for pair, value in values.items() if pair[1] not in ("d1", "d1000")}
        if leg == "codes":
            assert printed[leg].keys() == living.keys()
            largest: dict[str, float] = {}
            for (_, id_), value in living.items():
                largest[id_] = max(value, largest.get(id_, 0))
            assert all(abs(printed[leg][pair] - value) <= largest[pair[1]] / 250 for pair, value in living.items())
        else:
            assert {pair: np.float32(value) for pair, value in printed[leg].items()} == living


def test_links_between_pages_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
