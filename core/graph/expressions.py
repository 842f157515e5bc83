"""Expressions over the variables of a process: FEEL, see core.graph.feel."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.graph.feel.budget import Budget
from core.graph.feel.budget import ExpressionError as ExpressionError
from core.graph.feel.engine import read, result_of
from core.graph.feel.iso import moment as parse_moment
from core.graph.feel.scope import Expression
from core.graph.feel.temporal import DateTime
from core.times import parse_timestamp

_DIGITS = re.compile(r"-?[0-9]{1,18}")

Variables = Mapping[str, Any]


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The expression, ready to run. Raises ExpressionError."""
    return read(text)


@lru_cache(maxsize=4096)
def _kept(text: str) -> Expression:
    """One that may have been taken when expressions were read in a way of our own. Raises ExpressionError."""
    try:
        return read(text)
    except ExpressionError as error:
        try:
            return read(text, lenient=True)
        except ExpressionError:
            raise error from None


def evaluate(text: str, variables: Variables, now: int = 0, budget: Budget | None = None) -> Any:
    """The value as JSON has it; `now` are milliseconds. Raises ExpressionError, also if the budget does not suffice."""
    return result_of(_kept(text), variables, now, budget or Budget())


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


def moment(text: str, *, offset_required: bool = True) -> int:
    """Milliseconds of a date and time that an expression came to, in a zone by its id too. Raises ValueError."""
    if "@" not in text and "[" not in text:
        return parse_timestamp(text, offset_required=offset_required)
    value = parse_moment(text)
    if not isinstance(value, DateTime):
        raise ValueError(f"{text!r} is not a date and time")
    return value.epoch // 1_000_000
