"""FEEL: what expressions come to, what they may cost, what is refused. tests/feel compares thousands with an engine of
others."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.expressions import ExpressionError, evaluate, parse

NOW = 1_767_225_600_000  # 2026-01-01T00:00:00Z
VARIABLES: dict[str, Any] = {
    "x": 7,
    "y": "a",
    "order": {"total": 12, "lines": [{"price": 2, "count": 3}, {"price": 5, "count": 1}]},
    "people": [{"name": "Ann", "age": 20}, {"name": "Bob", "age": 10}],
    "groups": ["clerks", "managers"],
    "two words": 2,
    "created": "2026-01-01T10:00:00Z",
}

CASES: dict[str, list[tuple[str, Any]]] = {
    "arithmetic": [
        ("0.1 + 0.2", 0.3),
        ("0.1 + 0.2 = 0.3", True),
        ("4 / 2", 2),
        ("2 ** 10", 1024),
        ("2 ** 0.5 > 1.41", True),
        ("2 ** 99999999", None),
        ("-x", -7),
        ("- - x", 7),
        ("1e3", 1000),
        (".5 + .5", 1),
        ("null + 1", None),
        ('"1" + 1', None),
        ("1 + 1 // with a comment", 2),
        ("1 /* in between */ + 1", 2),
    ],
    "logic has three values": [
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ("not(null)", None),
        ("not(false)", True),
        ('"a" and true', None),
    ],
    "comparison": [
        ('5 = "5"', None),
        ("null = null", True),
        ("x = null", False),
        ("x != null", True),
        ("null < 1", None),
        ("[1, 2] = [1, 2]", True),
        ("{a: 1} = {a: 1}", True),
        ("x between 1 and 10", True),
        ("x between 8 and 10", False),
        ("x in [1..7]", True),
        ("x in [1..7)", False),
        ("x in ]7..10]", False),
        ("x in (1, 7)", True),
        ("x in (< 5, > 6)", True),
        ("x in < 5", False),
        ('y in ["a", "b"]', True),
        ("x in (1..7)", False),
        ("x instance of number", True),
        ('"a" instance of number', False),
        ("null instance of Any", False),
    ],
    "choice": [
        ('if x > 5 then "big" else "small"', "big"),
        ('if null then "big" else "small"', "small"),
        ("(if true then 1 else 2) + 1", 2),
    ],
    "loops": [
        ("for i in [1, 2, 3] return i * 2", [2, 4, 6]),
        ("for i in 1..3 return i", [1, 2, 3]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in 1..2, j in 1..2 return i * 10 + j", [11, 12, 21, 22]),
        ("for l in order.lines return l.price * l.count", [6, 5]),
        ("sum(for l in order.lines return l.price * l.count)", 11),
        ("some p in people satisfies p.age > 18", True),
        ("every p in people satisfies p.age > 18", False),
        ("every p in [] satisfies false", True),
        ("every p in missing satisfies p.approved", None),
        ("some p in missing satisfies p.approved", None),
        ("for p in missing return p", None),
        ("every p in people satisfies p.approved", None),
        ("for i in 1..3 return sum(partial)", [None, None, None]),
        ("for i in 1..4 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3]),
        ("{twice: function(n) n * 2, r: twice(4)}.r", 8),
        ('substring(start position: 2, string: "abc")', "bc"),
        ("unheard of(1)", None),
        ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
        ('cycle(3, duration("PT10S"))', "R3/PT10S"),
        ('cycle(duration("P1D"))', "R/P1D"),
        ('fromAi(x, "how many", "number")', 7),
        ("get or else([1..3), 0)", "[1..3)"),
    ],
    "lists": [
        ("groups[1]", "clerks"),
        ("groups[-1]", "managers"),
        ("groups[3]", None),
        ("[1, 2, 3, 4][item > 2]", [3, 4]),
        ("people[age > 18].name", ["Ann"]),
        ('people[name = "Bob"][1].age', 10),
        ("people.name", ["Ann", "Bob"]),
        ("count(people[age > 5])", 2),
        ('list contains(groups, "clerks")', True),
        ("min(3, 1, 2)", 1),
        ("max([3, 1, 2])", 3),
        ("sum([0.1, 0.2])", 0.3),
        ("mean([1, 2, 3])", 2),
        ("median([1, 2, 3, 4])", 2.5),
        ("product(2, 3)", 6),
        ("append([1], 2, 3)", [1, 2, 3]),
        ("concatenate([1], [2], [3])", [1, 2, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2, 3], 2)", [1, 3]),
        ("reverse([1, 2])", [2, 1]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("sublist([1, 2, 3], 2)", [2, 3]),
        ("sublist([1, 2, 3], -2, 1)", [2]),
        ("distinct values([1, 2, 1])", [1, 2]),
        ("flatten([[1], [[2]], 3])", [1, 2, 3]),
        ("all([true, null])", None),
        ("any(false, true)", True),
        ("is empty([])", True),
        ("count(1)", None),
    ],
    "contexts": [
        ("order.total", 12),
        ("missing.deep", None),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"with space": 1}', {"with space": 1}),
        ('get value(order, "total")', 12),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ("context merge({a: 1}, {b: 2})", {"a": 1, "b": 2}),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ("`two words` + 1", 3),
        ("is defined(missing)", False),
        ("get or else(missing, 3)", 3),
    ],
    "texts": [
        ('"a\\nb\\u0041\\""', 'a\nb\\u0041"'),
        ('string length("abc")', 3),
        ('upper case("ab") + lower case("CD")', "ABcd"),
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring after("foobar", "ob")', "ar"),
        ('contains("foobar", "oba")', True),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "r")', True),
        ('split("a,b", ",")', ["a", "b"]),
        ('string join(["a", null, "b"], "-")', "a-b"),
        ('trim("  a ")', "a"),
        ("string(1.5)", "1.5"),
        ("string([1, true, null])", "[1, true, null]"),
        ('number("1 000,5", " ", ",")', 1000.5),
        ('number("x")', None),
    ],
    "numbers": [
        ("decimal(1 / 3, 2)", 0.33),
        ("decimal(2.5, 0)", 2),
        ("floor(-1.5)", -2),
        ("ceiling(1.2)", 2),
        ("round half up(2.5, 0)", 3),
        ("abs(-3)", 3),
        ("modulo(-12, 5)", 3),
        ("string(modulo(0.00, 5))", "0.00"),
        ("string(modulo(0.0, 0.25))", "0.00"),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("odd(3)", True),
    ],
    "dates": [
        ('date("2026-02-28")', "2026-02-28"),
        ('date("2026-02-30")', None),
        ("date(2026, 1, 31).month", 1),
        ('date and time("2026-01-01T10:00:00+01:00")', "2026-01-01T10:00:00+01:00"),
        ('date and time("2026-01-01T10:00:00Z") = date and time("2026-01-01T11:00:00+01:00")', False),
        ('date and time("2026-01-01T10:00:00Z") <= date and time("2026-01-01T11:00:00+01:00")', True),
        ('time("10:00:00") - time("08:30:00")', "PT1H30M"),
        ('date and time("2026-03-29T02:30:00@Europe/Berlin")', "2026-03-29T03:30:00@Europe/Berlin"),
        ('date and time("2026-01-01T10:00:00.250Z") + duration("PT0.5S")', "2026-01-01T10:00:00.75Z"),
        ('time("10:30:00").hour', 10),
        ('@"2026-01-01" < @"2026-01-02"', True),
        ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
        ('now() + duration("P3D")', "2026-01-04T00:00:00Z"),
        ("today()", "2026-01-01"),
        ('date and time(created) + @"PT90M"', "2026-01-01T11:30:00Z"),
        ('date("2026-01-03") - date("2026-01-01")', "P2D"),
        ('duration("P1DT2H").hours', 2),
        ('duration("PT36H")', "P1DT12H"),
        ('duration("P14M")', "P1Y2M"),
        ('duration("P1D") > duration("PT23H")', True),
        ('years and months duration(date("2025-03-01"), date("2026-02-01"))', "P11M"),
        ('day of week(date("2026-11-21"))', "Saturday"),
        ('last day of month(date("2028-02-03"))', "2028-02-29"),
        ('week of year(date("2026-01-01"))', 1),
        ('date("9999-12-31") + duration("P1Y")', "+10000-12-31"),
        ('duration("PT1H") / duration("PT0S")', None),
        ('duration("PT1H") / 0', None),
        ('duration("P1Y") / duration("P0Y")', None),
    ],
}


@pytest.mark.parametrize(("text", "value"), [case for cases in CASES.values() for case in cases])
def test_what_an_expression_comes_to(text: str, value: Any) -> None:
    found = evaluate(text, VARIABLES, NOW)
    assert found == value
    assert type(found) is type(value) or isinstance(value, float)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", r"Expected \(start-of-input \| ifOp \| forOp \| quantifiedOp \| disjunction\):1:1, found \"\"$"),
        ("a.", r"Expected \(binaryComparison .* end-of-input\):1:2, found \"\.\"$"),
        ("1 +\n+", r"\):1:3, found \"\+\\n\+\"$"),
        ("x == 7", ":1:3, found"),
        ("not x", ":1:5, found"),
        ("1e3", ":1:2, found"),
        ("if a then b", r"\(ifOp \| forOp \| quantifiedOp \| disjunction\) ~ \"then\""),
        ("for i in 1..3", r"listIterator\.rep\(1\)"),
        ("a < 1 < 2", r"path \| filter"),
        ("a in [1..2] x", r"Expected \(\"and\" \| \"or\" \| end-of-input\):1:13"),
        ("{a 1}", ":1:1, found"),
        ("function(a) external {java: {}}", "External functions are disabled"),
        ("(" * 100 + "x" + ")" * 100, "nested deeper"),
        ("x" * 10_001, "longer than 10000 characters"),
    ],
)
def test_what_is_refused_is_named(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("x == 7", True), ("not x = 8", True), ("not null", True), ("1e3", 1000), ("- - - x", -7), ("1 < 2 = true", True)],
)
def test_what_was_taken_before_runs_on(text: str, value: Any) -> None:
    """Refused where a process is deployed, and evaluated in those that are there."""
    with pytest.raises(ExpressionError):
        parse(text)
    assert evaluate(text, VARIABLES) == value


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..999999999 return i",
        "for i in 0.5..999999999.5 return i",
        'number("1e999999999") ** 999999999',
        "for i in 1..1000 return partial",
        'for i in 1..9999 return matches(string join(for j in 1..50 return "aaaaaaaaaa"), "(a+a+)+b")',
        "for i in 1..200, j in 1..200 return i",
        "count(for i in 1..100000 return 1)",
        "some i in 1..999999999 satisfies false",
        "every i in 1..999999999 satisfies true",
    ],
)
def test_what_would_take_too_long_is_stopped(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, {})


def test_results_do_not_grow_without_end() -> None:
    assert evaluate("floor(10 ** 999999999)", {}) is None
    assert evaluate("string(10 ** 999999999)", {}) == "1.000000000000000000000000000000000E+999999999"
    long = {"t": "x" * 900_000}
    assert evaluate("t + t", long) is None
    assert evaluate("string join(for i in 1..100 return t)", long) is None
    assert evaluate("10 ** 5000 * 10 ** 5000 * 10 ** 5000", {}) is None


_WORDS = st.sampled_from(
    [
        *("x", "people", "order", ".", "total", "[", "]", "(", ")", "{", "}", ":", ",", "1", "0", "..", '"a"', "item"),
        *(
            "if",
            "then",
            "else",
            "for",
            "in",
            "return",
            "some",
            "satisfies",
            "and",
            "or",
            "not",
            "=",
            "<",
            "+",
            "-",
            "/",
        ),
        *("**", "*", "count", "date", "duration", '@"P1D"', "now()", "null", "true", "between", "substring", "sublist"),
    ]
)


@given(st.lists(_WORDS, max_size=14))
def test_words_in_any_order_are_an_expression_or_refused(words: list[str]) -> None:
    try:
        evaluate(" ".join(words), VARIABLES, NOW)
    except ExpressionError:
        pass


def test_time_is_that_of_the_caller() -> None:
    assert evaluate("now()", {}, NOW) == "2026-01-01T00:00:00Z"
    assert evaluate("now()", {}, int(time.time() * 1000)) > "2026-01-01"


NUMBERS, UNLIKE, TEXT = list(range(20_000)), [{"n": n} for n in range(3_000)], "x" * 200_000


@pytest.mark.parametrize(
    "text",
    [
        "count(distinct values(unlike))",
        "count(union(unlike, unlike))",
        "for i in 1..5000 return index of(numbers, i)",
        "for i in 1..5000 return list contains(numbers, i)",
        "for i in 1..5000 return max(numbers)",
        "for i in 1..5000 return numbers = numbers",
        "for i in 1..5000 return i in numbers",
        "for i in 1..5000 return unlike.n",
        'for i in 1..2000 return contains(text, "y")',
        "for i in 1..2000 return text < text",
        'for i in 1..2000 return text + "y"',
        'for i in 1..2000 return string join([text], "")',
        "for i in 1..2000 return string(unlike)",
        "flatten(for i in 1..100 return numbers)",
        "for i in 1..5000 return text",
    ],
)
def test_functions_pay_for_what_they_walk_over(text: str) -> None:
    with pytest.raises(ExpressionError, match="more than 200000 steps"):
        evaluate(text, {"numbers": NUMBERS, "unlike": UNLIKE, "text": TEXT})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("count(distinct values(concatenate(numbers, numbers)))", 20_000),
        ("count(union(numbers, numbers))", 20_000),
        ("max(numbers) + sum(numbers)", 200_009_999),
        ("count(unlike[n > 1500])", 1_499),
        ("index of(numbers, 19999)", [20_000]),
        ("string length(text + text)", 400_000),
    ],
)
def test_one_walk_over_a_large_value_is_no_trouble(text: str, value: Any) -> None:
    assert evaluate(text, {"numbers": NUMBERS, "unlike": UNLIKE, "text": TEXT}) == value


@given(st.lists(st.recursive(st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("ab"), st.lists)))
def test_distinct_values_are_those_of_pairwise_comparison(items: list[Any]) -> None:
    pairwise: list[Any] = []
    for item in items:
        if not any(evaluate("a = b", {"a": item, "b": other}) is True for other in pairwise):
            pairwise.append(item)
    assert evaluate("distinct values(v)", {"v": items}) == pairwise


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9223372036854775807", 9_223_372_036_854_775_807),
        ("9223372036854775807 + 1", -9_223_372_036_854_775_808),
        ("-9223372036854775807 - 2", 9_223_372_036_854_775_807),
        ("10 ** 20", 7_766_279_631_452_241_920),
        ("10 ** 300 * 10", 0),
        ("10 ** 300 * 10 ** 300", None),
        ("[1..3]", None),
    ],
)
def test_a_result_can_be_stored(text: str, value: Any) -> None:
    """Of whole numbers the lowest 64 bits; what JSON does not know is null."""
    result = evaluate(text, {})
    assert result == value
    assert type(result) is type(value)
