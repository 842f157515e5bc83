"""FEEL on its own: read an expression once, evaluate it over variables as often as wanted."""

from collections.abc import Callable, Mapping
from typing import Any

from core.graph.feel.budget import VARIABLES, Budget, ExpressionError
from core.graph.feel.compiler import compiled
from core.graph.feel.parser import Parser
from core.graph.feel.results import plain
from core.graph.feel.scope import INPUT, Expression, NoInput, Run, Scope
from core.graph.feel.syntax import Node
from core.graph.feel.values import Failure


def read(text: str, *, lenient: bool = False) -> Expression:
    """An expression, ready to run. Raises ExpressionError."""
    return _ready(Parser(text, lenient=lenient).expression)


def read_tests(text: str) -> Expression:
    """The tests of a cell, ready to run over an input. Raises ExpressionError."""
    return _ready(Parser(text).tests)


def _ready(parse: Callable[[], Node]) -> Expression:
    try:
        return compiled(parse())
    except RecursionError:
        raise ExpressionError("an expression nested too deep") from None


def value_of(expression: Expression, variables: Mapping[str, Any], now: int, budget: Budget) -> Any:
    """The value as FEEL has it. Raises ExpressionError if there is none, or if the budget does not suffice."""
    budget.spend(1 + len(variables) // VARIABLES)
    return value_in(expression, Scope(Run(now, budget), variables))


def value_in(expression: Expression, scope: Scope) -> Any:
    """The value in a scope that who asks has made, with functions of its own. Raises ExpressionError."""
    try:
        value = expression(scope)
    except NoInput as error:
        raise ExpressionError(error.why) from None
    except RecursionError:
        raise ExpressionError("values nested too deep") from None
    except (ArithmeticError, TypeError) as error:
        raise ExpressionError(f"it cannot be computed: {error}") from None
    except scope.run.budget.error:
        raise
    except ValueError as error:
        raise error if isinstance(error, ExpressionError) else ExpressionError(str(error)) from None
    if isinstance(value, Failure):
        raise ExpressionError(value.why)
    return value


def result_of(expression: Expression, variables: Mapping[str, Any], now: int, budget: Budget) -> Any:
    """The value as JSON has it. Raises ExpressionError."""
    value = value_of(expression, variables, now, budget)
    try:
        return plain(value, budget)
    except RecursionError:
        raise ExpressionError("values nested too deep") from None


def verdict_of(tests: Expression, tested: Any, variables: Mapping[str, Any], now: int, budget: Budget) -> Any:
    """Whether an input meets tests: true, false or null. Raises ExpressionError."""
    return value_of(tests, {**variables, INPUT: tested}, now, budget)
