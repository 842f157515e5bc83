"""From what an expression is made of to a function of the variables."""

from collections.abc import Callable, Mapping
from typing import Any

from core.graph.feel import loops, unary
from core.graph.feel.arithmetic import calculate, negative
from core.graph.feel.calls import call, function
from core.graph.feel.comparison import compared, is_of
from core.graph.feel.numbers import add
from core.graph.feel.properties import property_of
from core.graph.feel.scope import MISSING, SIGN, Expression, NoInput, Scope
from core.graph.feel.syntax import (
    Arithmetic,
    Both,
    Call,
    Comparison,
    Constant,
    ContextOf,
    Either,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    Input,
    InputCompared,
    InputTested,
    InputWithin,
    InstanceOf,
    ListOf,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Quantified,
    RangeOf,
    Steps,
)
from core.graph.feel.values import Context, Failure, Function, Range, kind_of


def compiled(node: Node) -> Expression:
    return _RULES[type(node)](node)


def _constant(node: Constant) -> Expression:
    value = node.value
    return lambda s: value


def _input(node: Input) -> Expression:
    def read(s: Scope) -> Any:
        value = s.find(SIGN)
        if value is MISSING:
            raise NoInput
        return value

    return read


def _name(node: Name) -> Expression:
    first, *rest = node.names

    def read(s: Scope) -> Any:
        value = s.find(first)
        if value is MISSING:
            return None
        if type(value) is loops.Results:
            value = value.so_far(s.run.budget)
        for name in rest:
            value = member(value, name, s)
        return value

    return read


def member(value: Any, name: str, s: Scope) -> Any:
    """An entry of a context, or of each context of a list; a part of a date, a time or a duration."""
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list):
        s.run.budget.spend(1 + len(value))
        return [member(item, name, s) for item in value]
    return value if isinstance(value, Failure) else property_of(value, name)


def _member(node: Member) -> Expression:
    value, name = compiled(node.value), node.name
    return lambda s: member(value(s), name, s)


def _list(node: ListOf) -> Expression:
    items = [compiled(item) for item in node.items]

    def build(s: Scope) -> Any:
        values = [item(s) for item in items]
        return next((value for value in values if isinstance(value, Failure)), values)

    return build


def _context(node: ContextOf) -> Expression:
    entries = [(name, compiled(value)) for name, value in node.entries]

    def build(s: Scope) -> Any:
        """An entry sees those before it."""
        built = Context()
        inner = Scope(s.run, built, s, built.functions, growing=True)
        for name, entry in entries:
            value = entry(inner)
            if isinstance(value, Failure):
                return value
            if isinstance(value, Function):
                built.functions.setdefault(name, []).append(value)
            else:
                built[name] = value
        return built

    return build


_POINTS = frozenset(
    ("number", "date", "time", "local time", "date and time", "local date and time", "days and time duration",
     "years and months duration")
)  # fmt: skip


def _range(node: RangeOf) -> Expression:
    low, high, with_low, with_high = compiled(node.low), compiled(node.high), node.with_low, node.with_high

    def build(s: Scope) -> Any:
        ends = low(s), high(s)
        for end in ends:
            if isinstance(end, Failure):
                return end
        kind = kind_of(ends[0])
        if kind not in _POINTS or kind != kind_of(ends[1]):
            return Failure("Invalid range definition")
        return Range(*ends, with_low, with_high)

    return build


def _arithmetic(node: Arithmetic) -> Expression:
    """What is reckoned from left to right is a loop here, so that long sums are not deep."""
    terms: list[tuple[str, Expression]] = []
    left: Node = node
    while isinstance(left, Arithmetic):
        terms.append((left.operator, compiled(left.right)))
        left = left.left
    terms.reverse()
    first = compiled(left)
    if len(terms) == 1:
        operator, second = terms[0]
        if operator == "+":
            return lambda s: _sum(first(s), second(s), s)
        return lambda s: calculate(operator, first(s), second(s), s.run.budget)

    def reckon(s: Scope) -> Any:
        value = first(s)
        for operator, term in terms:
            value = calculate(operator, value, term(s), s.run.budget)
        return value

    return reckon


def _sum(left: Any, right: Any, s: Scope) -> Any:
    if type(left) is int and type(right) is int:
        return add(left, right)
    return calculate("+", left, right, s.run.budget)


def _negative(node: Negative) -> Expression:
    value = compiled(node.value)
    return lambda s: negative(value(s))


def _comparison(node: Comparison) -> Expression:
    operator, left, right = node.operator, compiled(node.left), compiled(node.right)
    return lambda s: compared(operator, left(s), right(s), s.run.budget)


def _not(node: Not) -> Expression:
    value = compiled(node.value)
    return lambda s: (not v) if isinstance(v := value(s), bool) else None


def both(verdicts: list[Expression]) -> Expression:
    def judge(s: Scope) -> bool | None:
        result: bool | None = True
        for verdict in verdicts:
            value = verdict(s)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return judge


def either(verdicts: list[Expression]) -> Expression:
    def judge(s: Scope) -> bool | None:
        result: bool | None = False
        for verdict in verdicts:
            value = verdict(s)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return judge


def _both(node: Both) -> Expression:
    verdicts: list[Expression] = []
    left: Node = node
    while isinstance(left, Both):
        verdicts.append(compiled(left.right))
        left = left.left
    return both([compiled(left), *reversed(verdicts)])


def _either(node: Either) -> Expression:
    options: list[Node] = list(node.options)
    while isinstance(options[0], Either):
        options[:1] = options[0].options
    return either([compiled(option) for option in options])


def _if(node: If) -> Expression:
    condition, yes, no = compiled(node.condition), compiled(node.yes), compiled(node.no)
    return lambda s: yes(s) if condition(s) is True else no(s)


def _instance(node: InstanceOf) -> Expression:
    value, kind = compiled(node.value), node.type
    return lambda s: v if isinstance(v := value(s), Failure) else is_of(v, kind)


def _for(node: For) -> Expression:
    return loops.each(_iterators(node.iterators), compiled(node.result))


def _quantified(node: Quantified) -> Expression:
    return loops.quantified(node.every, _iterators(node.iterators), compiled(node.condition))


def _iterators(iterators: tuple[tuple[str, Node], ...]) -> list[tuple[str, Expression]]:
    return [(name, compiled(values)) for name, values in iterators]


def _steps(node: Steps) -> Expression:
    return loops.steps(compiled(node.low), compiled(node.high))


def _filter(node: Filter) -> Expression:
    test = node.test
    value = compiled(node.value)
    if isinstance(test, Negative) and isinstance(test.value, Constant):
        test = Constant(negative(test.value.value))
    if isinstance(test, Constant) and kind_of(test.value) == "number":
        return loops.positioned(value, test.value)
    # what is never a number is not asked for a position first
    verdict = isinstance(test, Comparison | Call | Not | Both | Either | In | InstanceOf | Quantified)
    return loops.filtered(value, compiled(test), position=not verdict)


def _in(node: In) -> Expression:
    return unary.within(compiled(node.value), compiled(node.test))


def _input_compared(node: InputCompared) -> Expression:
    return unary.input_compared(node.operator, compiled(node.value))


def _input_within(node: InputWithin) -> Expression:
    r = node.range
    return unary.input_within(compiled(r.low), compiled(r.high), r.with_low, r.with_high)


def _input_tested(node: InputTested) -> Expression:
    return unary.input_tested(compiled(node.test))


def _call(node: Call) -> Expression:
    path = compiled(Name(node.path)) if node.path else None
    return call(path, node.name, [compiled(argument) for argument in node.arguments], node.named)


def _function(node: FunctionOf) -> Expression:
    return function(node.parameters, compiled(node.body))


_RULES: Mapping[type[Node], Callable[[Any], Expression]] = {
    Constant: _constant,
    Input: _input,
    Name: _name,
    Member: _member,
    ListOf: _list,
    ContextOf: _context,
    RangeOf: _range,
    Arithmetic: _arithmetic,
    Negative: _negative,
    Comparison: _comparison,
    Not: _not,
    Both: _both,
    Either: _either,
    If: _if,
    In: _in,
    InstanceOf: _instance,
    InputCompared: _input_compared,
    InputWithin: _input_within,
    InputTested: _input_tested,
    Filter: _filter,
    For: _for,
    Quantified: _quantified,
    Steps: _steps,
    Call: _call,
    FunctionOf: _function,
}
