"""Expressions over the variables of a process: FEEL, see core.graph.feel."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.graph.feel.budget import VARIABLES, Budget
from core.graph.feel.budget import ExpressionError as ExpressionError
from core.graph.feel.parser import Parser
from core.graph.feel.scope import Expression, Scope
from core.graph.feel.values import plain

_DIGITS = re.compile(r"-?[0-9]{1,18}")

Variables = Mapping[str, Any]


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The expression, ready to run. Raises ExpressionError."""
    return Parser(text).parse()


def evaluate(text: str, variables: Variables, now: int = 0, budget: Budget | None = None) -> Any:
    """The value as JSON has it; `now` are milliseconds. Raises ExpressionError, also if the budget does not suffice."""
    budget = budget or Budget()
    budget.spend(1 + len(variables) // VARIABLES)
    try:
        return plain(parse(text)(Scope(variables, now, budget)), budget)
    except RecursionError:
        raise ExpressionError("values nested too deep") from None


def whole(value: Any) -> int | None:
    """The whole number that an attribute is, as a number or as digits; None if it is none."""
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return None
    return int(value)


def attribute(text: str, variables: Variables, now: int = 0, budget: Budget | None = None) -> Any:
    """An attribute that is an expression if it starts with `=`, else itself. Raises ExpressionError."""
    return evaluate(text[1:], variables, now, budget) if text.startswith("=") else text
