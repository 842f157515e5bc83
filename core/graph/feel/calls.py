"""Calls of functions: those of the expression itself, and those that are there for all."""

from collections.abc import Callable
from typing import Any

from core.graph.feel.budget import size
from core.graph.feel.functions import BUILTINS
from core.graph.feel.scope import Expression, Scope
from core.graph.feel.values import Context, Failure, Function, kind_of


def call(path: Expression | None, name: str, arguments: list[Expression], named: tuple[str, ...] | None) -> Expression:
    fits = _fitting(len(arguments), named)
    if path is not None:
        return _call_of(path, name, fits, arguments, named)
    builtin = next((function for function in BUILTINS.get(name, ()) if fits(function)), None)

    def invoke(s: Scope) -> Any:
        """Null if there is no such function, or if it cannot use its arguments."""
        function = s.function(name, fits) or builtin
        value = None if function is None else _invoked(function, s, arguments, named)
        return None if isinstance(value, Failure) else value

    return invoke


def _call_of(
    path: Expression,
    name: str,
    fits: Callable[[Function], bool],
    arguments: list[Expression],
    named: tuple[str, ...] | None,
) -> Expression:
    def invoke(s: Scope) -> Any:
        context = path(s)
        if kind_of(context) != "context":
            return Failure(f"Expected context but found '{kind_of(context)}'")
        known = context.functions.get(name, ()) if isinstance(context, Context) else ()
        function = next((function for function in known if fits(function)), None)
        if function is None:
            return Failure(f"No function found with name '{name}' and {len(arguments)} parameters")
        return _invoked(function, s, arguments, named)

    return invoke


def _fitting(count: int, named: tuple[str, ...] | None) -> Callable[[Function], bool]:
    if named is None:
        return lambda f: len(f.parameters) == count or (f.more and len(f.parameters) < count)
    names = set(named)
    return lambda f: names <= set(f.parameters)


def _invoked(function: Function, s: Scope, arguments: list[Expression], named: tuple[str, ...] | None) -> Any:
    values = [argument(s) for argument in arguments]
    for value in values:
        if isinstance(value, Failure):
            return value
    if named is not None:
        given = dict(zip(named, values, strict=True))
        values = [given.get(parameter) for parameter in function.parameters]
    elif function.more:
        fixed = len(function.parameters) - 1
        rest = values[fixed:]
        if fixed or len(rest) != 1 or not isinstance(rest[0], list):
            values[fixed:] = [rest]
        else:
            values[fixed:] = rest
    s.run.budget.spend(1 + sum(map(size, values)))
    result = function.call(s.run, *values)
    s.run.budget.spend(size(result))
    return result


def function(parameters: tuple[str, ...], body: Expression) -> Expression:
    def define(s: Scope) -> Function:
        around = s.settled()

        def invoke(_: Any, *values: Any) -> Any:
            return body(around.inner(dict(zip(parameters, values, strict=True))))

        return Function(parameters, invoke)

    return define
