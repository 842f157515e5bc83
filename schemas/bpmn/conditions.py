"""Conditions of other products as FEEL: comparisons of variables with texts and numbers, joined by and, or, not.

What is more than that (calls, arithmetic, members of lists) is not translated, and says so.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

#: of a condition, in characters, and of brackets and negations in each other
LONGEST, DEEPEST = 2000, 30

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<variable>@[@#%=][A-Za-z_]\w*) |
    (?P<text>'[^'\\]*' | "[^"\\$]*") |
    (?P<number>-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![\w.])) |
    (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*) |
    (?P<sign>===|!==|==|!=|<>|<=|>=|&&|\|\||[<>!()])
    )""",
    re.VERBOSE | re.ASCII,
)
_NAME_IN_BRACES = re.compile(r"\s*[$#]\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\s*", re.ASCII)
_COMPARED = {"===": "=", "==": "=", "!==": "!=", "<>": "!=", "eq": "=", "ne": "!=", "lt": "<", "gt": ">", "le": "<=",
             "ge": ">=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}  # fmt: skip
_TURNED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
#: what no variable of FEEL can be called
RESERVED = frozenset(("null", "true", "false", "function", "in", "return", "then", "else", "satisfies", "and", "or"))
_CONSTANTS = ("true", "false", "null")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class NotTranslated(ValueError):
    """What of a condition has no counterpart."""


@dataclass(frozen=True, slots=True)
class Operand:
    """`kind` is variable, text, number or constant; `text` is the name or the value."""

    kind: str
    text: str


Compare = Callable[[Operand, str, Operand], str]
Truth = Callable[[Operand], str]


def of_php(text: str) -> str:
    """A condition of ProcessMaker 3: PHP, with variables as `@@name`. A variable that there is not is an empty text, as
    it is there. Raises NotTranslated."""
    return _Reader(text, _php_comparison, _php_truth, marked=True).read()


def of_el(text: str) -> str:
    """An expression as it is written in `${...}` or `#{...}`, with the braces or without. Raises NotTranslated."""
    braces = re.fullmatch(r"\s*[$#]\{(.*)\}\s*", text, re.DOTALL)
    return _Reader(braces[1] if braces else text, _el_comparison, _el_truth, marked=False).read()


def name_in_braces(text: str) -> str:
    """The variable in `${name}` or `#{name}`, with its members. Raises NotTranslated."""
    inside = _NAME_IN_BRACES.fullmatch(text)
    if inside is None:
        raise NotTranslated("it is more than a variable")
    return inside[1]


class _Reader:
    """Reads a condition from left to right."""

    def __init__(self, text: str, compare: Compare, truth: Truth, *, marked: bool) -> None:
        """`marked`: variables have a sign in front, and other names are none."""
        if len(text) > LONGEST:
            raise NotTranslated("it is too long")
        self.compare, self.truth, self.marked = compare, truth, marked
        self.tokens: list[tuple[str, str]] = []
        self.at = self.depth = 0
        position, text = 0, text.strip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise NotTranslated(f"cannot read {text[position : position + 20]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    def read(self) -> str:
        condition = self._either()
        if self.at < len(self.tokens):
            raise NotTranslated(f"cannot read {self.tokens[self.at][1]!r}")
        return condition

    def _next_is(self, *words: str) -> bool:
        """Then it is read."""
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind in ("sign", "name") and text.lower() in words:
                self.at += 1
                return True
        return False

    def _either(self) -> str:
        parts = [self._both()]
        while self._next_is("||", "or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"

    def _both(self) -> str:
        parts = [self._one()]
        while self._next_is("&&", "and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"

    def _one(self) -> str:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotTranslated("it is nested too deep")
        try:
            if self._next_is("!", "not"):
                return f"not(({self._one()}) = true)"
            if self._next_is("("):
                inner = self._either()
                if not self._next_is(")"):
                    raise NotTranslated("a bracket is not closed")
                return inner
            if not self.marked and self._next_is("empty"):
                name = self._operand()
                return f'({name.text} = null or {name.text} = "")'
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> str:
        left = self._operand()
        sign = self._sign()
        if not sign:
            return self.truth(left)
        right = self._operand()
        if left.kind != "variable" and right.kind == "variable":
            left, sign, right = right, _TURNED[sign], left
        if left.kind != "variable" and left.kind != right.kind:
            raise NotTranslated("it compares values of different kinds")
        return self.compare(left, sign, right)

    def _sign(self) -> str:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind in ("sign", "name") and text.lower() in _COMPARED:
                self.at += 1
                return _COMPARED[text.lower()]
        return ""

    def _operand(self) -> Operand:
        if self.at == len(self.tokens):
            raise NotTranslated("something is missing at its end")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "variable" and self.marked:
            return _variable(text[2:])
        if kind == "text":
            return Operand("text", text[1:-1])
        if kind == "number":
            return Operand("number", f"0{text}" if text.startswith(".") else text)
        if kind == "name" and text.lower() in _CONSTANTS:
            return Operand("constant", text.lower())
        called = self.at < len(self.tokens) and self.tokens[self.at][1] == "("
        if kind == "name" and not self.marked and not called:
            return _variable(text)
        raise NotTranslated(f"cannot read {text!r}")


def _variable(name: str) -> Operand:
    if not RESERVED.isdisjoint(name.split(".")):
        raise NotTranslated(f"FEEL has no variable {name!r}")
    return Operand("variable", name)


def _literal(value: Operand) -> str:
    return json.dumps(value.text, ensure_ascii=False) if value.kind == "text" else value.text


# ProcessMaker's variables are texts when they are compared, whatever they are in a case


def _nothing(name: str) -> str:
    return f'{name} = null or {name} = false or string({name}) = ""'


def _php_truth(value: Operand) -> str:
    if value.kind == "variable":
        return f'not(({_nothing(value.text)} or string({value.text}) = "0") = true)'
    if value.kind == "text":
        return "false" if value.text in ("", "0") else "true"
    if value.kind == "number":
        return "true" if float(value.text) else "false"
    return "true" if value.text == "true" else "false"


def _php_comparison(left: Operand, sign: str, right: Operand) -> str:
    if sign == "!=":
        return f"not(({_php_comparison(left, '=', right)}) = true)"
    if left.kind != "variable":
        return f"{_literal(left)} {sign} {_literal(right)}"
    if sign == "=":
        return f"({_php_equal(left.text, right)})"
    if right.kind == "variable":
        return f"{_php_number(left.text)} {sign} {_php_number(right.text)}"
    if right.kind == "number" or _NUMBER.fullmatch(right.text):
        return f"{_php_number(left.text)} {sign} {right.text}"
    if right.kind == "constant":
        raise NotTranslated(f"cannot compare with {right.text}")
    return f"string({left.text}) {sign} {_literal(right)}"


def _php_number(name: str) -> str:
    return f"(if {_nothing(name)} then 0 else if {name} = true then 1 else number(string({name})))"


def _php_equal(name: str, right: Operand) -> str:
    if right.kind == "variable":
        return f"string({name}) = string({right.text})"
    if right.kind == "constant":
        return _nothing(name) if right.text == "null" else f"{_php_truth(Operand('variable', name))} = {right.text}"
    if right.text == "":
        return _nothing(name)
    if right.kind == "text" and not _NUMBER.fullmatch(right.text):
        return f"string({name}) = {_literal(right)}"
    if right.kind == "text" and float(right.text) == 0:  # what is not there is no "0"
        return f"{_php_number(name)} = 0 and not(({_nothing(name)}) = true)"
    return f"{_php_number(name)} = {right.text}"


def _el_truth(value: Operand) -> str:
    if value.kind in ("text", "number"):
        raise NotTranslated(f"{value.text!r} is no condition")
    return f"{value.text} = true" if value.kind == "variable" else value.text


def _el_comparison(left: Operand, sign: str, right: Operand) -> str:
    return f"{_literal(left)} {sign} {_literal(right)}"
