"""The built-in functions of FEEL. Each gets its arguments and gives null for those that it cannot use."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from statistics import mean, median
from typing import Any

from core.graph.feel.budget import Budget, ExpressionError, size
from core.graph.feel.dates import DATE_FUNCTIONS, PARTS
from core.graph.feel.values import (
    MAX_TEXT,
    Months,
    calculate,
    compare,
    equal,
    is_number,
    kind_of,
    number,
    parse_number,
    shown,
)

Function = Callable[..., Any]


def _items(values: tuple[Any, ...]) -> list[Any] | None:
    """A list, or the arguments themselves."""
    if len(values) == 1:
        return values[0] if isinstance(values[0], list) else None
    return list(values)


def _of_numbers(function: Callable[[list[Any]], Any]) -> Function:
    def apply(*values: Any) -> Any:
        items = _items(values)
        return function(items) if items and all(is_number(i) for i in items) else None

    return apply


def _of_text(function: Callable[..., Any]) -> Function:
    def apply(*texts: Any) -> Any:
        if not all(isinstance(text, str) for text in texts):
            return None
        result = function(*texts)
        return None if isinstance(result, str) and len(result) > MAX_TEXT else result

    return apply


def _of_list(function: Callable[..., Any]) -> Function:
    def apply(items: Any, *more: Any) -> Any:
        return function(items, *more) if isinstance(items, list) else None

    return apply


def _extreme(op: str) -> Function:
    def apply(budget: Budget, *values: Any) -> Any:
        items = _items(values)
        if not items:
            return None
        best = items[0]
        for item in items[1:]:
            better = compare(op, item, best, budget)
            if better is None:
                return None
            best = item if better else best
        return best

    return apply


def _sum(items: list[Any]) -> Any:
    total: Any = 0
    for item in items:
        total = calculate("+", total, item)
    return total


def _product(items: list[Any]) -> Any:
    total: Any = 1
    for item in items:
        total = calculate("*", total, item)
    return total


def _all(*values: Any) -> bool | None:
    items = _items(values)
    if items is None:
        return None
    return False if any(i is False for i in items) else True if all(i is True for i in items) else None


def _any(*values: Any) -> bool | None:
    items = _items(values)
    if items is None:
        return None
    return True if any(i is True for i in items) else False if all(i is False for i in items) else None


# Texts


def _substring(text: Any, start: Any, length: Any = None) -> str | None:
    if not isinstance(text, str) or not is_number(start) or not start or not (length is None or is_number(length)):
        return None
    begin = int(start) - 1 if start > 0 else max(len(text) + int(start), 0)
    return text[begin:] if length is None else text[begin : begin + max(int(length), 0)]


def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _after(text: str, match: str) -> str:
    return text if not match else text.partition(match)[2]


def _split(text: str, delimiter: str) -> list[str]:
    return text.split(delimiter) if delimiter else list(text)


def _join(items: Any, delimiter: Any = "", prefix: Any = "", suffix: Any = "") -> str | None:
    if not isinstance(items, list) or not all(isinstance(t, str) for t in (delimiter, prefix, suffix)):
        return None
    if not all(i is None or isinstance(i, str) for i in items):
        return None
    texts = [i for i in items if i is not None]
    if sum(map(len, texts)) + len(delimiter) * len(texts) > MAX_TEXT:
        return None
    return str(prefix + delimiter.join(texts) + suffix)


# Numbers


def _to_number(text: Any, grouping: Any = None, point: Any = None) -> Any:
    if is_number(text):
        return text
    if not isinstance(text, str) or len(text) > 100:
        return None
    if isinstance(grouping, str):
        text = text.replace(grouping, "")
    if isinstance(point, str):
        text = text.replace(point, ".")
    return parse_number(text.strip())


def _rounding(mode: str) -> Function:
    def apply(value: Any, scale: Any = 0) -> Any:
        if not is_number(value) or not is_number(scale) or abs(scale) > 30:
            return None
        try:
            return number(Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(scale)), rounding=mode))
        except DecimalException:
            return None

    return apply


def _modulo(left: Any, right: Any) -> Any:
    if not is_number(left) or not is_number(right) or not right:
        return None
    a, b = Decimal(repr(left)), Decimal(repr(right))
    try:
        return number(a - b * (a / b).to_integral_value(ROUND_FLOOR))
    except DecimalException:
        return None


def _math(function: Callable[[float], float]) -> Function:
    def apply(value: Any) -> Any:
        try:
            return number(Decimal(repr(function(value)))) if is_number(value) else None
        except (ValueError, OverflowError, DecimalException):
            return None

    return apply


def _abs(value: Any) -> Any:
    if is_number(value) or isinstance(value, timedelta):
        return abs(value)
    return Months(abs(value.count)) if isinstance(value, Months) else None


# Lists and contexts


def _position(items: list[Any], position: Any) -> int | None:
    if not is_number(position) or not position:
        return None
    at = int(position) - 1 if position > 0 else len(items) + int(position)
    return at if 0 <= at < len(items) else None


def _sublist(items: list[Any], start: Any, length: Any = None) -> list[Any] | None:
    if not is_number(start) or not start or not (length is None or is_number(length)):
        return None
    begin = int(start) - 1 if start > 0 else max(len(items) + int(start), 0)
    return items[begin:] if length is None else items[begin : begin + max(int(length), 0)]


def _insert(items: list[Any], position: Any, value: Any) -> list[Any] | None:
    at = _position([*items, None] if is_number(position) and position > 0 else items, position)
    return None if at is None else [*items[:at], value, *items[at:]]


def _remove(items: list[Any], position: Any) -> list[Any] | None:
    at = _position(items, position)
    return None if at is None else [*items[:at], *items[at + 1 :]]


def _hashable(value: Any) -> Any:
    """What tells two texts, numbers or truth values apart without a comparison; None for all other values."""
    if isinstance(value, bool):
        return (value,)
    return value if isinstance(value, str | int | float) else None


def _distinct(budget: Budget, items: Any) -> list[Any] | None:
    if not isinstance(items, list):
        return None
    known: set[Any] = set()
    others: list[Any] = []
    distinct: list[Any] = []
    for item in items:
        name = _hashable(item)
        if name is None:
            budget.spend(len(others))
            if any(equal(item, other, budget) is True for other in others):
                continue
            others.append(item)
        elif name in known:
            continue
        else:
            known.add(name)
        distinct.append(item)
    return distinct


def _union(budget: Budget, *lists: Any) -> list[Any] | None:
    return _distinct(budget, _concatenate(*lists))


def _contains(budget: Budget, items: Any, value: Any) -> bool | None:
    if not isinstance(items, list):
        return None
    return any(equal(item, value, budget) is True for item in items)


def _index_of(budget: Budget, items: Any, value: Any) -> list[int] | None:
    if not isinstance(items, list):
        return None
    return [position for position, item in enumerate(items, 1) if equal(item, value, budget) is True]


def _flatten(budget: Budget, items: Any) -> list[Any] | None:
    if not isinstance(items, list):
        return None
    flat: list[Any] = []
    for item in items:
        if isinstance(item, list):
            budget.spend(1 + len(item))
            flat += _flatten(budget, item) or ()
        else:
            flat.append(item)
    return flat


def _concatenate(*lists: Any) -> list[Any] | None:
    return [item for items in lists for item in items] if all(isinstance(items, list) for items in lists) else None


def _get(context: Any, name: Any) -> Any:
    if isinstance(context, Mapping):
        if isinstance(name, str):
            return context.get(name)
        if isinstance(name, list):
            for step in name:
                context = context.get(step) if isinstance(context, Mapping) and isinstance(step, str) else None
            return context
    return None


def _put(context: Any, name: Any, value: Any) -> Any:
    return {**context, name: value} if isinstance(context, Mapping) and isinstance(name, str) else None


def _merge(*contexts: Any) -> Any:
    items = _items(contexts) if len(contexts) == 1 and isinstance(contexts[0], list) else list(contexts)
    if items is None or not all(isinstance(c, Mapping) for c in items):
        return None
    return {name: value for context in items for name, value in context.items()}


def _context(entries: Any) -> Any:
    if not isinstance(entries, list) or not all(
        isinstance(e, Mapping) and isinstance(e.get("key"), str) for e in entries
    ):
        return None
    return {entry["key"]: entry.get("value") for entry in entries}


def _text(budget: Budget, value: Any) -> str | None:
    if value is None:
        return None
    text = shown(value, budget)
    return text if len(text) <= MAX_TEXT else None


FUNCTIONS: Mapping[str, Function] = {
    **DATE_FUNCTIONS,
    "not": lambda value: (not value) if isinstance(value, bool) else None,
    "is defined": lambda value: value is not None,
    "get or else": lambda value, other: other if value is None else value,
    "string": _text,
    "number": _to_number,
    "context": _context,
    "substring": _substring,
    "string length": _of_text(len),
    "upper case": _of_text(str.upper),
    "lower case": _of_text(str.lower),
    "substring before": _of_text(_before),
    "substring after": _of_text(_after),
    "contains": _of_text(lambda text, match: match in text),
    "starts with": _of_text(str.startswith),
    "ends with": _of_text(str.endswith),
    "split": _of_text(_split),
    "trim": _of_text(str.strip),
    "is blank": _of_text(lambda text: not text.strip()),
    "string join": _join,
    "list contains": _contains,
    "count": _of_list(len),
    "is empty": _of_list(lambda items: not items),
    "min": _extreme("<"),
    "max": _extreme(">"),
    "sum": _of_numbers(_sum),
    "product": _of_numbers(_product),
    "mean": _of_numbers(lambda items: calculate("/", _sum(items), len(items))),
    "median": _of_numbers(lambda items: number(Decimal(repr(median(items))))),
    "stddev": _of_numbers(lambda items: _deviation(items)),
    "all": _all,
    "every": _all,
    "any": _any,
    "some": _any,
    "sublist": _of_list(_sublist),
    "append": _of_list(lambda items, *values: [*items, *values]),
    "concatenate": _concatenate,
    "union": _union,
    "insert before": _of_list(_insert),
    "remove": _of_list(_remove),
    "reverse": _of_list(lambda items: items[::-1]),
    "index of": _index_of,
    "distinct values": _distinct,
    "flatten": _flatten,
    "decimal": _rounding(ROUND_HALF_EVEN),
    "floor": _rounding(ROUND_FLOOR),
    "ceiling": _rounding(ROUND_CEILING),
    "round up": _rounding(ROUND_UP),
    "round down": _rounding(ROUND_DOWN),
    "round half up": _rounding(ROUND_HALF_UP),
    "round half down": _rounding(ROUND_HALF_DOWN),
    "abs": _abs,
    "modulo": _modulo,
    "sqrt": _math(math.sqrt),
    "log": _math(math.log),
    "exp": _math(math.exp),
    "odd": lambda value: int(value) % 2 == 1 if is_number(value) else None,
    "even": lambda value: int(value) % 2 == 0 if is_number(value) else None,
    "get value": _get,
    "get entries": lambda c: [{"key": k, "value": v} for k, v in c.items()] if isinstance(c, Mapping) else None,
    "context put": _put,
    "context merge": _merge,
}  # fmt: skip

#: those that compare, or walk over what their arguments hold: they pay for that from the budget that they get first
PAYING = frozenset(("string", "list contains", "min", "max", "union", "index of", "distinct values", "flatten"))

#: those that want to know the time; it is their only argument
OF_NOW: Mapping[str, Callable[[datetime], Any]] = {"now": lambda moment: moment, "today": datetime.date}


def _deviation(items: list[Any]) -> Any:
    middle = mean(items)
    if len(items) < 2:
        return None
    return number(Decimal(repr(math.sqrt(sum((i - middle) ** 2 for i in items) / (len(items) - 1)))))


def call(name: str, arguments: list[Any], budget: Budget) -> Any:
    """Null if the arguments are not those that the function takes.

    Each function costs what its arguments and its result are in size. Raises ExpressionError if the budget is spent.
    """
    budget.spend(1 + sum(map(size, arguments)))
    try:
        value = FUNCTIONS[name](budget, *arguments) if name in PAYING else FUNCTIONS[name](*arguments)
    except ExpressionError:
        raise
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return None
    budget.spend(size(value))
    return value


def member(value: Any, name: str, budget: Budget) -> Any:
    """The member of a context, or a part of a date, a time or a duration. Raises ExpressionError."""
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list):
        budget.spend(1 + len(value))
        return [member(item, name, budget) for item in value]
    read = PARTS.get((kind_of(value), name))
    return read(value) if read is not None else None
