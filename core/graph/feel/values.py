"""The values of FEEL: their kinds, when two are the same, which is less, and how they read as text.

A value is null, a truth value, a text, a number, a list, a context (a mapping), one of core.graph.feel.temporal, a
range or a function. A failure stands for a value that could not be had; most of what meets it makes it null.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.graph.feel.budget import Budget, ExpressionError, size
from core.graph.feel.days import Date
from core.graph.feel.numbers import exact
from core.graph.feel.temporal import DateTime, Duration, LocalDateTime, LocalTime, Months, ZonedTime

MAX_TEXT = 1_000_000


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no value."""

    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """What can be called with so many arguments, or more if the last of them takes all that are left."""

    parameters: tuple[str, ...]
    call: Callable[..., Any]
    more: bool = False


class Context(dict[str, Any]):
    """What an expression built entry by entry. It is the same as itself alone where lists are searched, and it may
    have functions."""

    __slots__ = ("functions",)

    def __init__(self, *entries: Any) -> None:
        super().__init__(*entries)
        self.functions: dict[str, list[Function]] = {}


@dataclass(frozen=True, slots=True)
class Range:
    low: Any
    high: Any
    with_low: bool
    with_high: bool


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Context: "context",
    Date: "date",
    LocalTime: "local time",
    ZonedTime: "time",
    LocalDateTime: "local date and time",
    DateTime: "date and time",
    Duration: "days and time duration",
    Months: "years and months duration",
    Range: "range",
    Function: "function",
    Failure: "error",
}
#: of which two can be told which is less; lists are said to be, too, if all their items are of one such kind
_ORDERED = frozenset(_KINDS.values()) - {"null", "boolean", "list", "context", "range", "function", "error"}
POINTS = _ORDERED - {"string"}


def kind_of(value: Any) -> str:
    kind = _KINDS.get(type(value))
    if kind is None:
        kind = "context" if isinstance(value, Mapping) else "unknown"
    return kind


def equal(left: Any, right: Any, budget: Budget) -> bool | None:
    """None for values of different kinds, unless one of them is null. Raises ExpressionError."""
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind == "number":
        return bool(exact(left) == exact(right))
    if kind in ("string", "list", "context"):
        if len(left) != len(right):
            return False
        budget.spend(size(left))
        if kind == "list":
            return all(equal(a, b, budget) is True for a, b in zip(left, right, strict=True))
        if kind == "context":
            return left.keys() == right.keys() and all(equal(left[k], right[k], budget) is True for k in left)
    if kind in ("range", "function", "unknown"):
        return None
    return bool(left == right)


def same(left: Any, right: Any, budget: Budget) -> bool:
    """Whether a list that is searched for the one holds it in the other. Raises ExpressionError."""
    if left is right:
        return True
    kind = kind_of(left)
    if kind != kind_of(right):
        return False
    if kind == "list":
        budget.spend(size(left))
        return len(left) == len(right) and all(same(a, b, budget) for a, b in zip(left, right, strict=True))
    if kind == "context":
        if isinstance(left, Context) or isinstance(right, Context):
            return False
        budget.spend(size(left))
        return left.keys() == right.keys() and all(same(left[k], right[k], budget) for k in left)
    if kind == "range":
        return (left.with_low, left.with_high) == (right.with_low, right.with_high) and all(
            same(a, b, budget) for a, b in ((left.low, right.low), (left.high, right.high))
        )
    return equal(left, right, budget) is True


def comparable(value: Any) -> bool:
    kind = kind_of(value)
    if kind == "list":
        return bool(value) and comparable(value[0]) and all(kind_of(item) == kind_of(value[0]) for item in value)
    return kind in _ORDERED


def less(left: Any, right: Any, budget: Budget) -> bool:
    """Of two values of one kind that are comparable. Raises ExpressionError, for lists too."""
    kind = kind_of(left)
    if kind == "number":
        return bool(exact(left) < exact(right))
    if kind == "string":
        budget.spend(min(size(left), size(right)))
        return bool(left < right) if left.isascii() and right.isascii() else _units(left) < _units(right)
    if kind not in _ORDERED:
        raise ExpressionError(f"{text(left, budget)} can not be compared to {text(right, budget)}")
    return bool(left < right)


def _units(value: str) -> bytes:
    """Texts are ordered by their units in UTF-16."""
    return value.encode("utf-16-be", "surrogatepass")


def text(value: Any, budget: Budget) -> str:
    """A value as it is written; a text is in quotes. Raises ExpressionError."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        budget.spend(size(value))
        return f'"{value}"'
    if isinstance(value, int | float | Decimal):
        return str(exact(value))
    budget.spend(1 + size(value))
    if isinstance(value, list):
        return "[" + ", ".join(text(item, budget) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}:{text(item, budget)}" for name, item in value.items()) + "}"
    if isinstance(value, Range):
        low, high = "[" if value.with_low else "(", "]" if value.with_high else ")"
        return f"{low}{text(value.low, budget)}..{text(value.high, budget)}{high}"
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    if isinstance(value, Failure):
        return f'error("{value.why}")'
    if isinstance(value, Date):
        return value.text(plus=True)
    written = getattr(value, "text", None)
    return written() if written is not None else str(value)
