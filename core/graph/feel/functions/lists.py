"""The functions of lists. Those that take a list also take its items one by one."""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cmp_to_key, reduce
from typing import Any

from core.graph.feel.budget import ROUND, Budget
from core.graph.feel.functions.forms import ILLEGAL, Forms, form
from core.graph.feel.numbers import (
    Number,
    add,
    divide,
    exact,
    from_double,
    int32,
    is_number,
    multiply,
    power,
    subtract,
)
from core.graph.feel.scope import Run
from core.graph.feel.values import MAX_TEXT, Failure, Function, comparable, equal, less, same

FORMS: Forms = {}

Items = list[Any]


@form(FORMS, "list contains(list: list, element)", paying=True)
def _contains(run: Run, items: Items, element: Any) -> bool:
    return any(same(item, element, run.budget) for item in items)


@form(FORMS, "count(list: list)")
def _count(items: Items) -> int:
    return len(items)


@form(FORMS, "is empty(list: list)")
def _is_empty(items: Items) -> bool:
    return not items


@form(FORMS, "min(list...)", paying=True)
def _min(run: Run, items: Items) -> Any:
    return _extreme(items, lambda item, best: less(item, best, run.budget))


@form(FORMS, "max(list...)", paying=True)
def _max(run: Run, items: Items) -> Any:
    return _extreme(items, lambda item, best: less(best, item, run.budget))


def _extreme(items: Items, better: Callable[[Any, Any], bool]) -> Any:
    if not items:
        return None
    if not comparable(items):
        return Failure("not comparable")
    return reduce(lambda best, item: item if better(item, best) else best, items)


def _of_numbers(name: str, empty: Any = None) -> Callable[[Callable[[list[Number]], Any]], Callable[..., Any]]:
    """A function of numbers alone."""

    def declare(body: Callable[[list[Number]], Any]) -> Callable[..., Any]:
        @form(FORMS, f"{name}(list...)")
        def apply(items: Items) -> Any:
            if not all(map(is_number, items)):
                return ILLEGAL
            return body([exact(item) for item in items]) if items else empty

        return apply

    return declare


def _total(numbers: list[Number]) -> Number:
    return _folded(add, numbers, 0)


def _folded(rule: Callable[[Number, Number], Number], numbers: Iterable[Number], start: Number) -> Number:
    return reduce(rule, numbers, start)


@_of_numbers("sum")
def _sum(numbers: list[Number]) -> Number:
    return _total(numbers)


@_of_numbers("product")
def _product(numbers: list[Number]) -> Number:
    return _folded(multiply, numbers, 1)


@_of_numbers("mean")
def _mean(numbers: list[Number]) -> Number:
    return divide(_total(numbers), len(numbers))


@_of_numbers("median")
def _median(numbers: list[Number]) -> Number:
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(numbers) % 2 else divide(add(ordered[middle - 1], ordered[middle]), 2)


@_of_numbers("stddev")
def _deviation(numbers: list[Number]) -> Number:
    """Of a sample. Raises ArithmeticError for one number."""
    mean = divide(_total(numbers), len(numbers))
    squares = _folded(add, (power(subtract(number, mean), 2) for number in numbers), 0)
    return from_double(math.sqrt(divide(squares, len(numbers) - 1)))


@_of_numbers("mode", empty=[])
def _mode(numbers: list[Number]) -> list[Number]:
    counts = Counter(numbers)
    most = max(counts.values())
    return sorted(number for number, count in counts.items() if count == most)


@form(FORMS, "and(list...)")
@form(FORMS, "all(list...)")
def _all(items: Items) -> bool | None:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@form(FORMS, "or(list...)")
@form(FORMS, "any(list...)")
def _any(items: Items) -> bool | None:
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


def _index(items: Items, position: Number) -> int:
    at = int32(position)
    return at - 1 if at > 0 else len(items) + at


def _slice(items: Items, begin: int, end: int) -> Items:
    return items[max(begin, 0) : max(end, 0)]


@form(FORMS, "sublist(list: list, start: number)")
def _sublist(items: Items, start: Number) -> Any:
    return _slice(items, _index(items, start), len(items)) if start else ILLEGAL


@form(FORMS, "sublist(list: list, start: number, length: number)")
def _sublist_of_length(items: Items, start: Number, length: Number) -> Any:
    begin = _index(items, start)
    return _slice(items, begin, begin + int32(length)) if start else ILLEGAL


@form(FORMS, "append(list: list, items...)")
def _append(items: Items, more: Items) -> Items:
    return items + more


@form(FORMS, "concatenate(lists...)")
def _concatenate(lists: Items) -> Items:
    return [item for items in lists for item in (items if isinstance(items, list) else [items])]


@form(FORMS, "insert before(list: list, position: number, newItem)")
def _insert(items: Items, position: Number, new: Any) -> Any:
    at = max(_index(items, position), 0)
    return [*items[:at], new, *items[at:]] if position else ILLEGAL


@form(FORMS, "remove(list: list, position: number)")
def _remove(items: Items, position: Number) -> Any:
    if not position:
        return ILLEGAL
    until, behind = _index(items, position), int32(position) + 1
    after = behind - 1 if behind > 0 else len(items) + behind
    return items[: max(until, 0)] + items[max(after, 0) :]


@form(FORMS, "reverse(list: list)")
def _reverse(items: Items) -> Items:
    return items[::-1]


@form(FORMS, "index of(list: list, match)", paying=True)
def _index_of(run: Run, items: Items, match: Any) -> list[int]:
    return [at for at, item in enumerate(items, 1) if equal(item, match, run.budget) is True]


@form(FORMS, "union(lists...)", paying=True)
def _union(run: Run, lists: Items) -> Items:
    return distinct(_concatenate(lists), run.budget)


@form(FORMS, "distinct values(list: list)", paying=True)
def _distinct(run: Run, items: Items) -> Items:
    return distinct(items, run.budget)


def _hashable(value: Any) -> Any:
    """What tells two texts, numbers or truth values apart without a comparison; None for all other values."""
    if isinstance(value, bool):
        return (value,)
    if isinstance(value, str):
        return value
    return exact(value) if is_number(value) else None


def distinct(items: Items, budget: Budget) -> Items:
    known: set[Any] = set()
    others: Items = []
    result: Items = []
    for item in items:
        name = _hashable(item)
        if name is None:
            budget.spend(len(others))
            if any(other is item or equal(item, other, budget) is True for other in others):
                continue
            others.append(item)
        elif name in known:
            continue
        else:
            known.add(name)
        result.append(item)
    return result


@form(FORMS, "duplicate values(list: list)", paying=True)
def _duplicates(run: Run, items: Items) -> Items:
    counts = Counter(name for item in items if (name := _hashable(item)) is not None)
    return [item for item in distinct(items, run.budget) if _times(item, items, counts, run.budget) > 1]


def _times(item: Any, items: Items, counts: Counter[Any], budget: Budget) -> int:
    name = _hashable(item)
    if name is not None:
        return counts[name]
    budget.spend(len(items))
    return sum(equal(other, item, budget) is True for other in items)


@form(FORMS, "flatten(list: list)", paying=True)
def _flatten(run: Run, items: Items) -> Items:
    flat: Items = []
    for item in items:
        if isinstance(item, list):
            run.budget.spend(1 + len(item))
            flat += _flatten(run, item)
        else:
            flat.append(item)
    return flat


class _Unordered(Exception):
    """The function that should tell the order does not."""


@form(FORMS, "sort(list: list, precedes: function)", paying=True)
def _sort(run: Run, items: Items, precedes: Function) -> Any:
    """By a function that tells whether one item comes before another."""
    if len(precedes.parameters) != 2:
        return ILLEGAL

    def before(left: Any, right: Any) -> bool:
        verdict = precedes.call(run, left, right)
        if not isinstance(verdict, bool):
            raise _Unordered
        return verdict

    def order(left: Any, right: Any) -> int:
        run.budget.spend(ROUND)
        return -1 if before(left, right) else 1 if before(right, left) else 0

    try:
        return sorted(items, key=cmp_to_key(order))
    except _Unordered:
        return Failure("expected boolean")


@form(FORMS, "string join(list: list)")
def _join(items: Items) -> Any:
    return _joined(items, None, None, None)


@form(FORMS, "string join(list: list, delimiter)")
def _join_with(items: Items, delimiter: Any) -> Any:
    return _joined(items, delimiter, None, None)


@form(FORMS, "string join(list: list, delimiter, prefix, suffix)")
def _joined(items: Items, delimiter: Any, prefix: Any, suffix: Any) -> Any:
    if not all(part is None or isinstance(part, str) for part in (delimiter, prefix, suffix)):
        return ILLEGAL
    if (prefix is None) != (suffix is None) or not all(item is None or isinstance(item, str) for item in items):
        return ILLEGAL
    texts = [item for item in items if item is not None]
    if sum(map(len, texts)) + len(delimiter or "") * len(texts) > MAX_TEXT:
        return None
    return (prefix or "") + (delimiter or "").join(texts) + (suffix or "")


@form(FORMS, "partition(list: list, size: number)")
def _partition(items: Items, length: Number) -> Any:
    width = int32(length)
    return [items[at : at + width] for at in range(0, len(items), width)] if width > 0 else ILLEGAL
