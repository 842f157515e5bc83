"""Loops, quantifiers and filters: what is evaluated once for each item."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from core.graph.feel.budget import Budget
from core.graph.feel.numbers import Number, add, exact, int32, is_number, subtract
from core.graph.feel.scope import Expression, Scope
from core.graph.feel.values import Failure

Iterators = list[tuple[str, Expression]]


class Results(list[Any]):
    """Those of the rounds before, which a loop sees as `partial`."""

    __slots__ = ()

    def so_far(self, budget: Budget) -> list[Any]:
        budget.spend(1 + len(self))
        return list(self)


def _lists(s: Scope, iterators: Iterators) -> list[tuple[str, Sequence[Any]]] | None:
    """What is looped over; None if one of them is no list."""
    lists = [(name, values(s)) for name, values in iterators]
    return lists if all(isinstance(values, list | range) for _, values in lists) else None


def _rounds(s: Scope, lists: list[tuple[str, Sequence[Any]]]) -> Iterator[dict[str, Any]]:
    (name, values), *rest = lists
    for value in values:
        s.run.budget.spend(1)
        if not rest:
            yield {name: value}
        else:
            for others in _rounds(s, rest):
                yield {name: value, **others}


def each(iterators: Iterators, result: Expression) -> Expression:
    def loop(s: Scope) -> Any:
        lists = _lists(s, iterators)
        if lists is None:
            return None
        results = Results()
        for variables in _rounds(s, lists):
            variables["partial"] = results
            results.append(result(s.inner(variables)))
        return list(results)

    return loop


def quantified(every: bool, iterators: Iterators, condition: Expression) -> Expression:
    def judge(s: Scope) -> bool | None:
        """Null over what is no list, and if a condition is neither true nor false and none decides."""
        lists = _lists(s, iterators)
        if lists is None:
            return None
        verdict: bool | None = every
        for variables in _rounds(s, lists):
            value = condition(s.inner(variables))
            if value is (not every):
                return not every
            if value is not every:
                verdict = None
        return verdict

    return judge


def steps(low: Expression, high: Expression) -> Expression:
    def count(s: Scope) -> Any:
        start, end = low(s), high(s)
        for value in (start, end):
            if isinstance(value, Failure):
                return value
            if not is_number(value):
                return Failure("Expected number")
        return _steps(s, exact(start), exact(end))

    return count


def _steps(s: Scope, start: Number, end: Number) -> Sequence[Number]:
    step = 1 if start < end else -1
    if isinstance(start, int) and isinstance(end, int):
        return range(start, end + step, step)
    distance = abs(Decimal(subtract(end, start)))
    if distance > s.run.budget.left:
        s.run.budget.spend(s.run.budget.left + 1)
    s.run.budget.spend(int(distance))
    return [add(start, step * at) for at in range(int(distance) + 1)]


def _at(items: list[Any], position: Number) -> Any:
    """Counted from 1, or from the end if it is negative."""
    index = subtract(position, 1) if position > 0 else add(len(items), position)
    return items[int32(index)] if 0 <= index < len(items) else None


def positioned(value: Expression, position: Number) -> Expression:
    position = exact(position)

    def pick(s: Scope) -> Any:
        items = value(s)
        return _at(items, position) if isinstance(items, list) else None

    return pick


def filtered(value: Expression, test: Expression, *, position: bool) -> Expression:
    """Those items for which the test is true, or the one at the place that it comes to, be it outside of the items
    (which is asked first if `position`) or for the first of them."""

    def choose(s: Scope) -> Any:
        items = value(s)
        if not isinstance(items, list):
            return None
        if position and is_number(place := test(s)):
            return _at(items, exact(place))
        chosen: list[Any] = []
        for at, item in enumerate(items):
            verdict = test(_of_item(s, item))
            if at == 0:
                if is_number(verdict):
                    return _at(items, exact(verdict))
                if isinstance(verdict, Failure):
                    return None
            if verdict is True:
                chosen.append(item)
        return chosen

    return choose


def _of_item(s: Scope, item: Any) -> Scope:
    """An item that is a context is seen as itself and by its entries, of which one may be called `item`."""
    scope = s.inner({"item": item})
    return scope.inner(item, getattr(item, "functions", None)) if isinstance(item, dict) else scope
