"""Expressions out of a seed: of every kind, of every function, right ones and such that mix kinds up."""

import random
from collections.abc import Callable, Sequence
from typing import Any

SEED, COUNT, SOUPS, TESTS = 20_261_130, 3_000, 700, 600

#: what the expressions are evaluated over
VARIABLES: dict[str, Any] = {
    "i": 7,
    "f": 2.5,
    "big": 1e7,
    "s": "foo bar",
    "t": True,
    "n": None,
    "day": "2026-03-29",
    "xs": [3, 1, 2, 2],
    "words": ["b", "a", "c", None],
    "people": [{"name": "Ann", "age": 20}, {"name": "Bob", "age": 10, "item": 1}],
    "order": {"total": 12.5, "paid": False, "lines": [{"price": 2, "count": 3}, {"price": 5.5, "count": 1}]},
    "two words": 2,
}

NUMBERS = [
    *("0", "1", "2", "3", "10", "100", "0.1", "1.50", "2.5", "-2.5", "-1", "-3", "0.000001", "12.3456", "1000000"),
    *("1234567890123456789", "99999999999999999999999999999999999", "0.00", "7", "365", "1.005", "-0.5", "2147483648"),
    *("i", "f", "big", "order.total", "people[1].age", "count(xs)", "`two words`"),
]
STRINGS = [
    *('""', '"a"', '"abc"', '"foobar"', '"Straße"', '"a😀b"', '"a,b;c"', '"1.50"', '"2026-01-31"', '"10:00:00"'),
    *('"  a "', '"a\\nb"', '"say \\"x\\""', '"back\\\\slash"', '"PT1H"', '"P1Y"', '"1 000,5"', '"{\\"a\\": [1, 2.0]}"'),
    *("s", "day", "people[1].name", "string(i)", '"Europe/Berlin"', '"[a-z]+"', '"o"', '"(o)(b?)"', '"$1x"', '"i"'),
    *('"\\\\s"', '"HALF_UP"', '"_"', '"^f.*r$"', '"aab"'),
]
BOOLEANS = ["true", "false", "t", "order.paid", "i > 5", "is defined(n)", 'contains(s, "o")', "xs[1] = 3", "n"]
DATES = ['@"2026-01-31"', 'date("2024-02-29")', "date(2026, 3, 29)", "date(day)", '@"9999-12-31"', '@"-0044-03-15"']
DATES += ['@"123456-01-01"', "today()", 'date("2026-02-30")']
TIMES = ['@"10:00:00"', 'time("23:59:59.5")', "time(1, 2, 3.25)", '@"10:00:00Z"', 'time("10:00:00+02:00")']
TIMES += ['time("08:30:00@Europe/Berlin")', 'time(10, 0, 0, duration("-PT5H"))', 'time("25:00:00")', 'time("07:30")']
MOMENTS = ['@"2026-01-31T10:00:00"', 'date and time("2026-03-29T02:30:00@Europe/Berlin")', "now()"]
MOMENTS += ['date and time("2026-10-25T02:30:00@Europe/Berlin")', '@"2026-01-31T10:00:00.123Z"']
MOMENTS += ['date and time("2026-01-31T10:00:00+01:00[Europe/Paris]")', '@"2026-01-31T10:00:00-03:30"']
MOMENTS += ['date and time(@"2026-01-31", @"10:00:00")', '@"12026-01-31T23:00:00"', 'date and time("2026-07-01")']
MOMENTS += ['date and time(@"2026-07-01T12:00:00Z", "America/New_York")', '@"2026-01-31T10:00:00@Nowhere/City"']
MONTHS = ['@"P1Y"', 'duration("P14M")', '@"-P1Y2M"', '@"P0M"', "years and months duration(date(2020, 2, 29), today())"]
DURATIONS = ['@"PT1H"', 'duration("P1DT2H3M4S")', '@"-PT90M"', '@"PT0S"', '@"P400D"', '@"PT0.5S"', '@"PT36H"']
DURATIONS += ['@"PT-0.5S"', '@"-P1DT0.25S"']
LISTS = [
    "xs",
    "words",
    "people",
    "order.lines",
    "[]",
    "[1, 2, 3]",
    '["a", "b"]',
    "[1, [2, [3]]]",
    "[true, null, false]",
]
LISTS += [
    "[1, 1.0, 2, null]",
    "people.name",
    '[@"2026-01-31", @"2024-02-29"]',
    "[{a: 1}, {a: 1}]",
    "[null]",
    "xs[item > 1]",
]
LISTS += ['["a", "b", "a", null]', "[0.1, 0.2]", '[@"PT1H", @"PT30M"]', "for x in xs return x * 2"]
CONTEXTS = [
    "order",
    "people[1]",
    "{}",
    "{a: 1}",
    '{"a b": 1, c: {d: null}}',
    "{a: 1, b: a + 1}",
    "{f: function(x) x + 1, y: f(1)}",
]
CONTEXTS += ['{key: "k", value: 2}', "order.lines[1]"]
RANGES = ["[1..3]", "(1..3)", "]2..5[", "[2..2]", "[3..7)", '[@"2026-01-01"..@"2026-02-01"]', '(@"PT1H"..@"PT2H"]']
FUNCTIONS = ["function(x, y) x < y", "function(x, y) x > y", "function(x) x", "function(a, b) a.age < b.age"]
NOTHING = ["null", "missing", "missing.deep", "n"]
POOLS = {
    "number": NUMBERS,
    "string": STRINGS,
    "boolean": BOOLEANS,
    "date": DATES,
    "time": TIMES,
    "moment": MOMENTS,
    "months": MONTHS,
    "duration": DURATIONS,
    "list": LISTS,
    "context": CONTEXTS,
    "range": RANGES,
    "function": FUNCTIONS,
    "null": NOTHING,
}
#: functions with the kinds of their arguments; a list of texts as a kind is one of them
CALLS: list[tuple[str, list[Any]]] = [
    *[(name, ["boolean"]) for name in ("not",)],
    *[("is defined", [kind]) for kind in POOLS],
    *[("get or else", ["null", kind]) for kind in POOLS],
    *[("string", [kind]) for kind in POOLS],
    *[("to json", [kind]) for kind in POOLS],
    ("assert", ["number", "boolean"]),
    ("assert", ["string", "boolean", "string"]),
    *[(name, ["string"]) for name in ("string length", "upper case", "lower case", "trim", "is blank", "to base64")],
    *[(name, ["string"]) for name in ("number", "duration", "date", "time", "date and time", "from json")],
    ("substring", ["string", ["1", "2", "-1", "3", "0"]]),
    ("substring", ["string", ["1", "2", "-2"], ["0", "1", "2", "5"]]),
    *[(name, ["string", "string"]) for name in ("substring before", "substring after", "contains", "starts with")],
    *[(name, ["string", "string"]) for name in ("ends with", "matches", "split", "extract")],
    ("matches", ["string", "string", ['"i"', '"x"', '"s"', '""']]),
    ("replace", ["string", "string", "string"]),
    ("replace", ["string", "string", "string", ['"i"', '"m"', '""']]),
    ("number", ["string", ['","', '" "', '"."', '"-"', "null"]]),
    ("number", ["string", ['","', '" "', '"."', "null"], ['","', '"."', '" "', "null"]]),
    *[(name, ["list"]) for name in ("count", "min", "max", "sum", "product", "mean", "median", "stddev", "mode")],
    *[(name, ["number", "number", "number"]) for name in ("min", "max", "sum", "product", "mean", "median", "mode")],
    *[(name, ["list"]) for name in ("all", "any", "and", "or", "reverse", "flatten", "is empty", "distinct values")],
    *[(name, ["boolean", "boolean"]) for name in ("all", "any", "and", "or")],
    *[(name, ["list"]) for name in ("duplicate values", "string join", "context", "context merge", "union")],
    *[
        (name, ["list", kind])
        for name in ("list contains", "index of")
        for kind in ("number", "string", "context", "null")
    ],
    *[(name, ["list", ["1", "2", "-1", "3", "0", "9", "-9"]]) for name in ("sublist", "remove", "partition")],
    ("sublist", ["list", ["1", "2", "-2"], ["0", "1", "2", "9"]]),
    *[(name, ["list", "list"]) for name in ("concatenate", "union", "append")],
    ("append", ["list", "number", "null"]),
    ("concatenate", ["list", "number"]),
    ("insert before", ["list", ["1", "2", "-1", "9", "0"], "number"]),
    ("string join", ["list", "string"]),
    ("string join", ["list", ['","', "null"], ['"<"', "null"], ['">"', "null"]]),
    ("sort", ["list", "function"]),
    *[(name, ["number"]) for name in ("floor", "ceiling", "abs", "sqrt", "log", "exp", "odd", "even")],
    *[
        (name, ["number", ["0", "1", "2", "-1", "5"]])
        for name in ("floor", "ceiling", "decimal", "round up", "round down")
    ],
    *[(name, ["number", ["0", "1", "2", "-1"]]) for name in ("round half up", "round half down")],
    ("decimal", ["number", ["0", "1", "2"], ['"HALF_UP"', '"ceiling"', '"nope"', '"UNNECESSARY"', '"half_down"']]),
    ("modulo", ["number", "number"]),
    ("abs", ["duration"]),
    ("abs", ["months"]),
    ("get entries", ["context"]),
    ("get value", ["context", ['"a"', '"total"', '"name"', '["c", "d"]', '["a b"]', "[]"]]),
    ("context put", ["context", ['"a"', '["x", "y"]', '["a", "y"]', "[]"], "number"]),
    ("context merge", ["context", "context"]),
    ("put all", ["context", "context"]),
    *[
        (name, ["date"])
        for name in ("day of week", "day of year", "month of year", "week of year", "last day of month")
    ],
    *[(name, ["moment"]) for name in ("day of week", "week of year", "last day of month", "date", "time")],
    ("time", ["date"]),
    ("date and time", ["date", "time"]),
    ("date and time", ["moment", "time"]),
    ("date and time", ["moment", ['"Europe/Berlin"', '"Z"', '"+02:00"', '"Asia/Kolkata"']]),
    ("date", ["number", "number", "number"]),
    ("years and months duration", ["date", "date"]),
    ("years and months duration", ["moment", "moment"]),
    *[
        (name, pair)
        for name in (
            *("before", "after", "meets", "met by", "overlaps", "overlaps before", "overlaps after", "finishes"),
            *("finished by", "includes", "during", "starts", "started by", "coincides"),
        )
        for pair in (
            ["range", "range"],
            ["number", "range"],
            ["range", "number"],
            ["number", "number"],
            ["date", "range"],
        )
    ],
]
PROPERTIES = [
    "year",
    "month",
    "day",
    "weekday",
    "hour",
    "minute",
    "second",
    "time offset",
    "timezone",
    "years",
    "months",
]
PROPERTIES += ["days", "hours", "minutes", "seconds", "name", "age", "total", "a", "nothing"]
TYPES = ["number", "string", "boolean", "date", "time", "date and time", "days and time duration", "list", "context"]
TYPES += ["years and months duration", "function", "Any", "null", "day-time-duration", "range"]
IN_TIME = ["date", "time", "moment", "months", "duration"]
WORDS = [
    *(
        "x",
        "xs",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "not",
        "between",
    ),
    *(
        "instance",
        "of",
        "function",
        "null",
        "true",
        "order",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        ".",
        "..",
        "=",
        "!=",
    ),
    *(
        "<",
        "<=",
        "+",
        "-",
        "*",
        "/",
        "**",
        "1",
        "2.5",
        '"a"',
        "@",
        '@"P1D"',
        "?",
        "`a b`",
        "date and time",
        "count",
        "==",
    ),
    *("android", "orb", "inner", "/* c */", "// c\n", "time offset", "|", "1e3", "\u00e4", "_a", "$b", "a-b"),
]


class Generator:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def _one(self, items: Any) -> Any:
        return self._random.choice(items)

    def _made(self, ways: Sequence[Callable[[], str]]) -> str:
        """In one of several ways."""
        return self._random.choice(ways)()

    def of(self, kind: Any, depth: int = 2) -> str:
        """An expression that is likely of a kind."""
        if isinstance(kind, list):
            return str(self._one(kind))
        if self._random.random() < 0.06:
            kind = self._one(list(POOLS))
        if depth <= 0 or self._random.random() < 0.45:
            return str(self._one(POOLS[kind]))
        return self._built(kind, depth - 1)

    def _built(self, kind: str, depth: int) -> str:
        match kind:
            case "number":
                return self._made(
                    [
                        lambda: f"{self.of(kind, depth)} {self._one('+-*/')} {self.of(kind, depth)}",
                        lambda: f"({self.of(kind, depth)} {self._one('+-*/')} {self.of(kind, depth)})",
                        lambda: f"{self.of(kind, depth)} ** {self._one(['0', '1', '2', '3', '-1', '0.5', '-2'])}",
                        lambda: f"-{self.of(kind, 0)}",
                        lambda: (
                            f"if {self.of('boolean', depth)} then {self.of(kind, depth)} else {self.of(kind, depth)}"
                        ),
                        lambda: f"({self.of(self._one(IN_TIME), depth)}).{self._one(PROPERTIES)}",
                        lambda: (
                            f"{self.of(self._one(['months', 'duration']))} / "
                            f"{self.of(self._one(['months', 'duration']))}"
                        ),
                    ]
                )
            case "string":
                return f"{self.of(kind, depth)} + {self.of(kind, depth)}"
            case "boolean":
                return self._truth(depth)
            case "list":
                return self._list(depth)
            case "context":
                return f"{{a: {self.any(depth)}, b: {self.any(depth)}, c: a}}"
            case "range":
                return f"[{self.of('number', depth)}..{self.of('number', depth)}]"
            case "function":
                return f"function(x, y) {self._one(['x', 'y', 'x = y', 'x.age < y.age', 'y < x', 'null'])}"
            case "null":
                return self.any(depth)
        other = self._one(["duration", "months", *IN_TIME])
        sign = self._one(["+", "-", "+", "-", "*", "/"])
        return f"{self.of(kind, depth)} {sign} {self.of(other if sign in '+-' else 'number', depth)}"

    def _truth(self, depth: int) -> str:
        kind = self._one(["number", "number", "string", *IN_TIME, "list", "context", "boolean"])
        left, right = self.of(kind, depth), self.of(kind, depth)
        return self._made(
            [
                lambda: f"{left} {self._one(['=', '!=', '<', '<=', '>', '>='])} {right}",
                lambda: f"({left} {self._one(['=', '!='])} {right})",
                lambda: f"{left} between {self.of(kind, 0)} and {right}",
                lambda: f"{left} in ({right}, {self.of(kind, 0)})",
                lambda: f"{left} in {self._one(['<', '<=', '>', '>='])} {self.of(kind, 0)}",
                lambda: f"{left} in [{self.of(kind, 0)}..{right}]",
                lambda: f"{left} in {self.of('list', depth)}",
                lambda: f"{self.of('boolean', depth)} and {self.of('boolean', depth)}",
                lambda: f"{self.of('boolean', depth)} or {self.of('boolean', depth)}",
                lambda: f"{self._one(['some', 'every'])} x in {self.of('list', 0)} satisfies {self._about('x')}",
                lambda: f"{left} instance of {self._one(TYPES)}",
            ]
        )

    def _about(self, name: str) -> str:
        return str(
            self._one(
                [
                    f"{name} > 1",
                    f"{name} = 2",
                    f"{name}.age > 15",
                    name,
                    f"{name} != null",
                    f"is defined({name})",
                    "null",
                ]
            )
        )

    def _list(self, depth: int) -> str:
        return self._made(
            [
                lambda: f"[{', '.join(self.any(depth) for _ in range(self._random.randrange(4)))}]",
                lambda: f"{self.of('list', 0)}[{self._about('item')}]",
                lambda: f"{self.of('list', 0)}[{self._one(['1', '-1', 'i', '2', '9', '0', 'age > 15', 'i - 6'])}]",
                lambda: f"for x in {self.of('list', 0)} return {self._one(['x', 'x + 1', '[x, partial]', 'x.name'])}",
                lambda: (
                    f"for x in {self._one(['1', '0.5', '5', 'n', 'f', '-3'])}.."
                    f"{self._one(['3', '-2', 'i', 'null'])} return x"
                ),
                lambda: f"for x in {self.of('list', 0)}, y in {self.of('list', 0)} return x = y",
                lambda: f"({self.of('list', depth)}).{self._one(PROPERTIES)}",
            ]
        )

    def any(self, depth: int = 2) -> str:
        if self._random.random() < 0.5:
            name, kinds = self._one(CALLS)
            return f"{name}({', '.join(self.of(kind, depth - 1) for kind in kinds)})"
        return self.of(self._one(list(POOLS)), depth)

    def call(self, at: int) -> str:
        """Each function in turn."""
        name, kinds = CALLS[at % len(CALLS)]
        return f"{name}({', '.join(self.of(kind, 1) for kind in kinds)})"

    def soup(self) -> str:
        """Words in any order, which mostly are no expression."""
        return " ".join(self._one(WORDS) for _ in range(self._random.randrange(1, 8)))

    def tests(self) -> tuple[str, Any]:
        """A cell of a table, and an input."""
        kind = self._one(["number", "string", "boolean", "date"])
        single = [
            lambda: self.of(kind, 1),
            lambda: f"{self._one(['<', '<=', '>', '>='])} {self.of(kind, 0)}",
            lambda: f"{self._one('[](')}{self.of(kind, 0)}..{self.of(kind, 0)}{self._one('[])')}",
            lambda: self._one(["? > 5", "? = null", 'contains(?, "o")', "count(?) > 1", "? in xs", "null", "xs"]),
        ]
        cell = ", ".join(self._one(single)() for _ in range(self._one([1, 1, 2, 3])))
        cell = self._one([cell, cell, cell, f"not({cell})", "-"])
        return cell, self._one([0, 1, 7, 2.5, "foo bar", "a", True, False, None, [1, 2], {"a": 1}, "2026-01-31"])


def lines() -> list[dict[str, Any]]:
    generator = Generator(SEED)
    calls = [generator.call(at) for at in range(COUNT // 2)]
    others = [generator.any() for _ in range(COUNT // 2)]
    soups = [generator.soup() for _ in range(SOUPS)]
    expressions = dict.fromkeys([*calls, *others, *soups])
    cells = [generator.tests() for _ in range(TESTS)]
    return [{"text": text} for text in expressions] + [{"text": text, "input": tested} for text, tested in cells]
