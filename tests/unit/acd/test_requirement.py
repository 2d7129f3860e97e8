"""Requirements: read, told in one canonical text, and met or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.requirement import (
    ANYBODY,
    Expr,
    Level,
    RequirementFault,
    all_of,
    any_of,
    at_least,
    parse,
    skills_in,
    tokens,
)

_SKILLS = ["a", "b", "c"]
_needs = st.builds(
    Level, st.sampled_from(_SKILLS), st.sampled_from([">=", ">", "<=", "<", "==", "!="]), st.integers(0, 10)
)
_exprs: st.SearchStrategy[Expr] = st.recursive(
    _needs,
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from([all_of(*parts), any_of(*parts)])
    ),
    max_leaves=8,
)
_agents = st.dictionaries(st.sampled_from(_SKILLS), st.integers(0, 10))


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("orders", "orders"),
        ("orders >= 1", "orders"),
        ("orders>=5", "orders >= 5"),
        ("orders >= 5 and (mandarin or english >= 7)", "(english >= 7 or mandarin) and orders >= 5"),
        ("b and a", "a and b"),
        ("a or b and c", "a or b and c"),
        ("(a or b) and c", "(a or b) and c"),
        ("((a))", "a"),
        ("a and a >= 3", "a >= 3"),
        ("a or a >= 3", "a"),
        ("a or a and b", "a"),
        ("a and (a or b)", "a"),
        ("not vip", "not vip"),
        ("not not vip", "vip"),
        ("not (a and b >= 3)", "b < 3 or not a"),
        ("not (a or b == 2)", "b != 2 and not a"),
        ("a < 3 and a <= 5", "a < 3"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_canonical_text(written: str, canonical: str) -> None:
    """Parts in order of their text, what says nothing new left out, `not` at the skills, no needless parentheses."""
    assert str(parse(written)) == canonical


@pytest.mark.parametrize(
    ("written", "column", "found", "expected"),
    [
        ("orders >=", 10, "the end", "a level from 0 to 10"),
        ("orders >= 11", 11, '"11"', "a level from 0 to 10"),
        ("orders >= many", 11, '"many"', "a level from 0 to 10"),
        ("orders mandarin", 8, '"mandarin"', '"and", "or" or the end'),
        ("orders 5", 8, '"5"', '"and", "or" or the end'),
        ("and orders", 1, '"and"', 'a skill, "not" or "("'),
        ("orders and", 11, "the end", 'a skill, "not" or "("'),
        ("(orders or tea", 15, "the end", '"and", "or" or ")"'),
        ("orders)", 7, '")"', '"and", "or" or the end'),
        ("Orders", 1, '"O"', "a skill, a level, a comparison or a parenthesis"),
        ("orders &  tea", 8, '"&"', "a skill, a level, a comparison or a parenthesis"),
        ("not", 4, "the end", 'a skill, "not" or "("'),
        ("(" * 60 + "a", 52, '"("', "no more than 50 within each other"),
    ],
)
def test_a_fault_says_where_and_what(written: str, column: int, found: str, expected: str) -> None:
    """The column of the first character that does not fit, what stands there, and what could."""
    with pytest.raises(RequirementFault) as caught:
        parse(written)
    fault = caught.value
    assert (fault.column, fault.found, fault.expected) == (column, found, expected)
    assert str(fault) == f"column {column}: found {found}; expected {expected}"


@pytest.mark.parametrize(
    ("written", "met", "missed"),
    [
        ("a", {"a": 1}, {}),
        ("a >= 3", {"a": 3}, {"a": 2}),
        ("a > 3", {"a": 4}, {"a": 3}),
        ("a <= 3", {"a": 3}, {"a": 4}),
        ("a < 3", {}, {"a": 3}),
        ("a == 3", {"a": 3}, {"a": 4}),
        ("a != 0", {"a": 2}, {}),
        ("a == 0", {}, {"a": 1}),
        ("a and not b", {"a": 1}, {"a": 1, "b": 1}),
        ("a or b", {"b": 1}, {"c": 1}),
    ],
)
def test_who_meets_it(written: str, met: dict[str, int], missed: dict[str, int]) -> None:
    """Every comparison; a skill that is not there is level 0."""
    assert parse(written).met_by(met)
    assert not parse(written).met_by(missed)


@given(_exprs)
def test_the_text_reads_back(expr: Expr) -> None:
    """What str() says is read to an equal expression, which says the same: the text is the expression's name."""
    again = parse(str(expr))
    assert again == expr
    assert str(again) == str(expr)


@given(st.lists(_exprs, min_size=1, max_size=3), _agents)
def test_simplifying_changes_nothing(exprs: list[Expr], skills: dict[str, int]) -> None:
    """Joined, and denied, expressions are met by exactly those by whom their parts say so."""
    met = [expr.met_by(skills) for expr in exprs]
    assert all_of(*exprs).met_by(skills) == all(met)
    assert any_of(*exprs).met_by(skills) == any(met)
    denied = parse(f"not ({any_of(*exprs)})")
    assert denied.met_by(skills) != any(met)


def test_anybody() -> None:
    """Nothing asked for is met by all, adds nothing to a need, and leaves nothing of a choice."""
    need = parse("a")
    assert ANYBODY.met_by({})
    assert (all_of(), all_of(ANYBODY, need), any_of(ANYBODY, need)) == (ANYBODY, need, ANYBODY)


def test_short_form() -> None:
    """`{skill: level}` is each at that level or above; a level of 0 asks for nothing."""
    assert str(at_least({"orders": 3, "english": 1, "tea": 0})) == "english and orders >= 3"


def test_skills_and_words() -> None:
    """Which skills an expression speaks of, and where each of them stands in a text."""
    assert skills_in(parse("a and (b or not c == 2)")) == {"a", "b", "c"}
    assert [(one.text, one.column) for one in tokens("not  tea and b >= 3") if one.is_skill] == [("tea", 6), ("b", 14)]
