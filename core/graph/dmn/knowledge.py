"""Business knowledge models: as functions that expressions call, and called by an invocation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.graph.dmn.frame import Frame, Runnable, Undecided
from core.graph.dmn.logics import function
from core.graph.dmn.model import Parameter
from core.graph.dmn.types import typed


@dataclass(slots=True, eq=False)
class Model:
    id: str
    name: str
    logic: Runnable
    parameters: tuple[Parameter, ...] = ()
    requires: "list[Model]" = field(default_factory=list)


def functions(models: Iterable[Model], frame: Frame) -> dict[str, Any]:
    """Each by its name, with those that it calls itself."""
    return {
        model.name: function(model.parameters, model.logic, frame.inner(functions(model.requires, frame), model))
        for model in models
    }


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An invocation: parameters are bound by name, whatever else is there is seen, too."""

    model: Model
    bindings: tuple[tuple[str, Runnable], ...]

    def evaluate(self, frame: Frame) -> Any:
        return frame.telling(self, lambda: self._value(frame))

    def _value(self, frame: Frame) -> Any:
        bound = frame.inner({name: binding.evaluate(frame) for name, binding in self.bindings})
        inner = bound.inner(functions(self.model.requires, bound), self.model)
        for parameter in self.model.parameters:
            if parameter.name not in inner.variables:
                raise Undecided(f"no parameter found with name '{parameter.name}'")
            typed(inner.variables[parameter.name], parameter.type, frame.run.budget)
        return self.model.logic.evaluate(inner)
