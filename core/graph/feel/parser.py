"""From a text to what it is made of, by recursive descent.

The alternatives of the grammar are tried in its order, and the first that can be read is taken, whatever follows; words
end where the next thing begins. What was read at a place is kept, so that a text is read in a time that grows with its
length alone.
"""

import re
from collections.abc import Callable
from typing import Any

from core.graph.feel import syntax
from core.graph.feel.budget import ExpressionError
from core.graph.feel.literals import literal, number, unescaped
from core.graph.feel.messages import unreadable
from core.graph.feel.names import word
from core.graph.feel.reader import MAX_DEPTH, Read, Reader
from core.graph.feel.syntax import Node

_STRING = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_SCIENTIFIC = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_ENTRY_NAME = re.compile(r'[^"{}:,\[\]`]')
_COMPARISON = re.compile(r"<=|>=|<|>|!=|=")
_BOUND = re.compile(r"<=|>=|<|>")
_TEMPORAL = ("duration", "date and time", "date", "time")
_TYPES = ("years and months duration", "days and time duration", "date and time", "function")
_EXTERNAL = (
    "External functions are disabled. Use the FunctionProvider SPI (recommended) or enable external function in the "
    "configuration."
)
#: functions that have a reserved word in their name
_FUNCTIONS = ("and", "or", "date and time", "years and months duration", "get or else")


class Parser(Reader):
    """`lenient` reads what this program took before it read as others do: `==`, `not x`, `1e3`."""

    def expression(self) -> Node:
        """Raises ExpressionError."""
        return self._whole(self._expression)

    def tests(self) -> Node:
        """The tests of a cell: `< 5, [7..9]`, `not("a")`, `-`. Raises ExpressionError."""
        return self._whole(self._unary_tests)

    def _whole(self, rule: Callable[[int], Read[Node]]) -> Node:
        start = self._skip(0)
        try:
            read = rule(start)
        except RecursionError:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH}") from None
        if read is None:
            raise ExpressionError(unreadable(self._text, start, None, self._readable))
        end = self._skip(read[0])
        if end < len(self._text):
            raise ExpressionError(unreadable(self._text, end, read[1], self._readable))
        return read[1]

    def _readable(self, at: int) -> bool:
        return self._expression(at) is not None

    # rules, the loosest first

    def _expression(self, at: int) -> Read[Node]:
        return self._remembered("expression", at, self._any_expression)

    def _any_expression(self, at: int) -> Read[Node]:
        text = self._text
        if text.startswith("if", at) and (read := self._if(at)):
            return read
        if text.startswith("for", at) and (read := self._for(at)):
            return read
        if text.startswith(("some", "every"), at) and (read := self._quantified(at)):
            return read
        return self._disjunction(at)

    def _if(self, at: int) -> Read[Node]:
        parts = []
        for keyword in ("if", "then", "else"):
            at = self._sign(at, keyword)
            if at < 0 or (read := self._expression(self._skip(at))) is None:
                return None
            at = read[0]
            parts.append(read[1])
        return at, syntax.If(*parts)

    def _for(self, at: int) -> Read[Node]:
        head = self._iterating(at + len("for"), "return")
        return head and (head[0], syntax.For(*head[1]))

    def _quantified(self, at: int) -> Read[Node]:
        every = self._text.startswith("every", at)
        head = self._iterating(at + len("every" if every else "some"), "satisfies")
        return head and (head[0], syntax.Quantified(every, *head[1]))

    def _iterating(self, at: int, keyword: str) -> Read[tuple[tuple[tuple[str, Node], ...], Node]]:
        iterators = self._several(self._skip(at), ",", self._iterator)
        if iterators is None or (at := self._sign(iterators[0], keyword)) < 0:
            return None
        body = self._expression(self._skip(at))
        return body and (body[0], (iterators[1], body[1]))

    def _iterator(self, at: int) -> Read[tuple[str, Node]]:
        name = self._name(at)
        if name is None or (at := self._sign(name[0], "in")) < 0:
            return None
        at = self._skip(at)
        values = self._steps(at) or self._value(at)
        return values and (values[0], (name[1], values[1]))

    def _steps(self, at: int) -> Read[Node]:
        low = self._sum(at)
        if low is None or (at := self._sign(low[0], "..")) < 0:
            return None
        high = self._sum(self._skip(at))
        return high and (high[0], syntax.Steps(low[1], high[1]))

    def _disjunction(self, at: int) -> Read[Node]:
        return self._chain(at, ("or",), self._conjunction, lambda _, left, right: syntax.Either((left, right)))

    def _conjunction(self, at: int) -> Read[Node]:
        return self._chain(at, ("and",), self._comparison, lambda _, left, right: syntax.Both(left, right))

    def _comparison(self, at: int) -> Read[Node]:
        if self._lenient and (read := self._plain_not(at)):
            return read
        left = self._sum(at)
        if left is None:
            return self._simple_test(at)
        read = self._compared(left)
        if self._lenient:
            while (more := self._compared(read)) is not read:
                read = more
        return read

    def _plain_not(self, at: int) -> Read[Node]:
        if word(self._text, at) != at + 3 or not self._text.startswith("not", at) or self._sign(at + 3, "(") >= 0:
            return None
        read = self._comparison(self._skip(at + 3))
        return read and (
            read[0],
            syntax.Comparison("!=", syntax.Either((read[1], syntax.Constant(False))), syntax.Constant(True)),
        )

    def _compared(self, left: tuple[int, Node]) -> tuple[int, Node]:
        """With what stands behind it, if it is compared with something."""
        end, value = left
        at = self._skip(end)
        if self._lenient and self._text.startswith("==", at):
            at += 1
        if match := _COMPARISON.match(self._text, at):
            right = self._sum(self._skip(match.end()))
            if right is None:
                return left
            if match[0] == "!=":
                return right[0], syntax.Not(syntax.Comparison("=", value, right[1]))
            return right[0], syntax.Comparison(match[0], value, right[1])
        return self._between(at, value) or self._instance(at, value) or self._in(at, value) or left

    def _between(self, at: int, value: Node) -> Read[Node]:
        if (at := self._sign(at, "between")) < 0 or (low := self._sum(self._skip(at))) is None:
            return None
        if (at := self._sign(low[0], "and")) < 0 or (high := self._sum(self._skip(at))) is None:
            return None
        return high[0], syntax.Both(syntax.Comparison(">=", value, low[1]), syntax.Comparison("<=", value, high[1]))

    def _instance(self, at: int, value: Node) -> Read[Node]:
        if (at := self._sign(at, "instance")) < 0 or (at := self._sign(at, "of")) < 0:
            return None
        at = self._skip(at)
        if (end := self._sign(at, *_TYPES)) >= 0:
            return end, syntax.InstanceOf(value, self._text[at:end])
        names = self._qualified(at)
        return names and (names[0], syntax.InstanceOf(value, ".".join(names[1])))

    def _in(self, at: int, value: Node) -> Read[Node]:
        if (at := self._sign(at, "in")) < 0:
            return None
        start = self._skip(at)
        if (at := self._sign(start, "(")) >= 0:
            tests = self._positive_tests(self._skip(at))
            if tests is not None and (end := self._sign(tests[0], ")")) >= 0:
                return end, syntax.In(value, tests[1])
        test = self._positive_test(start)
        return test and (test[0], syntax.In(value, test[1]))

    # arithmetic

    def _sum(self, at: int) -> Read[Node]:
        return self._remembered("sum", at, lambda at: self._chain(at, ("+", "-"), self._product, syntax.Arithmetic))

    def _product(self, at: int) -> Read[Node]:
        read = self._power(at)
        if read is None:
            return None
        end, node = read
        while True:
            behind = self._sign(end, "*", "/")
            if behind < 0 or (read := self._power(self._skip(behind))) is None:
                return end, node
            end, node = read[0], syntax.Arithmetic(self._text[behind - 1], node, read[1])

    def _power(self, at: int) -> Read[Node]:
        return self._chain(at, ("**",), self._signed, syntax.Arithmetic)

    def _signed(self, at: int) -> Read[Node]:
        if self._text.startswith("-", at):
            value = self._value(self._skip(at + 1))
            if value is not None or not self._lenient:
                return value and (value[0], syntax.Negative(value[1]))
            value = self._signed(self._skip(at + 1))
            return value and (value[0], syntax.Negative(value[1]))
        return self._value(at)

    # values

    def _value(self, at: int) -> Read[Node]:
        return self._remembered("value", at, self._any_value)

    def _any_value(self, at: int) -> Read[Node]:
        read = self._terminal(at)
        if read is None:
            return None
        end, node = read
        while True:
            if (behind := self._sign(end, ".")) >= 0 and (part := self._part(self._skip(behind))):
                end, node = part[0], syntax.Member(node, part[1])
            elif (behind := self._sign(end, "[")) >= 0 and (test := self._expression(self._skip(behind))):
                behind = self._sign(test[0], "]")
                if behind < 0:
                    return end, node
                end, node = behind, syntax.Filter(node, test[1])
            else:
                return end, node

    def _terminal(self, at: int) -> Read[Node]:
        text = self._text
        first = text[at : at + 1]
        if first == '"':
            match = _STRING.match(text, at)
            return (match.end(), syntax.Constant(unescaped(match[1]))) if match else None
        if first == "(":
            inner = self._expression(self._skip(at + 1))
            end = self._sign(inner[0], ")") if inner else -1
            return (end, inner[1]) if inner and end >= 0 else None
        if first == "[":
            items = self._enclosed(at + 1, "]", self._expression)
            return items and (items[0], syntax.ListOf(items[1]))
        if first == "{":
            entries = self._enclosed(at + 1, "}", self._entry)
            return entries and (entries[0], syntax.ContextOf(entries[1]))
        if first == "?":
            return at + 1, syntax.Input()
        if match := (_SCIENTIFIC if self._lenient else _NUMBER).match(text, at):
            return match.end(), syntax.Constant(number(match[0]))
        return self._temporal(at) or self._call(at) or self._variable(at) or self._constant(at) or self._function(at)

    def _temporal(self, at: int) -> Read[Node]:
        if self._text.startswith("@", at):
            kind, at = "@", at + 1
        else:
            kind = next((kind for kind in _TEMPORAL if self._text.startswith(kind, at)), "")
            if not kind or (at := self._sign(at + len(kind), "(")) < 0:
                return None
        match = _STRING.match(self._text, self._skip(at))
        if match is None:
            return None
        end = match.end() if kind == "@" else self._sign(match.end(), ")")
        return (end, syntax.Constant(literal(kind, match[1]))) if end >= 0 else None

    def _variable(self, at: int) -> Read[Node]:
        names = self._qualified(at)
        return names and (names[0], syntax.Name(names[1]))

    def _constant(self, at: int) -> Read[Node]:
        for name, value in (("null", None), ("true", True), ("false", False)):
            if self._text.startswith(name, at):
                return at + len(name), syntax.Constant(value)
        return None

    def _entry(self, at: int) -> Read[tuple[str, Node]]:
        name = self._entry_name(at)
        if name is None or (at := self._sign(name[0], ":")) < 0:
            return None
        value = self._expression(self._skip(at))
        return value and (value[0], (name[1], value[1]))

    def _entry_name(self, at: int) -> Read[str]:
        end = following = at
        while _ENTRY_NAME.match(self._text, following):
            end = self._skip(following)
            if end >= len(self._text):
                return None
            end += 1
            following = self._skip(end)
        if end > at:
            return end, self._text[at:end]
        if name := self._words(at) or self._name(at):
            return name
        match = _STRING.match(self._text, at)
        return (match.end(), match[1]) if match else None

    # functions

    def _parameter(self, at: int) -> Read[str]:
        return self._words(at) or self._name(at)

    def _function(self, at: int) -> Read[Node]:
        if not self._text.startswith("function", at) or (at := self._sign(at + len("function"), "(")) < 0:
            return None
        parameters = self._enclosed(at, ")", self._parameter)
        if parameters is None:
            return None
        at = self._skip(parameters[0])
        if self._text.startswith("external", at) and self._sign(at + len("external"), "{") >= 0:
            raise ExpressionError(f"validation of expression '{self._text}' failed: {_EXTERNAL}")
        body = self._expression(at)
        return body and (body[0], syntax.FunctionOf(parameters[1], body[1]))

    def _call(self, at: int) -> Read[Node]:
        names: tuple[str, ...]
        if words := self._words(at):
            end, names = words[0], (words[1],)
        elif name := next((name for name in _FUNCTIONS if self._text.startswith(name, at)), ""):
            end, names = at + len(name), (name,)
        else:
            qualified = self._qualified(at)
            if qualified is None:
                return None
            end, names = qualified
        if (end := self._sign(end, "(")) < 0:
            return None
        start = self._skip(end)
        named: tuple[str, ...] | None = None
        if by_name := self._several(start, ",", self._named_argument):
            end, pairs = by_name
            unique = dict(pairs)
            named, arguments = tuple(unique), tuple(unique.values())
        else:
            end, arguments = self._several(start, ",", self._argument) or (end, ())
        end = self._sign(end, ")")
        return (end, syntax.Call(names[:-1], names[-1], arguments, named)) if end >= 0 else None

    def _named_argument(self, at: int) -> Read[tuple[str, Node]]:
        name = self._parameter(at)
        if name is None or (at := self._sign(name[0], ":")) < 0:
            return None
        value = self._argument(self._skip(at))
        return value and (value[0], (name[1], value[1]))

    def _argument(self, at: int) -> Read[Node]:
        return self._range(at) or self._expression(at)

    def _range(self, at: int) -> Read[Any]:
        opened = self._text[at : at + 1]
        if opened not in ("(", "]", "[") or not opened:
            return None
        low = self._sum(self._skip(at + 1))
        if low is None or (at := self._sign(low[0], "..")) < 0:
            return None
        high = self._sum(self._skip(at))
        if high is None or (end := self._sign(high[0], ")", "[", "]")) < 0:
            return None
        return end, syntax.RangeOf(low[1], high[1], opened == "[", self._text[end - 1] == "]")

    # tests

    def _unary_tests(self, at: int) -> Read[Node]:
        if self._text.startswith("not", at) and (inner := self._sign(at + 3, "(")) >= 0:
            tests = self._positive_tests(self._skip(inner))
            if tests is not None and (end := self._sign(tests[0], ")")) >= 0:
                return end, syntax.Not(tests[1])
        if tests := self._positive_tests(at):
            return tests
        return (at + 1, syntax.Constant(True)) if self._text.startswith("-", at) else None

    def _positive_tests(self, at: int) -> Read[Node]:
        tests = self._several(at, ",", self._positive_test)
        if tests is None:
            return None
        return tests[0], tests[1][0] if len(tests[1]) == 1 else syntax.Either(tests[1])

    def _positive_test(self, at: int) -> Read[Node]:
        for name, value in (("true", True), ("false", False)):
            if self._text.startswith(name, at) and self._skip(at + len(name)) == len(self._text):
                return len(self._text), syntax.InputCompared("=", syntax.Constant(value))
        if test := self._simple_test(at):
            return test
        expression = self._expression(at)
        return expression and (expression[0], syntax.InputTested(expression[1]))

    def _simple_test(self, at: int) -> Read[Node]:
        if match := _BOUND.match(self._text, at):
            bound = self._sum(self._skip(match.end()))
            return bound and (bound[0], syntax.InputCompared(match[0], bound[1]))
        within = self._range(at)
        return within and (within[0], syntax.InputWithin(within[1]))
