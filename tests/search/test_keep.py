"""What a filter keeps, against a plain evaluator; filtered searches in every representation, against a fresh build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen import Collection
from numen.errors import InputError, OptionError
from numen.index import packing, plan
from numen.search import keep as keep_module
from numen.search import leg as leg_module
from numen.search.columns import Column
from numen.search.condition import And, Compare, Exists, Field, Filter, In, IsNull, Leaf, Not, Or, leaves, shown
from numen.search.filter import parse_filter
from numen.search.keep import Outdated, keep

LEGS = {"words": "bm25", "grams": "numen:512", "signed": "numen:4096,signed=true,split=words"}

# A plain evaluator ----------------------------------------------------------------------------------------------------

ABSENT = object()


def value_at(metadata: Any, field: Field) -> Any:
    for name in field.names:
        metadata = metadata.get(name, ABSENT) if isinstance(metadata, dict) else ABSENT
    return metadata


def kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def equal(a: Any, b: Any) -> bool:
    return kind(a) == kind(b) and bool(a == b)


ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def true_of(tree: Filter, metadata: Mapping[str, Any]) -> bool:
    match tree:
        case And(parts):
            return all(true_of(part, metadata) for part in parts)
        case Or(parts):
            return any(true_of(part, metadata) for part in parts)
        case Not(part):
            return not true_of(part, metadata)
    value = value_at(metadata, tree.field)
    if isinstance(tree, Exists):
        return value is not ABSENT
    if isinstance(tree, IsNull):
        return (value is ABSENT or value is None) != tree.negated
    if value is ABSENT or value is None:
        return False
    if isinstance(tree, In):
        return any(equal(value, one) for one in tree.values) != tree.negated
    if tree.operator in ("=", "!="):
        return equal(value, tree.value) == (tree.operator == "=")
    return kind(value) == kind(tree.value) and ORDER[tree.operator](value, tree.value)


def unfit(leaf: Leaf, everything: list[Any]) -> bool:
    """Whether no document has the field, or none a value of a type that the condition compares with."""
    values = [v for v in (value_at(metadata, leaf.field) for metadata in everything) if v is not ABSENT]
    if not values or isinstance(leaf, Exists | IsNull):
        return not values
    wanted = {kind(v) for v in ((leaf.value,) if isinstance(leaf, Compare) else leaf.values)}
    return bool(wanted) and not wanted & {kind(v) for v in values}


def written(tree: Filter) -> str:
    """The filter as a string."""
    match tree:
        case And(parts):
            return " and ".join(f"({written(part)})" for part in parts)
        case Or(parts):
            return " or ".join(f"({written(part)})" for part in parts)
        case Not(part):
            return f"not ({written(part)})"
        case Exists(field):
            return f"exists {field}"
        case IsNull(field, negated):
            return f"{field} is{' not' if negated else ''} null"
        case In(field, values, negated):
            return f"{field}{' not' if negated else ''} in [{', '.join(map(shown, values))}]"
        case Compare(field, operator, value):
            return f"{field} {operator} {shown(value)}"


# Random documents and filters -----------------------------------------------------------------------------------------

NAMES = ["a", "b", "odd name", 'quo"te', "back`tick\\", "and", "$.a", "a.b"]
STRINGS = st.sampled_from(
    ["", "x", "X", "xy", "é", "😀", "x\0y", "1", "it's", '"', "'; DROP TABLE documents; --", "2020-01-02"]
)
NUMBERS = st.one_of(
    st.integers(-2, 3),
    st.sampled_from([1.0, -0.0, 0.1, 0.1 + 2**-56, 2**53, 2**53 + 1, float(2**53), 2**70, 2**70 + 1, 1e308, 5e-324]),
)
SCALARS = st.one_of(st.booleans(), NUMBERS, STRINGS)
VALUES = st.one_of(
    SCALARS, st.none(), st.lists(SCALARS, max_size=1), st.dictionaries(st.sampled_from(NAMES), SCALARS, max_size=2)
)
METADATA = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5)
FIELDS = st.builds(Field, st.tuples(st.sampled_from(NAMES)) | st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)))


@st.composite
def conditions(draw: st.DrawFn) -> Leaf:
    field = draw(FIELDS)
    match draw(st.integers(0, 4)):
        case 0:
            return Exists(field)
        case 1:
            return IsNull(field, draw(st.booleans()))
        case 2:
            return In(field, tuple(draw(st.lists(SCALARS, max_size=3))), draw(st.booleans()))
        case 3:
            return Compare(field, draw(st.sampled_from(["=", "!="])), draw(SCALARS))
        case _:
            return Compare(field, draw(st.sampled_from(list(ORDER))), draw(st.one_of(NUMBERS, STRINGS)))


def joined(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(And, several), st.builds(Or, several))


TREES: st.SearchStrategy[Filter] = st.recursive(conditions(), joined, max_leaves=5)


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_a_written_tree_reads_as_itself(tree: Filter) -> None:
    assert repr(parse_filter(written(tree))) == repr(tree)


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES | st.just(ABSENT), max_size=12), SCALARS)
def test_a_column_answers_as_the_plain_evaluator(values: list[Any], other: Any) -> None:
    field = Field(("f",))
    metadata = [{} if value is ABSENT else {"f": value} for value in values]
    column = Column.of(metadata, field)
    compared = [value for value in values if isinstance(value, bool | int | float | str)] + [other]
    conditions: list[Leaf] = [Exists(field), IsNull(field), IsNull(field, negated=True)]
    for value in compared:
        conditions += [Compare(field, operator, value) for operator in ("=", "!=")]
        if not isinstance(value, bool):
            conditions += [Compare(field, operator, value) for operator in ORDER]
    conditions += [In(field, tuple(compared[::2]), negated) for negated in (False, True)]
    for leaf in conditions:
        assert column.holds(leaf).tolist() == [true_of(leaf, one) for one in metadata], leaf


@settings(max_examples=120, deadline=None)
@given(st.lists(METADATA, min_size=1, max_size=12), st.lists(TREES, min_size=1, max_size=4), st.data())
def test_a_collection_keeps_what_the_plain_evaluator_keeps(
    metadata: list[dict[str, Any]], trees: list[Filter], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(metadata)))
    dead = data.draw(st.sets(st.integers(0, len(metadata) - 1)))
    with Collection.create(legs={"w": "bm25"}) as collection:
        numbered = [{"id": str(i), "text": "word", "metadata": one} for i, one in enumerate(metadata)]
        collection.add(numbered[:cut])
        collection.add(numbered[cut:])
        collection.delete([str(i) for i in dead])
        alive = {str(i): one for i, one in enumerate(metadata) if i not in dead}
        for tree in trees:
            text = written(tree)
            if alive and any(unfit(one, list(alive.values())) for one in leaves(tree)):
                with pytest.raises(OptionError):
                    collection.search("word", where=text)
                continue
            expected = {id_ for id_, one in alive.items() if true_of(tree, one)}
            assert {hit.id for hit in collection.search("word", 20, where=text)} == expected
            assert collection.count(text) == len(expected)
        assert collection.count() == len(collection) == len(alive)
        assert collection.check() == []


# Searches -------------------------------------------------------------------------------------------------------------

WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa".split()
FILTERS: list[str | dict[str, Any]] = [
    "n in [3, 500, 999]",
    "n < 40 and lang = 'de'",
    "n >= 0",
    {"lang": ["de", "fr"]},
    "not (lang = 'de')",
    "n = -1",
    {"n": []},
]


def document(rng: np.random.Generator, number: int) -> dict[str, Any]:
    share = np.arange(1, len(WORDS) + 1) ** -1.0
    text = " ".join(rng.choice(WORDS, int(rng.choice([1, 5, 20])), p=share / share.sum()))
    return {"id": f"d{number}", "text": text, "n": number, "lang": str(rng.choice(["de", "fr", "en"]))}


def kept_by(where: str | dict[str, Any], one: dict[str, Any]) -> bool:
    return true_of(parse_filter(where), {"n": one["n"], "lang": one["lang"]})


def test_a_filter_that_keeps_three_of_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MINIMUM", 16)
    rng = np.random.default_rng(1)
    documents = [document(rng, i) for i in range(1_000)]
    with Collection.create(legs=LEGS) as collection:
        collection.add(documents)
        for name in LEGS:
            (everything,) = collection.rank_many(["alpha gamma"], 1_000, legs=[name])
            hits = [
                (h.id, h.score) for h in collection.search("alpha gamma", 10, legs=[name], where="n in [3,500,999]")
            ]
            assert hits == [hit for hit in everything if hit[0] in ("d3", "d500", "d999")]
        fused = collection.search("alpha gamma", 10, where="n in [3, 500, 999]")
        assert 1 <= len(fused) <= 3
        assert {hit.id for hit in fused} <= {"d3", "d500", "d999"}
        assert {place.rank for hit in fused for place in hit.legs.values()} <= {1, 2, 3}


@pytest.mark.parametrize("few", [1, 8, 10**9])
def test_updates_with_filters_equal_a_fresh_build(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Both ways of scoring (few: how many times the kept documents must go into all), rows, merges, dead documents.
    monkeypatch.setattr(leg_module, "FEW", few)
    monkeypatch.setattr(packing, "MINIMUM", 16)
    monkeypatch.setattr(plan, "FAN", 3)
    monkeypatch.setattr(plan, "SMALL", 0)
    rng = np.random.default_rng(5)
    alive: dict[str, dict[str, Any]] = {}
    with Collection.create(legs={**LEGS, "plus": "bm25,formula=bm25+"}) as collection:
        for _ in range(8):
            documents = {d["id"]: d for d in (document(rng, int(rng.integers(0, 150))) for _ in range(30))}
            collection.add(documents.values())
            alive.update(documents)
            gone = {f"d{number}" for number in rng.integers(0, 150, 8)}
            collection.delete(gone)
            alive = {id_: one for id_, one in alive.items() if id_ not in gone}
            queries = [" ".join(rng.choice([*WORDS, "absent"], 3)) for _ in range(5)]
            with Collection.create(legs=collection.legs) as fresh:
                fresh.add(alive.values())
                for name in collection.legs:
                    everything = list(collection.rank_many(queries, 1_000, legs=[name]))
                    for where in FILTERS:
                        for k in (3, 1_000):
                            got = list(collection.rank_many(queries, k, legs=[name], where=where, threads=2))
                            assert got == list(fresh.rank_many(queries, k, legs=[name], where=where, threads=1))
                            kept = [[hit for hit in hits if kept_by(where, alive[hit[0]])][:k] for hits in everything]
                            assert got == kept


def test_each_leg_is_filtered_before_legs_are_fused() -> None:
    # Far more documents than a leg is ranked deep: without the filter in each leg the last would never be fused.
    with Collection.create(legs={"a": "bm25", "b": "numen:512"}) as collection:
        collection.add({"id": f"{i:04}", "text": "same words", "n": i} for i in range(500))
        (hit,) = collection.search("same words", 5, where="n = 499")
        assert (hit.id, {name: place.rank for name, place in hit.legs.items()}) == ("0499", {"a": 1, "b": 1})


def test_explaining_under_a_filter_takes_ranks_under_it() -> None:
    with Collection.create(legs={"a": "bm25", "b": "numen:512"}) as collection:
        collection.add({"id": f"{i}", "text": "same words", "n": i} for i in range(5))
        (hit,) = collection.search("same words", where={"n": 4})
        explanation = collection.explain("same words", "4", where={"n": 4})
        assert (explanation.score, [part.rank for part in explanation.legs]) == (hit.score, [1, 1])


# Edges ----------------------------------------------------------------------------------------------------------------


def small() -> Collection:
    collection = Collection.create(legs={"w": "bm25"})
    collection.add(
        [
            {"id": "1", "text": "word", "year": 2020, "lang": "de", "tags": ["x"], "mixed": 1},
            {"id": "2", "text": "word", "year": 2021, "archived": True, "mixed": "1", "none": None},
            {"id": "3", "text": "word", "author": {"name": "Ida"}},
        ]
    )
    return collection


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("yaer = 2020", "did you mean 'year'"),
        ("author.nam = 'Ida'", "did you mean 'author.name'"),
        ("year = '2020'", "compared with '2020', but no document holds strings there; it holds numbers"),
        ("not (year = true)", "holds true or false there"),
        ("lang < 3", "it holds strings"),
        ("tags = 'x'", "it holds lists or objects"),
        ("none = 1", "it holds null"),
        ("archived in ['yes', 3]", "strings or numbers"),
        ("`year'); DROP TABLE documents; --` = 1", "no document has the field"),
    ],
)
def test_fields_and_types_that_no_document_has_are_named(where: str, words: str) -> None:
    with small() as collection:
        for _ in range(2):
            with pytest.raises(OptionError) as error:
                collection.search("word", where=where)
            assert words in str(error.value)
        assert len(collection.search("word")) == 3


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("mixed = 1", ["1"]),
        ("mixed != 1", ["2"]),
        ("not (mixed = 1)", ["2", "3"]),
        ("mixed in ['1', 7]", ["2"]),
        ("lang = '''; DROP TABLE documents; --'", []),
        ("year > 2021", []),
        ("exists none", ["2"]),
        ("none is null", ["1", "2", "3"]),
        ("exists tags or exists author", ["1", "3"]),
        ("author.name >= 'I' and author.name < 'J'", ["3"]),
    ],
)
def test_missing_null_and_other_types(where: str, ids: list[str]) -> None:
    with small() as collection:
        assert [hit.id for hit in collection.search("word", where=where)] == ids


def test_a_field_only_dead_documents_have_is_unknown() -> None:
    with small() as collection:
        assert collection.count("archived") == 1
        collection.delete(["2"])
        with pytest.raises(OptionError, match="archived"):
            collection.count("archived")


def test_documents_without_metadata_have_no_field() -> None:
    with Collection.create() as collection:
        collection.add([{"id": "1", "text": "word"}])
        with pytest.raises(OptionError, match="none has any metadata"):
            collection.search("word", where="year = 1")


def test_an_empty_collection_has_nothing_to_filter() -> None:
    with Collection.create(legs=LEGS) as collection:
        assert list(collection.search("word", where="anything = 1")) == []
        assert collection.count("anything = 1") == 0
        assert list(collection.rank_many([], where="a")) == []
        with pytest.raises(InputError, match="character 5"):
            collection.search("word", where="a = ")


def test_one_unknown_field_of_many_names_the_nearest_only() -> None:
    with Collection.create() as collection:
        collection.add([{"id": "1", "text": "x", "metadata": {f"field{i}": i for i in range(300)}}])
        with pytest.raises(OptionError, match="did you mean 'field17'") as error:
            collection.search("x", where="fild17 = 1")
        assert str(error.value).count("field") <= keep_module.MOST_NAMED + 3


def test_true_is_not_one_in_what_is_remembered() -> None:
    with Collection.create() as collection:
        collection.add([{"id": "1", "text": "x", "f": 1}, {"id": "t", "text": "x", "f": True}])
        for where, expected in (({"f": 1}, "1"), ({"f": True}, "t"), ({"f": 1.0}, "1"), ("f", "t")):
            assert [hit.id for hit in collection.search("x", where=where)] == [expected]


def test_what_is_remembered_is_bounded_and_follows_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_module, "MOST_FILTERS", 3)
    monkeypatch.setattr(keep_module, "MOST_COLUMNS", 2)
    with Collection.create() as collection:
        collection.add([{"id": str(i), "text": "x", **{f"f{j}": i * j for j in range(6)}} for i in range(10)])
        for _ in range(2):
            for j in range(1, 6):
                assert collection.count(f"f{j} = {3 * j} or f{j % 5 + 1} = {2 * (j % 5 + 1)}") == 2
        collection.add([{"id": "new", "text": "x", "f1": 3}])
        collection.delete(["3"])
        assert [hit.id for hit in collection.search("x", where="f1 = 3")] == ["new"]
        snapshot = collection._snapshot()
        assert len(snapshot.kept) <= 3
        assert all(len(live.segment.columns) <= 2 for live in snapshot.segments)
        with pytest.raises(OptionError):
            collection.count("junk = 1")
        assert not any(Field(("junk",)) in live.segment.columns for live in snapshot.segments)


def test_a_commit_that_took_documents_away_is_noticed(tmp_path: Path) -> None:
    with Collection.create(tmp_path / "c") as writer, Collection.open(tmp_path / "c") as reader:
        writer.add({"id": str(i), "text": "x", "n": i} for i in range(10))
        before = reader._snapshot()
        writer.delete(["3"])
        writer.compact()
        with pytest.raises(Outdated):
            keep(before, reader._store.catalog, "n < 5")
        assert reader.count("n < 5") == 4
        assert {hit.id for hit in reader.search("x", where="n < 5")} == {"0", "1", "2", "4"}


@pytest.mark.parametrize("step", [0, 1, 2])
def test_whole_numbers_past_what_a_float_holds_are_told_apart(step: int) -> None:
    first = 2**70
    with Collection.create() as collection:
        collection.add([{"id": str(i), "text": "x", "n": first + i} for i in range(3)])
        for where in (f"n = {first + step}", {"n": {">=": first + step, "<=": first + step}}):
            assert [hit.id for hit in collection.search("x", where=where)] == [str(step)]
        assert collection.count(f"n < {first + step}") == step
