"""Where a part of a decision is evaluated: the variables that it sees, and what is told of the evaluation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.graph.feel.budget import ROUND, VARIABLES
from core.graph.feel.scope import Expression, Run, Scope
from core.graph.feel.values import Function


class Undecided(Exception):
    """Why a decision has no result."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule that was met, by its place in the table from 0 on, and what it says."""

    index: int
    outputs: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a decision or knowledge came to; values are FEEL's. What failed has no value."""

    owner: "Owner"
    value: Any
    inputs: tuple[Any, ...] = ()
    matched: tuple[Matched, ...] = ()


class Runnable(Protocol):
    """Logic that is ready to run."""

    def evaluate(self, frame: "Frame") -> Any:
        """Raises Undecided, or ExpressionError if the budget is spent."""


class Owner(Protocol):
    """Whose logic it is: a decision, or knowledge."""

    id: str
    name: str
    logic: Runnable


@dataclass(frozen=True, slots=True)
class Frame:
    run: Run
    variables: Mapping[str, Any]
    owner: Owner
    log: list[Told]
    functions: Mapping[str, list[Function]] = field(default_factory=dict)

    def inner(self, variables: Mapping[str, Any], owner: Owner | None = None) -> "Frame":
        """With more variables. Raises ExpressionError."""
        self.run.budget.spend(ROUND + (len(self.variables) + len(variables)) // VARIABLES)
        functions = dict(self.functions)
        for name, value in variables.items():
            if isinstance(value, Function):
                functions[name] = [value]
            else:
                functions.pop(name, None)
        together = {**self.variables, **variables}
        return Frame(self.run, together, owner or self.owner, self.log, functions)

    def scope(self) -> Scope:
        return Scope(self.run, self.variables, None, self.functions)

    def value(self, expression: Expression, scope: Scope | None = None) -> Any:
        """Raises Undecided, or ExpressionError if the budget is spent."""
        self.run.budget.spend(1)
        return expression(scope or self.scope())

    def telling(self, logic: Runnable, compute: Callable[[], Any]) -> Any:
        """What it comes to, which is told; and that it failed, too. Raises what `compute` does."""
        try:
            value = compute()
        except Undecided:
            self.tell(logic, None)
            raise
        self.tell(logic, value)
        return value

    def tell(
        self, logic: Runnable, value: Any, inputs: tuple[Any, ...] = (), matched: tuple[Matched, ...] = ()
    ) -> None:
        """Only what is the whole logic of a decision is told."""
        if self.owner.logic is logic:
            self.log.append(Told(self.owner, value, inputs, matched))
