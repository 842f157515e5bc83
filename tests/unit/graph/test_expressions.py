"""Expressions: what they come to, and what is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.expressions import ExpressionError, evaluate, parse


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
