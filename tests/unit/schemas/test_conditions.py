"""Conditions of other products, and what they say as FEEL."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.expressions import evaluate
from core.graph.feel.names import RESERVED as FEEL
from schemas.bpmn.conditions import DEEPEST, LONGEST, RESERVED, NotTranslated, of_el, of_php

PHP: list[tuple[str, dict[str, Any], bool]] = [
    ("@@way == 'on'", {"way": "on"}, True),
    ("@@way == 'on'", {"way": "off"}, False),
    ("@@way == 'on'", {}, False),
    ("@@way != 'on'", {}, True),
    ("@@way <> 'on'", {"way": "on"}, False),
    ("@@way == ''", {}, True),
    ("@@way == ''", {"way": None}, True),
    ("@@way == ''", {"way": "x"}, False),
    ("'on' == @@way", {"way": "on"}, True),
    ("@@n == 1", {"n": "1"}, True),
    ("@@n == 1", {"n": 1}, True),
    ("@@n == 1", {"n": True}, True),
    ("@@n == '1'", {"n": "1.0"}, True),
    ("@@n == 1", {"n": "12"}, False),
    ("@%n == 0", {}, True),
    ("@@n == '0'", {}, False),
    ("@@n == '0'", {"n": 0}, True),
    ("@#n < 5", {"n": "4.5"}, True),
    ("@#n<5", {}, True),
    ("5 > @#n", {"n": 7}, False),
    ("@%n >= '5'", {"n": "10"}, True),
    ("@@n > @@m", {"n": "10", "m": 9}, True),
    ("@@a == @@b", {"a": "x", "b": "x"}, True),
    ("@@a", {"a": "0"}, False),
    ("@@a", {"a": "no"}, True),
    ("!@@a", {}, True),
    ("@@a == true", {"a": True}, True),
    ("@@a === false", {}, True),
    ("@@a == null", {}, True),
    ("true", {}, True),
    ("0", {}, False),
    ("1 == 1 && !(2 < 1)", {}, True),
    ("@@a == 'x' and (@@b == 'y' or @@c == 'z')", {"a": "x", "c": "z"}, True),
    ("@@a == 'x' AND @@b == 'y' || @@c == 'z'", {"c": "z"}, True),
    ("not (@@a != 'x')", {"a": "x"}, True),
    ("@@a == 'say \"no\"'", {"a": 'say "no"'}, True),
]


@pytest.mark.parametrize(("condition", "variables", "holds"), PHP)
def test_conditions_of_php_hold_when_theirs_do(condition: str, variables: dict[str, Any], holds: bool) -> None:
    assert (evaluate(of_php(condition), variables) is True) == holds


EL: list[tuple[str, str]] = [
    ("${approved}", "approved = true"),
    ("#{ approved }", "approved = true"),
    ("${!approved}", "not((approved = true) = true)"),
    ("approved == 'yes'", 'approved = "yes"'),
    (
        "${order.total ge 100 && not empty order.name}",
        '(order.total >= 100 and not(((order.name = null or order.name = "")) = true))',
    ),
    ("${a != null || b eq false}", "(a != null or b = false)"),
    ("${1 == 1}", "1 = 1"),
    ("${'x' == way}", 'way = "x"'),
    ("${true}", "true"),
]


@pytest.mark.parametrize(("expression", "feel"), EL)
def test_expressions_in_braces(expression: str, feel: str) -> None:
    assert of_el(expression) == feel
    evaluate(feel, {})


@pytest.mark.parametrize(
    "text",
    [
        *("", "@@", "@@a ==", "== 1", "(@@a", "@@a)", "@@a[1] == 2", "strlen(@@a) > 2", "@@a . 'x' == 'y'", "$a == 1"),
        *("@@a = 1", '"$x" == @@a', "'it\\'s' == @@a", "1 == 'a'", "@@a < null", "a == 1", "@@a == 1; exit"),
        *("(" * 40 + "1" + ")" * 40, "!" * 40 + "@@a", "@@a == 1 || " * 300 + "@@a == 1"),
    ],
)
def test_what_is_more_than_a_comparison_is_not_translated(text: str) -> None:
    with pytest.raises(NotTranslated):
        of_php(text)


@pytest.mark.parametrize(
    "text", ["${service.is(x)}", "${a ? b : c}", "${a + 1 > 2}", "return a == 1;", "'text'", "5", "@@a"]
)
def test_expressions_that_do_something_are_not_translated(text: str) -> None:
    with pytest.raises(NotTranslated):
        of_el(text)


@pytest.mark.parametrize("name", sorted(RESERVED - {"null", "true", "false"}))
def test_words_of_feel_are_no_variables(name: str) -> None:
    for read, text in ((of_php, f"@@{name} == 'x'"), (of_el, f"${{a.{name} == 'x'}}"), (of_el, f"{name} == 'x'")):
        with pytest.raises(NotTranslated):
            read(text)
    assert {*RESERVED} == {*FEEL}


@given(st.text("@#%abt'\"0. !=<>&|()andor$\\{}", max_size=60))
def test_whatever_is_translated_is_feel(text: str) -> None:
    for read in (of_php, of_el):
        try:
            feel = read(text)
        except NotTranslated:
            continue
        evaluate(feel, {})


def test_limits_are_what_they_say() -> None:
    assert of_php("(" * (DEEPEST - 1) + "@@a == 'x'" + ")" * (DEEPEST - 1))
    assert of_php("@@a == 'x'".ljust(LONGEST))
    with pytest.raises(NotTranslated, match="too long"):
        of_php("@@a == 'x'".ljust(LONGEST + 1))
