"""Where an expression is evaluated: the variables, the steps that are left; and what loops, filters and tests give."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.graph.feel.budget import ROUND, VARIABLES, Budget
from core.graph.feel.values import compare, is_number, kind_of


@dataclass(slots=True)
class Scope:
    """The variables of an evaluation, the time in milliseconds, and the steps that are left (shared by inner ones)."""

    variables: Mapping[str, Any]
    now: int
    budget: Budget

    def inner(self, more: Mapping[str, Any]) -> "Scope":
        """With further variables, for one round. Raises ExpressionError."""
        self.budget.spend(ROUND + len(more) + len(self.variables) // VARIABLES)
        return Scope({**self.variables, **more}, self.now, self.budget)


Expression = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True)
class Range:
    low: Any
    high: Any
    with_low: bool
    with_high: bool

    def holds(self, value: Any, budget: Budget) -> bool | None:
        above = compare(">=" if self.with_low else ">", value, self.low, budget)
        below = compare("<=" if self.with_high else "<", value, self.high, budget)
        return None if above is None or below is None else above and below


def within(value: Any, test: Any, budget: Budget) -> bool | None:
    """`value in test`: a range, a list of values and ranges, or one value."""
    if isinstance(test, Range):
        return test.holds(value, budget)
    if isinstance(test, list):
        budget.spend(len(test))
        answers = [within(value, item, budget) for item in test]
        return True if True in answers else None if None in answers and False not in answers and test else False
    return compare("=", value, test, budget)


def filtered(scope: Scope, value: Any, test: Expression) -> Any:
    """By a position, or those items for which the test holds."""
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    chosen = []
    for item in items or [None]:
        members = {k: v for k, v in item.items() if isinstance(k, str)} if isinstance(item, Mapping) else {}
        verdict = test(scope.inner({**members, "item": item}))
        if is_number(verdict):
            at = int(verdict) - 1 if verdict > 0 else len(items) + int(verdict)
            return items[at] if verdict and 0 <= at < len(items) else None
        if verdict is True and items:
            chosen.append(item)
    return chosen


def each(scope: Scope, domains: list[tuple[str, Expression]]) -> Iterator[Scope]:
    if not domains:
        yield scope
        return
    (name, domain), *rest = domains
    for item in _items(domain(scope)):
        yield from each(scope.inner({name: item}), rest)


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, Range) and isinstance(value.low, int) and isinstance(value.high, int):
        step = 1 if value.low <= value.high else -1
        return range(value.low, value.high + step, step)
    return value if isinstance(value, list) else () if value is None else (value,)


def both(left: Any, right: Any) -> bool | None:
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def either(left: Any, right: Any) -> bool | None:
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def range_of(low: Expression, high: Expression, with_low: bool, with_high: bool) -> Expression:
    return lambda s: Range(low(s), high(s), with_low, with_high)


def any_of(tests: list[Callable[[Scope, Any], bool | None]], scope: Scope, value: Any) -> bool | None:
    verdicts = [test(scope, value) for test in tests]
    return True if True in verdicts else False if False in verdicts else None


def is_of(value: Any, kind: str) -> bool:
    return value is not None and kind in (kind_of(value), "Any")
