"""How a function says what it takes: `substring(string: string, start position: number)`."""

from collections.abc import Callable
from typing import Any, TypeVar

from core.graph.feel.numbers import exact
from core.graph.feel.values import Failure, Function, kind_of

Forms = dict[str, list[Function]]
Body = TypeVar("Body", bound=Callable[..., Any])

ILLEGAL = Failure("Illegal arguments")


def form(forms: Forms, signature: str, *, paying: bool = False) -> Callable[[Body], Body]:
    """Adds a form of a function. Parameters without a kind take any value, the last one with `...` all that are left,
    as a list. One that is `paying` gets the run first, whose budget it spends from."""
    function, _, inner = signature.removesuffix(")").partition("(")
    declared = [part.strip().partition(":") for part in inner.split(",")] if inner else []
    parameters = tuple(parameter.removesuffix("...") for parameter, _, _ in declared)
    kinds = tuple("list" if name.endswith("...") else kind.strip() for name, _, kind in declared)

    def add(body: Body) -> Body:
        def call(run: Any, *values: Any) -> Any:
            checked = []
            for value, kind in zip(values, kinds, strict=True):
                if kind and kind != kind_of(value):
                    return ILLEGAL
                checked.append(exact(value) if kind == "number" else value)
            return body(run, *checked) if paying else body(*checked)

        forms.setdefault(function, []).append(Function(parameters, call, inner.endswith("...")))
        return body

    return add
