"""Where an expression is evaluated: the variables and functions that it sees, and what the evaluation may cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.graph.feel.budget import ROUND, Budget
from core.graph.feel.values import Function

#: the variable that holds what is tested, where a test does not name it
INPUT = "cellInput"
#: and the sign for it in a test
SIGN = "?"
MISSING: Any = object()


@dataclass(slots=True)
class Run:
    """One evaluation: the time in milliseconds, and the steps that are left."""

    now: int
    budget: Budget


class Scope:
    """The variables of a round, an entry or a call, and those around them."""

    __slots__ = ("functions", "growing", "outer", "run", "variables")

    def __init__(
        self,
        run: Run,
        variables: Mapping[str, Any],
        outer: "Scope | None" = None,
        functions: Mapping[str, list[Function]] | None = None,
        *,
        growing: bool = False,
    ) -> None:
        self.run = run
        self.variables = variables
        self.outer = outer
        self.functions = functions
        #: whether the variables become more while the scope is used
        self.growing = growing

    def inner(self, variables: Mapping[str, Any], functions: Mapping[str, list[Function]] | None = None) -> "Scope":
        """For one round. Raises ExpressionError."""
        self.run.budget.spend(ROUND)
        return Scope(self.run, variables, self, functions)

    def find(self, name: str) -> Any:
        """The innermost variable of that name, or MISSING."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.variables.get(name, MISSING)
            if value is not MISSING:
                return value
            scope = scope.outer
        return MISSING

    def function(self, name: str, fits: Callable[[Function], bool]) -> Function | None:
        """The innermost function of that name that takes the arguments."""
        scope: Scope | None = self
        while scope is not None:
            if scope.functions:
                for function in scope.functions.get(name, ()):
                    if fits(function):
                        return function
            scope = scope.outer
        return None

    def settled(self) -> "Scope":
        """As it is now, whatever is added later."""
        outer = self.outer.settled() if self.outer is not None else None
        if not self.growing:
            return self if outer is self.outer else Scope(self.run, self.variables, outer, self.functions)
        self.run.budget.spend(len(self.variables))
        functions = {name: list(known) for name, known in (self.functions or {}).items()}
        return Scope(self.run, dict(self.variables), outer, functions)


Expression = Callable[[Scope], Any]


@dataclass(slots=True)
class NoInput(Exception):
    """A test asks for its input by sign, and there is none."""

    why: str = field(
        default="No input value available. '?' can only be used inside an unary-test expression.", init=False
    )
