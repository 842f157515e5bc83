"""How values relate, with null for those that do not."""

from typing import Any

from core.graph.feel.budget import Budget
from core.graph.feel.values import Failure, comparable, equal, kind_of, less

#: other names of types
_TYPES = {
    "date time": "date and time",
    "year-month-duration": "years and months duration",
    "day-time-duration": "days and time duration",
}
_LOCAL = {"local time": "time", "local date and time": "date and time"}


def compared(operator: str, left: Any, right: Any, budget: Budget) -> Any:
    """True, false or null. Raises ExpressionError."""
    if type(left) is int and type(right) is int:
        return _whole(operator, left, right)
    if isinstance(left, Failure):
        return left
    if isinstance(right, Failure):
        return right
    if operator == "=":
        return equal(left, right, budget)
    if operator == "!=":
        verdict = equal(left, right, budget)
        return None if verdict is None else not verdict
    if not comparable(left) or not comparable(right) or kind_of(left) != kind_of(right):
        return None
    match operator:
        case "<":
            return less(left, right, budget)
        case ">":
            return less(right, left, budget)
        case "<=":
            return not less(right, left, budget)
        case _:
            return not less(left, right, budget)


def _whole(operator: str, left: int, right: int) -> bool:
    match operator:
        case "=":
            return left == right
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case _:
            return left != right


def is_of(value: Any, name: str) -> bool:
    kind = kind_of(value)
    if name == "Any":
        return value is not None
    return _TYPES.get(name, name) == _LOCAL.get(kind, kind)
