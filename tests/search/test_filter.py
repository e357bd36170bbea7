"""What a filter may look like: both forms give the same tree, and what is wrong is said with its place."""

from __future__ import annotations

from typing import Any

import pytest

from numen.errors import InputError, OptionError
from numen.search.condition import And, Compare, Exists, Field, Filter, In, IsNull, Not, Or
from numen.search.filter import parse_filter
from numen.search.filter_text import MOST_LEVELS

A, B = Field(("a",)), Field(("b",))


def is_true(field: Field) -> Compare:
    return Compare(field, "=", True)


SAME: list[tuple[str, dict[str, Any] | None, Filter]] = [
    ("a = 1", {"a": 1}, Compare(A, "=", 1)),
    ("a == -1.5e3", {"a": {"==": -1500.0}}, Compare(A, "=", -1500.0)),
    ("a<>.5", {"a": {"<>": 0.5}}, Compare(A, "!=", 0.5)),
    ("a >= 'it''s \"x\"'", {"a": {">=": 'it\'s "x"'}}, Compare(A, ">=", 'it\'s "x"')),
    ('a < "say ""no"""', {"a": {"<": 'say "no"'}}, Compare(A, "<", 'say "no"')),
    ("a", {"a": True}, is_true(A)),
    ("a = FALSE", {"a": False}, Compare(A, "=", False)),
    ("a is null", {"a": None}, IsNull(A)),
    ("a = null", {"a": {"is null": True}}, IsNull(A)),
    ("a is NOT null", {"a": {"!=": None}}, IsNull(A, negated=True)),
    ("exists a", {"a": {"exists": True}}, Exists(A)),
    ("not exists a", {"a": {"exists": False}}, Not(Exists(A))),
    ("a in ['x', 2]", {"a": ["x", 2]}, In(A, ("x", 2))),
    ("a in []", {"a": {"in": []}}, In(A, ())),
    ("a not in [true]", {"a": {"not in": [True]}}, In(A, (True,), negated=True)),
    ("a between 1 and 2", {"a": {"between": [1, 2]}}, And((Compare(A, ">=", 1), Compare(A, "<=", 2)))),
    ("a > 1 and a <= 9", {"a": {">": 1, "<=": 9}}, And((Compare(A, ">", 1), Compare(A, "<=", 9)))),
    ("a or b", {"or": [{"a": True}, "b"]}, Or((is_true(A), is_true(B)))),
    ("a and b", {"and": [{"a": True}, {"b": True}]}, And((is_true(A), is_true(B)))),
    ("not a", {"not": {"a": True}}, Not(is_true(A))),
    ("a.b.in = 1", {"a.b.in": 1}, Compare(Field(("a", "b", "in")), "=", 1)),
    ("`a.b`.`c ``d` = 1", {"`a.b`.`c ``d`": 1}, Compare(Field(("a.b", "c `d")), "=", 1)),
    ("`and` = 1", {"`and`": 1}, Compare(Field(("and",)), "=", 1)),
    ("`a-b` = 1", {"a-b": 1}, Compare(Field(("a-b",)), "=", 1)),
    ("größe = 1", {"größe": 1}, Compare(Field(("größe",)), "=", 1)),
    ("not a or b and not (a or b)", None, Or((Not(is_true(A)), And((is_true(B), Not(Or((is_true(A), is_true(B))))))))),
    (
        "a between 1 and 2 and b",
        {"a": {"between": (1, 2)}, "b": True},
        And((And((Compare(A, ">=", 1), Compare(A, "<=", 2))), is_true(B))),
    ),
]


@pytest.mark.parametrize(("text", "mapping", "tree"), SAME)
def test_both_forms_give_the_same_tree(text: str, mapping: dict[str, Any] | None, tree: Filter) -> None:
    assert repr(parse_filter(text)) == repr(tree)  # 1 == True, but their repr differs
    assert repr(parse_filter(f"\n (({text})) ")) == repr(tree)
    if mapping is not None and "between 1 and 2 and" not in text:
        assert repr(parse_filter(mapping)) == repr(tree)


WRONG: list[tuple[str, int, str, str]] = [
    ("", 1, "an empty filter", "a field"),
    ("  ", 3, "an empty filter", "a field"),
    ("year >", 7, "the end", "a value"),
    ("year >> 3", 7, "'>'", "a value"),
    ("year ! 3", 6, "'!'", "an operator"),
    ("(a", 3, "the end", "closing parenthesis"),
    ("a)", 2, "')'", "the end"),
    ("a b", 3, "'b'", "an operator"),
    ("a = 1 b", 7, "'b'", "and, or, or the end"),
    ("a and", 6, "the end", "a field"),
    ("and a", 1, "'and'", "backticks"),
    ("1 < a", 1, "'1'", "a field"),
    ("a..b", 3, "'.'", "a name"),
    ("a in ('x')", 6, "'('", "square brackets"),
    ("a in ['x',]", 11, "']'", "a value"),
    ("a in ['x' 'y']", 11, "\"'y'\"", "a comma"),
    ("a in [null]", 7, "'null'", "is null"),
    ("a > null", 5, "'null'", "is null"),
    ("a not 3", 7, "'3'", "expected in"),
    ("a is 3", 6, "'3'", "null or not null"),
    ("a between 1", 12, "the end", "expected and"),
    ("exists", 7, "the end", "a field"),
    ("a = 1; DROP TABLE documents", 6, "';'", "an operator"),
    ("a = 'x", 5, "'", "no ' closes"),
    ("`a = 1", 1, "`", "no ` closes"),
    ("a-b = 1", 2, "-b = 1", "backticks"),
    ("a = 2020x", 5, "2020x", "no number"),
    ("a = 1e999", 3, "inf", "no document"),
    ("a = " + "9" * 5000, 5, "", "more digits"),
    ("a < true", 3, "a < true", "no order"),
]


@pytest.mark.parametrize(("text", "at", "found", "expected"), WRONG)
def test_what_cannot_be_read_is_said_with_its_place(text: str, at: int, found: str, expected: str) -> None:
    with pytest.raises(InputError) as error:
        parse_filter(text)
    message = str(error.value)
    assert f"character {at}: " in message
    after = message.split(f"character {at}: ", 1)[1]
    assert found in after
    assert expected in after
    assert len(message) < 300


WRONG_MAPPINGS: list[tuple[Any, type[InputError], str]] = [
    ({}, InputError, "empty dictionary"),
    ({"not": {}}, InputError, "empty dictionary"),
    ({"and": []}, InputError, "at least one filter"),
    ({"or": {"a": 1}}, InputError, "a list of at least one"),
    ({"and": [3]}, InputError, "joins filters"),
    ({"a": {}}, InputError, "no operator"),
    ({"a": {"=>": 1}}, OptionError, "'=>'; did you mean"),
    ({"a": {"b": 1}}, OptionError, "a.name"),
    ({"a": {"in": "x"}}, InputError, "a list of values"),
    ({"a": {"between": [1]}}, InputError, "two values"),
    ({"a": {"exists": 1}}, InputError, "true or false"),
    ({"a": {"<": True}}, InputError, "no order"),
    ({"a": {"<": None}}, InputError, "is null"),
    ({"a": [None]}, InputError, "is null"),
    ({"a": [["x"]]}, InputError, "a list"),
    ({"a": object()}, InputError, "a object"),
    ({"a": float("nan")}, InputError, "nan"),
    ({"a..b": 1}, InputError, "name is empty"),
    ({"`a`x": 1}, InputError, "character 4"),
    ({1: 2}, InputError, "keys are names"),
    (["a"], InputError, "a string or a dictionary"),
    (3, InputError, "a string or a dictionary"),
]


@pytest.mark.parametrize(("where", "kind", "words"), WRONG_MAPPINGS)
def test_a_dictionary_that_is_no_filter_is_refused(where: Any, kind: type[InputError], words: str) -> None:
    with pytest.raises(kind) as error:
        parse_filter(where)
    assert words in str(error.value)


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 10_000])
@pytest.mark.parametrize("opening", ["(", "not ", "not ("])
def test_too_many_levels_are_refused(levels: int, opening: str) -> None:
    with pytest.raises(InputError, match="64 levels"):
        parse_filter(opening * levels + "a" + ")" * (levels * opening.count("(")))


def test_dictionaries_may_not_go_deeper_either() -> None:
    inner: dict[str, Any] = {"a": 1}
    for _ in range(10_000):
        inner = {"not": inner}
    with pytest.raises(InputError, match="64 levels"):
        parse_filter(inner)
    endless: dict[str, Any] = {}
    endless["not"] = endless
    with pytest.raises(InputError, match="64 levels"):
        parse_filter(endless)


def test_many_parts_side_by_side_are_no_levels() -> None:
    assert parse_filter(" or ".join(["(a)"] * 5_000)) == Or((is_true(A),) * 5_000)


def test_as_many_levels_as_are_allowed() -> None:
    deepest = MOST_LEVELS - 1
    assert parse_filter("(" * deepest + "a" + ")" * deepest) == is_true(A)


def test_a_field_is_shown_as_it_is_written() -> None:
    for text in ("a.b", "`odd name`.b", "`in`.`x.y`", "`tick``s`"):
        (leaf,) = (parse_filter(f"{text} = 1"),)
        assert isinstance(leaf, Compare)
        assert str(leaf.field) == text
