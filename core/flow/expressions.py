"""The small expression language of conditions and computed attributes.

Literals (numbers, "strings", true, false, null, [lists]), variables (`order.total`), comparison (= == != < <= > >=),
`and`, `or`, `not`, arithmetic (+ - * /) and parentheses. A comparison of values that cannot be compared is null, and
only true is true.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any

Variables = Mapping[str, Any]
Expression = Callable[[Variables], Any]

MAX_LENGTH = 10_000
MAX_DEPTH = 64

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<string>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[^\W\d][\w.]*)|(?P<op>==|!=|<=|>=|[=<>+\-*/()\[\],]))"
)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """The text is not an expression of this language."""


def _compare(op: str, left: Any, right: Any) -> bool | None:
    if op in ("=", "=="):
        return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)
    if op == "!=":
        return not _compare("=", left, right)
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return None
    return _ORDER[op](left, right)


def _calculate(op: str, left: Any, right: Any) -> Any:
    if op == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (left, right)):
        return None
    if op == "/":
        return left / right if right else None
    return left + right if op == "+" else left - right if op == "-" else left * right


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        stripped = text.rstrip()
        while at < len(stripped):
            match = _TOKEN.match(stripped, at)
            if match is None:
                raise ExpressionError(f"cannot read {stripped[at : at + 20]!r}")
            kind = match.lastgroup or ""
            self._tokens.append((kind, match.group(kind)))
            at = match.end()
        self._at = 0
        self._depth = 0

    def parse(self) -> Expression:
        expression = self._either()
        if self._at < len(self._tokens):
            raise ExpressionError(f"unexpected {self._tokens[self._at][1]!r}")
        return expression

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _accept(self, *words: str) -> str:
        word = self._peek()
        if word in words and self._tokens[self._at][0] != "string":
            self._at += 1
            return word
        return ""

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise ExpressionError(f"expected {word!r}, found {self._peek()!r}")

    def _either(self) -> Expression:
        left = self._both()
        while self._accept("or"):
            left = (lambda a, b: lambda v: a(v) is True or b(v) is True)(left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._negation()
        while self._accept("and"):
            left = (lambda a, b: lambda v: a(v) is True and b(v) is True)(left, self._negation())
        return left

    def _negation(self) -> Expression:
        if self._accept("not"):
            inner = self._nested(self._negation)
            return lambda v: inner(v) is not True
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        op = self._accept("=", "==", "!=", "<", "<=", ">", ">=")
        if not op:
            return left
        right = self._sum()
        return lambda v: _compare(op, left(v), right(v))

    def _sum(self) -> Expression:
        left = self._product()
        while op := self._accept("+", "-"):
            left = (lambda o, a, b: lambda v: _calculate(o, a(v), b(v)))(op, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._value()
        while op := self._accept("*", "/"):
            left = (lambda o, a, b: lambda v: _calculate(o, a(v), b(v)))(op, left, self._value())
        return left

    def _nested(self, rule: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH}")
        inner = rule()
        self._depth -= 1
        return inner

    def _value(self) -> Expression:
        if self._at >= len(self._tokens):
            raise ExpressionError("unexpected end")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            number: float | int = float(text) if "." in text else int(text)
            return lambda v: number
        if kind == "string":
            string = re.sub(r"\\(.)", r"\1", text[1:-1])
            return lambda v: string
        if kind == "name":
            return self._name(text)
        if text == "(":
            inner = self._nested(self._either)
            self._expect(")")
            return inner
        if text == "-":
            operand = self._nested(self._value)
            return lambda v: _calculate("-", 0, operand(v))
        if text == "[":
            return self._list()
        raise ExpressionError(f"unexpected {text!r}")

    def _name(self, text: str) -> Expression:
        if text in _CONSTANTS:
            constant = _CONSTANTS[text]
            return lambda v: constant
        path = text.split(".")

        def look_up(variables: Variables) -> Any:
            value: Any = variables
            for step in path:
                value = value.get(step) if isinstance(value, Mapping) else None
            return value

        return look_up

    def _list(self) -> Expression:
        items: list[Expression] = []
        while not self._accept("]"):
            if items:
                self._expect(",")
            items.append(self._nested(self._either))
        return lambda v: [item(v) for item in items]


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The expression as a function of the variables. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters")
    return _Parser(text).parse()


def evaluate(text: str, variables: Variables) -> Any:
    return parse(text)(variables)


def attribute(text: str, variables: Variables) -> Any:
    """An attribute that is an expression if it starts with `=`, else itself."""
    return evaluate(text[1:], variables) if text.startswith("=") else text
