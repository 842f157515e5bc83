"""Decision tables: which rules are met, and what comes of them by the table's hit policy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.graph.dmn.frame import Frame, Matched, Undecided
from core.graph.feel.budget import Budget
from core.graph.feel.numbers import add, exact, is_number
from core.graph.feel.scope import INPUT, Expression, Scope
from core.graph.feel.values import kind_of, same, text

#: what a rule says, by the names of the outputs
Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """An output: the places of its values in the order of priority, and what it is if no rule is met."""

    name: str
    priorities: Mapping[str, int]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Line:
    """A rule: what tests the inputs (None: anything will do), and what it says."""

    tests: tuple[Expression | None, ...]
    outputs: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    inputs: tuple[Expression, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Line, ...]
    hit_policy: str
    aggregation: str | None

    def evaluate(self, frame: Frame) -> Any:
        inputs: list[Any] = []
        matched: list[Matched] = []
        value = None
        try:
            inputs.extend([frame.value(expression) for expression in self.inputs])
            value = self._value(frame, inputs, matched)
        finally:
            frame.tell(self, value, tuple(inputs), tuple(matched))
        return value

    def _value(self, frame: Frame, inputs: list[Any], matched: list[Matched]) -> Any:
        scope = frame.scope()
        scopes = [Scope(frame.run, {INPUT: value}, scope) for value in inputs]
        met = [index for index, rule in enumerate(self.rules) if _is_met(rule, scopes, frame)]
        if not met:
            return self._default(frame)
        rows: list[Said] = []
        told = []
        for index in met[:1] if self.hit_policy == "FIRST" else met:
            values = [(name, frame.value(output, scope)) for name, output in self.rules[index].outputs]
            rows.append(dict(values))
            told.append(Matched(index, tuple(value for _, value in values)))
        matched.extend(told)
        if self.hit_policy == "COLLECT":
            return _collected(rows, self.aggregation, frame.run.budget)
        return _POLICIES[self.hit_policy](rows, self.outputs, frame.run.budget)

    def _default(self, frame: Frame) -> Any:
        values = {column.name: frame.value(column.default) for column in self.outputs if column.default is not None}
        return _one([values]) if values else None


def _is_met(rule: Line, scopes: Sequence[Scope], frame: Frame) -> bool:
    for test, scope in zip(rule.tests, scopes, strict=False):
        verdict = True if test is None else frame.value(test, scope)
        if verdict is False or verdict is None:
            return False
        if verdict is not True:
            said = text(verdict, frame.run.budget)
            raise Undecided(f"input entry must return true, false, or null, but found '{said}'")
    return True


def _one(rows: Sequence[Said]) -> Any:
    """What the first row says, by itself if it says one thing."""
    row = rows[0]
    return next(iter(row.values())) if len(row) == 1 else dict(row)


def _each(rows: Sequence[Said]) -> list[Any]:
    return [_one([row]) for row in rows]


def _unique(rows: Sequence[Said], outputs: tuple[Column, ...], budget: Budget) -> Any:
    if len(rows) > 1:
        raise Undecided(f"multiple values aren't allowed for UNIQUE hit policy. found: '{_listed(rows, budget)}'")
    return _one(rows)


def _any(rows: Sequence[Said], outputs: tuple[Column, ...], budget: Budget) -> Any:
    distinct: list[Said] = []
    for row in rows:
        if not any(_alike(row, other, budget) for other in distinct):
            distinct.append(row)
    if len(distinct) > 1:
        raise Undecided(f"different values aren't allowed for ANY hit policy. found: '{_listed(distinct, budget)}'")
    return _one(rows)


def _alike(left: Said, right: Said, budget: Budget) -> bool:
    return left.keys() == right.keys() and all(same(left[name], right[name], budget) for name in left)


def _by_priority(rows: Sequence[Said], outputs: tuple[Column, ...], budget: Budget) -> list[Said]:
    """By the places of their values, as texts, one behind the other: what has none comes last."""

    def places(row: Said) -> str:
        return "".join(_place(row.get(column.name), column.priorities, budget) for column in outputs)

    return sorted(rows, key=places)


def _place(value: Any, priorities: Mapping[str, int], budget: Budget) -> str:
    if kind_of(value) not in ("string", "number"):
        return "_"
    place = priorities.get(value if isinstance(value, str) else text(value, budget))
    return "_" if place is None else str(place)


_POLICIES: Mapping[str, Callable[[Sequence[Said], tuple[Column, ...], Budget], Any]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": lambda rows, outputs, budget: _one(rows),
    "PRIORITY": lambda rows, outputs, budget: _one(_by_priority(rows, outputs, budget)),
    "RULE ORDER": lambda rows, outputs, budget: _each(rows),
    "OUTPUT ORDER": lambda rows, outputs, budget: _each(_by_priority(rows, outputs, budget)),
}
HIT_POLICIES = (*_POLICIES, "COLLECT")


def _collected(rows: Sequence[Said], aggregation: str | None, budget: Budget) -> Any:
    if aggregation == "COUNT":
        return len(rows)
    if aggregation is None:
        return _each(rows)
    if len(rows[0]) != 1:
        raise Undecided(f"multiple values aren't allowed. found: {_listed(rows, budget)}")
    values = _each(rows)
    for value in values:
        if not is_number(value):
            raise Undecided(f"expected number but found '{text(value, budget)}'")
    return _AGGREGATIONS[aggregation]([exact(value) for value in values])


def _total(numbers: list[Any]) -> Any:
    total: Any = 0
    for number in numbers:
        total = add(total, number)
    return total


_AGGREGATIONS: Mapping[str, Callable[[list[Any]], Any]] = {"SUM": _total, "MIN": min, "MAX": max}
AGGREGATIONS = (*_AGGREGATIONS, "COUNT")


def _listed(rows: Sequence[Said], budget: Budget) -> str:
    """As the vendor's language writes lists of maps."""
    maps = (", ".join(f"{name} -> {text(value, budget)}" for name, value in row.items()) for row in rows)
    return f"List({', '.join(f'Map({entries})' for entries in maps)})"
