"""The functions of truth values, of what is there, and of what must be."""

from typing import Any

from core.graph.feel.budget import ExpressionError
from core.graph.feel.functions.forms import Forms, form

FORMS: Forms = {}


@form(FORMS, "not(negand)")
def _not(negand: Any) -> bool | None:
    return not negand if isinstance(negand, bool) else None


@form(FORMS, "is defined(value)")
def _is_defined(value: Any) -> bool:
    return value is not None


@form(FORMS, "get or else(value, default)")
def _get_or_else(value: Any, default: Any) -> Any:
    return default if value is None else value


class AssertionFailed(ExpressionError):
    """The expression says that it must not go on."""


@form(FORMS, "assert(value, condition)")
def _assert(value: Any, condition: Any) -> Any:
    return _asserted(value, condition, "The condition is not fulfilled")


@form(FORMS, "assert(value, condition, cause)")
def _assert_with_cause(value: Any, condition: Any, cause: Any) -> Any:
    return _asserted(value, condition, cause if isinstance(cause, str) else "Illegal arguments")


def _asserted(value: Any, condition: Any, cause: str) -> Any:
    """Whatever comes of the rest, an expression with a condition that is not met has no value."""
    if condition is not True:
        raise AssertionFailed(cause)
    return value
