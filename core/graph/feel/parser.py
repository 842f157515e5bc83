"""From a text to a function of the variables, by recursive descent."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.graph.feel.budget import ExpressionError, size
from core.graph.feel.functions import FUNCTIONS, OF_NOW, call, member
from core.graph.feel.scope import Expression, Scope, any_of, both, each, either, filtered, is_of, range_of, within
from core.graph.feel.values import calculate, compare, date_and_time, duration, number

MAX_LENGTH = 10_000
MAX_DEPTH = 64

_TOKEN = re.compile(
    r"\s+|//[^\n]*|/\*.*?\*/"
    r"|(?P<number>\d+(?:\.(?=\d)\d+)?(?:[eE][+-]?\d{1,3})?|\.\d+)|(?P<string>\"(?:[^\"\\]|\\.)*\")|`(?P<quoted>[^`]+)`"
    r"|(?P<name>[^\W\d]\w*)|(?P<op>\*\*|\.\.|==|!=|<=|>=|->|[=<>+\-*/().,:\[\]{}@?])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_CONSTANTS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(
    ("if", "then", "else", "for", "return", "some", "every", "satisfies", "in", "and", "or", "between")
)
_TYPES = (
    *("string", "number", "boolean", "list", "context", "date and time", "days and time duration"),
    *("years and months duration", "date", "time", "null", "Any"),
)
_COMPARISONS = ("=", "==", "!=", "<", "<=", ">", ">=")
#: words of the functions, the longest names first
_NAMES = sorted((tuple(name.split()) for name in (*FUNCTIONS, *OF_NOW)), key=len, reverse=True)


def _literal(text: str) -> Any:
    """A date, a time or a duration behind an @."""
    for read in (date_and_time, lambda t: FUNCTIONS["date"](t), lambda t: FUNCTIONS["time"](t), duration):
        value = read(text)
        if value is not None:
            return value
    raise ExpressionError(f"@{text!r} is no date, time or duration")


class Parser:
    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"longer than {MAX_LENGTH} characters")
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ExpressionError(f"cannot read {text[at : at + 20]!r}")
            if match.lastgroup:
                self._tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        self._at = 0
        self._depth = 0

    def parse(self) -> Expression:
        expression = self._expression()
        if self._at < len(self._tokens):
            raise ExpressionError(f"unexpected {self._tokens[self._at][1]!r}")
        return expression

    # tokens

    def _peek(self, ahead: int = 0) -> str:
        """The next word or sign; texts and quoted names are neither."""
        at = self._at + ahead
        if at >= len(self._tokens) or self._tokens[at][0] in ("string", "quoted"):
            return ""
        return self._tokens[at][1]

    def _accept(self, *words: str) -> str:
        word = self._peek()
        if word and word in words:
            self._at += 1
            return word
        return ""

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            token = self._tokens[self._at][1] if self._at < len(self._tokens) else "the end"
            raise ExpressionError(f"expected {word!r}, found {token!r}")

    def _name(self) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at][0] in ("name", "quoted"):
            kind, text = self._tokens[self._at]
            if kind == "quoted" or text not in _RESERVED:
                self._at += 1
                return text
        raise ExpressionError("expected a name")

    # rules, the loosest first

    def _expression(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH}")
        try:
            if self._accept("if"):
                return self._if()
            if self._peek() == "for":
                return self._for()
            if self._peek() in ("some", "every") and self._peek(1) != "(":
                return self._quantified()
            if self._peek() == "function":
                raise ExpressionError("functions of one's own are not supported")
            return self._disjunction()
        finally:
            self._depth -= 1

    def _if(self) -> Expression:
        condition = self._expression()
        self._expect("then")
        yes = self._expression()
        self._expect("else")
        no = self._expression()
        return lambda s: yes(s) if condition(s) is True else no(s)

    def _domains(self) -> list[tuple[str, Expression]]:
        domains = []
        while True:
            name = self._name()
            self._expect("in")
            low = self._expression()
            if self._accept(".."):
                low = range_of(low, self._expression(), True, True)
            domains.append((name, low))
            if not self._accept(","):
                return domains

    def _for(self) -> Expression:
        self._expect("for")
        domains = self._domains()
        self._expect("return")
        result = self._expression()
        return lambda s: [result(inner) for inner in each(s, domains)]

    def _quantified(self) -> Expression:
        some = self._accept("some", "every") == "some"
        domains = self._domains()
        self._expect("satisfies")
        test = self._expression()
        if some:
            return lambda s: any(test(inner) is True for inner in each(s, domains))
        return lambda s: all(test(inner) is True for inner in each(s, domains))

    def _disjunction(self) -> Expression:
        left = self._conjunction()
        while self._accept("or"):
            left = (lambda a, b: lambda s: True if (v := a(s)) is True else either(v, b(s)))(left, self._conjunction())
        return left

    def _conjunction(self) -> Expression:
        left = self._negation()
        while self._accept("and"):
            left = (lambda a, b: lambda s: False if (v := a(s)) is False else both(v, b(s)))(left, self._negation())
        return left

    def _negation(self) -> Expression:
        if self._peek() == "not" and self._peek(1) != "(":
            self._at += 1
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise ExpressionError(f"nested deeper than {MAX_DEPTH}")
            inner = self._negation()
            self._depth -= 1
            return lambda s: inner(s) is not True
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        while True:
            if op := self._accept(*_COMPARISONS):
                left = (lambda o, a, b: lambda s: compare(o, a(s), b(s), s.budget))(op, left, self._sum())
            elif self._accept("between"):
                left = self._between(left)
            elif self._accept("in"):
                left = (lambda a, tests: lambda s: tests(s, a(s)))(left, self._tests())
            elif self._peek() == "instance" and self._peek(1) == "of":
                self._at += 2
                left = (lambda a, kind: lambda s: is_of(a(s), kind))(left, self._type())
            else:
                return left

    def _between(self, value: Expression) -> Expression:
        low = self._sum()
        self._expect("and")
        high = self._sum()
        return lambda s: both(compare(">=", v := value(s), low(s), s.budget), compare("<=", v, high(s), s.budget))

    def _tests(self) -> Callable[[Scope, Any], bool | None]:
        """What stands behind `in`: one test, or several in parentheses."""
        start = self._at
        if self._accept("("):
            tests = [self._test()]
            while self._accept(","):
                tests.append(self._test())
            if self._accept(")"):
                return lambda s, value: any_of(tests, s, value)
            self._at = start  # the parenthesis begins a range
        return self._test()

    def _test(self) -> Callable[[Scope, Any], bool | None]:
        if op := self._accept("<", "<=", ">", ">=", "=", "!="):
            bound = self._sum()
            return lambda s, value: compare(op, value, bound(s), s.budget)
        operand = self._sum()
        return lambda s, value: within(value, operand(s), s.budget)

    def _type(self) -> str:
        for name in _TYPES:
            words = name.split()
            if all(self._peek(n) == word for n, word in enumerate(words)):
                self._at += len(words)
                return name
        raise ExpressionError("expected a type")

    def _sum(self) -> Expression:
        left = self._product()
        while op := self._accept("+", "-"):
            left = (lambda o, a, b: lambda s: _added(s, o, a(s), b(s)))(op, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._power()
        while op := self._accept("*", "/"):
            left = (lambda o, a, b: lambda s: calculate(o, a(s), b(s)))(op, left, self._power())
        return left

    def _power(self) -> Expression:
        left = self._sign()
        while self._accept("**"):
            left = (lambda a, b: lambda s: calculate("**", a(s), b(s)))(left, self._sign())
        return left

    def _sign(self) -> Expression:
        minus = 0
        while self._accept("-"):
            minus += 1
        operand = self._postfix()
        return operand if minus % 2 == 0 else lambda s: calculate("*", -1, operand(s))

    def _postfix(self) -> Expression:
        value = self._primary()
        while True:
            if self._accept("."):
                value = (lambda a, name: lambda s: member(a(s), name, s.budget))(value, self._part())
            elif self._accept("["):
                test = self._expression()
                self._expect("]")
                value = (lambda a, t: lambda s: filtered(s, a(s), t))(value, test)
            else:
                return value

    def _part(self) -> str:
        if self._peek() == "time" and self._peek(1) == "offset":
            self._at += 2
            return "time offset"
        if self._at < len(self._tokens) and self._tokens[self._at][0] in ("name", "quoted"):
            self._at += 1
            return self._tokens[self._at - 1][1]
        raise ExpressionError("expected a name behind the dot")

    def _primary(self) -> Expression:
        if self._at >= len(self._tokens):
            raise ExpressionError("unexpected end")
        kind, text = self._tokens[self._at]
        if kind == "number":
            self._at += 1
            constant = _number(text)
            return lambda s: constant
        if kind == "string":
            self._at += 1
            string = _unescaped(text)
            return lambda s: string
        if kind in ("name", "quoted"):
            return self._named(kind, text)
        self._at += 1
        match text:
            case "(":
                return self._parenthesis()
            case "[":
                return self._list()
            case "]":
                return self._range(self._expression(), False)
            case "{":
                return self._context()
            case "@":
                return self._temporal()
        raise ExpressionError(f"unexpected {text!r}")

    def _temporal(self) -> Expression:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != "string":
            raise ExpressionError("expected a text behind @")
        self._at += 1
        value = _literal(_unescaped(self._tokens[self._at - 1][1]))
        return lambda s: value

    def _named(self, kind: str, text: str) -> Expression:
        if kind == "name":
            for words in _NAMES:
                if self._peek(len(words)) == "(" and all(self._peek(n) == word for n, word in enumerate(words)):
                    self._at += len(words) + 1
                    return self._call(" ".join(words))
            if text in _CONSTANTS:
                self._at += 1
                constant = _CONSTANTS[text]
                return lambda s: constant
            if text in _RESERVED:
                raise ExpressionError(f"unexpected {text!r}")
            if self._peek(1) == "(":
                raise ExpressionError(f"there is no function {text!r}")
        self._at += 1
        return lambda s: s.variables.get(text)

    def _call(self, name: str) -> Expression:
        arguments: list[Expression] = []
        while not self._accept(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._expression())
            if self._peek() == ":":
                raise ExpressionError("named arguments are not supported")
        if name in OF_NOW:
            if arguments:
                raise ExpressionError(f"{name} takes no arguments")
            of_now = OF_NOW[name]
            return lambda s: of_now(datetime.fromtimestamp(s.now / 1000, UTC))
        return lambda s: call(name, [argument(s) for argument in arguments], s.budget)

    def _parenthesis(self) -> Expression:
        inner = self._expression()
        if self._peek() == "..":
            return self._range(inner, False)
        self._expect(")")
        return inner

    def _range(self, low: Expression, with_low: bool) -> Expression:
        self._expect("..")
        high = self._expression()
        end = self._accept("]", ")", "[")
        if not end:
            raise ExpressionError("expected the end of a range")
        return range_of(low, high, with_low, end == "]")

    def _list(self) -> Expression:
        items: list[Expression] = []
        while not self._accept("]"):
            if items:
                self._expect(",")
            items.append(self._expression())
            if len(items) == 1 and self._peek() == "..":
                return self._range(items[0], True)
        return lambda s: [item(s) for item in items]

    def _context(self) -> Expression:
        entries: list[tuple[str, Expression]] = []
        while not self._accept("}"):
            if entries:
                self._expect(",")
            kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
            if kind not in ("string", "name", "quoted"):
                raise ExpressionError("expected the name of an entry")
            self._at += 1
            self._expect(":")
            entries.append((_unescaped(text) if kind == "string" else text, self._expression()))

        def build(s: Scope) -> dict[str, Any]:
            """An entry sees those before it."""
            built: dict[str, Any] = {}
            for name, value in entries:
                built[name] = value(s.inner(built) if built else s)
            return built

        return build


def _number(text: str) -> int | float:
    value = number(Decimal(text))
    if value is None:
        raise ExpressionError(f"{text} is too large")
    return value


def _added(scope: Scope, op: str, left: Any, right: Any) -> Any:
    value = calculate(op, left, right)
    if isinstance(value, str):
        scope.budget.spend(size(value))
    return value


def _unescaped(text: str) -> str:
    r"""The text of a literal. Two escapes `\uD83D\uDE00` are one character; half of such a pair is none."""
    text = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _ESCAPED.get(m[2], m[2]), text[1:-1])
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
