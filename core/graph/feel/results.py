"""A value as JSON can store it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.graph.feel.budget import STORED, Budget, ExpressionError
from core.graph.feel.numbers import stored
from core.graph.feel.values import Failure, Function, text

#: how deep lists and contexts of a result are nested at most; what stores them goes to 254
MAX_NESTING = 200


def plain(value: Any, budget: Budget, depth: int = 0) -> Any:
    """Dates, durations and ranges become texts, whole numbers are cut to 64 bits, functions are null.

    Raises ExpressionError if it is too large or nested too deep.
    """
    if isinstance(value, str):
        budget.spend(len(value) // STORED)
        return value if value.isascii() else _whole_characters(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return stored(value)
    if isinstance(value, list | range | Mapping):
        if depth >= MAX_NESTING:
            raise ExpressionError(f"a result nested deeper than {MAX_NESTING}")
        budget.spend(1 + len(value))
        if isinstance(value, Mapping):
            return {str(name): plain(item, budget, depth + 1) for name, item in value.items()}
        return [plain(item, budget, depth + 1) for item in value]
    return None if isinstance(value, Function | Failure) else text(value, budget)


def _whole_characters(value: str) -> str:
    """Two halves of a pair of units are a character; one alone is none."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", "?")
