"""What a decision may say besides a table: an expression, a context, a list, a relation, a call or a function."""

from dataclasses import dataclass
from typing import Any

from core.graph.dmn.frame import Frame, Runnable, Undecided
from core.graph.dmn.model import Parameter
from core.graph.dmn.types import typed
from core.graph.feel.scope import Expression
from core.graph.feel.values import Context, Failure, Function


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    expression: Expression

    def evaluate(self, frame: Frame) -> Any:
        return frame.telling(self, lambda: frame.value(self.expression))


@dataclass(frozen=True, slots=True, eq=False)
class Unready:
    """What could not be read: whoever evaluates it is told why."""

    why: str

    def evaluate(self, frame: Frame) -> Any:
        frame.tell(self, None)
        raise Undecided(self.why)


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """An entry sees those before it. `result` is the value of all, if there is one without a name."""

    entries: tuple[tuple[str, Runnable], ...]
    result: Runnable | None

    def evaluate(self, frame: Frame) -> Any:
        return frame.telling(self, lambda: self._value(frame))

    def _value(self, frame: Frame) -> Any:
        values: dict[str, Any] = {}
        inner = frame
        for name, entry in self.entries:
            values[name] = value = entry.evaluate(inner)
            inner = inner.inner({name: value})
        if self.result is not None:
            return self.result.evaluate(inner)
        functions = {name: [value] for name, value in values.items() if isinstance(value, Function)}
        if not functions:
            return values
        built = Context(values)
        built.functions.update(functions)
        return built


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    items: tuple[Runnable, ...]

    def evaluate(self, frame: Frame) -> Any:
        return frame.telling(self, lambda: [item.evaluate(frame) for item in self.items])


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    rows: tuple[tuple[tuple[str, Runnable], ...], ...]

    def evaluate(self, frame: Frame) -> Any:
        return frame.telling(self, lambda: [{name: cell.evaluate(frame) for name, cell in row} for row in self.rows])


@dataclass(frozen=True, slots=True, eq=False)
class FunctionOf:
    parameters: tuple[Parameter, ...]
    body: Runnable

    def evaluate(self, frame: Frame) -> Any:
        return function(self.parameters, self.body, frame)


def function(parameters: tuple[Parameter, ...], body: Runnable, frame: Frame) -> Function:
    """What is called sees what was there when it was made, and its arguments."""

    def invoke(_: Any, *values: Any) -> Any:
        budget = frame.run.budget
        try:
            arguments = {
                parameter.name: typed(value, parameter.type, budget)
                for parameter, value in zip(parameters, values, strict=False)
            }
            return body.evaluate(frame.inner(arguments))
        except Undecided as error:
            return Failure(str(error))

    return Function(tuple(parameter.name for parameter in parameters), invoke)
