"""Whether a value is of the type that it is said to be. Types that a file makes itself are not looked into."""

from typing import Any

from core.graph.dmn.frame import Undecided
from core.graph.feel.budget import Budget
from core.graph.feel.values import kind_of, text

_KINDS = {
    "string": ("string",),
    "number": ("number",),
    "boolean": ("boolean",),
    "time": ("time", "local time"),
    "date": ("date",),
    "dateTime": ("date and time", "local date and time"),
    "dayTimeDuration": ("days and time duration",),
    "yearMonthDuration": ("years and months duration",),
}


def typed(value: Any, type: str | None, budget: Budget) -> Any:
    """The value. Raises Undecided."""
    name = (type or "").replace("feel:", "")
    kinds = _KINDS.get(name)
    if value is None or kinds is None or kind_of(value) in kinds:
        return value
    raise Undecided(f"expected '{name}' but found '{text(value, budget)}'")
