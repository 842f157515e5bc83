"""Expressions: what they come to, and what is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.expressions import ExpressionError, evaluate, moment, parse
from core.times import parse_timestamp


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 + 1", -1),
        ("10 / 4", 2.5),
        ("1 / 0", None),
        ('"a" + "b\\"c"', 'ab"c'),
        ("amount > 100 and not blocked", True),
        ("amount > 100 and blocked", False),
        ("order.total >= 10.5 or false", True),
        ('name = "Zoë"', True),
        ("missing > 1", None),
        ("missing = null", True),
        ("missing.deep.er = null", True),
        ('1 = "1"', None),
        ("1 = true", None),
        ("true != false", True),
        ('"b" > "a"', True),
        ('"b" > 1', None),
        ('["a", name]', ["a", "Zoë"]),
        ("[]", []),
        ("not (1 = 2)", True),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    variables = {"amount": 120, "blocked": False, "order": {"total": 10.5}, "name": "Zoë"}
    assert evaluate(text, variables) == value


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "(1", "a b", "1 = = 2", '"open', "[1,", "a;b", "@", "(" * 100 + "1" + ")" * 100, "x" * 10_001],
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=3), st.integers()))
def test_any_text_is_an_expression_or_refused(text: str, variables: dict[str, int]) -> None:
    try:
        evaluate(text, variables)
    except ExpressionError:
        pass


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ('date and time("2026-01-31T10:00:00@Europe/Berlin")', 1_769_850_000_000),
        ('date and time("2026-01-31T10:00:00+01:00[Europe/Berlin]")', 1_769_850_000_000),
        ('date and time("2026-07-31T10:00:00.5Z") + duration("PT1H")', 1_785_495_600_500),
    ],
)
def test_a_moment_that_an_expression_comes_to_is_one(text: str, milliseconds: int) -> None:
    assert moment(evaluate(text, {})) == milliseconds


def test_the_name_of_a_zone_may_stand_behind_the_offset() -> None:
    plain = moment("2030-01-01T00:00:00+01:00")
    assert moment("2030-01-01T00:00:00+01:00[Europe/Berlin]") == plain == parse_timestamp("2030-01-01T00:00:00+01:00")


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-31T10:00:00@Nowhere", "10:00:00@Europe/Berlin", "2026-01-31", "soon"),
        *("2030-01-01T00:00:00[Europe/Berlin]", "2030-01-01T00:00:00Z[UTC", "2030-13-01T00:00:00Z"),
    ],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|zone|time"):
        moment(text)


@pytest.mark.parametrize(
    "text",
    [
        f"for i in 1..18000 return {'9' * 5000} ** 999999999",
        "for i in 1..18000 return string(decimal(1 / 3, 1000))",
        'for i in 1..18000 return matches("a", "((a{1,50}){1,50}" + string(i) + ")")',
        "for i in 1..18000 return [1.1 / 3.3, 1.1 ** 999999999]",
    ],
)
def test_what_is_dear_ends(text: str) -> None:
    """Each within a second or two, by its steps or with an answer."""
    try:
        evaluate(text, {})
    except ExpressionError:
        pass
