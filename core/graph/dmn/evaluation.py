"""Runs decisions, and tells what came of them as JSON has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.graph.dmn.compiler import Compiled, Ready
from core.graph.dmn.frame import Frame, Told, Undecided
from core.graph.dmn.knowledge import functions
from core.graph.dmn.types import typed
from core.graph.feel.budget import Budget, ExpressionError
from core.graph.feel.scope import Run
from core.graph.feel.values import Function

TOO_DEEP = "the requirements of the decision are nested too deep"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a decision as FEEL has it, or why there is none and whose fault that is; and what was decided on the
    way, in the order in which it was."""

    value: Any = None
    failure: str = ""
    failed_id: str = ""
    log: tuple[Told, ...] = ()


def decide(compiled: Compiled, decision_id: str, variables: Mapping[str, Any], now: int, budget: Budget) -> Outcome:
    """`now` are milliseconds. Raises `budget.error` if that is another one than ExpressionError and it is spent."""
    ready = compiled.decisions[decision_id]
    log: list[Told] = []
    functions = {name: [value] for name, value in variables.items() if isinstance(value, Function)}
    frame = Frame(Run(now, budget), variables, ready, log, functions)
    try:
        return Outcome(_decided(ready, frame), log=tuple(log))
    except (Undecided, ExpressionError) as error:
        failure = str(error)
    except RecursionError:
        failure = TOO_DEEP
    return Outcome(failure=failure, failed_id=log[-1].owner.id if log else decision_id, log=tuple(log))


def _decided(decision: Ready, frame: Frame) -> Any:
    """What is required by two is decided twice, as the vendor's engine does. Raises Undecided or ExpressionError."""
    results = {required.result_name: _decided(required, frame) for required in decision.requires}
    inner = frame.inner({**results, **functions(decision.knows, frame)}, decision)
    return typed(decision.logic.evaluate(inner), decision.result_type, frame.run.budget)
