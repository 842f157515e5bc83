"""Errors of the process: thrown at an end event or by a worker, caught at a boundary or by an event sub-process."""

from collections.abc import Mapping
from typing import Any

from core.flow import throwing
from core.flow.state import State
from core.graph.elements import Element, EventKind
from core.graph.expressions import ExpressionError, attribute
from core.rejections import ExecutionFailed, Uncaught
from core.storage.jsontext import NOTHING
from core.tables.instance import ElementInstance


def throw(
    run: State, waiting: ElementInstance, code: str, message: str = "", variables: Mapping[str, Any] = NOTHING
) -> None:
    """What is active up to where it is caught ends, and whoever moves the tokens goes on there. Raises Uncaught."""
    caught = throwing.caught(run, waiting, EventKind.ERROR, code)
    if caught is None:
        raise Uncaught(waiting.element_id, code, message, throwing.known(run, waiting, EventKind.ERROR))
    caught.happen(variables)


def throw_at(run: State, element: Element, entered: ElementInstance) -> bool:
    """At an end event."""
    throw(run, entered, code_of(run, element, entered))
    return True


def code_of(run: State, element: Element, entered: ElementInstance) -> str:
    """What an event throws."""
    assert element.event is not None, "the graph was checked"
    text = element.event.code
    try:
        variables = run.variables(entered.key) if text.startswith("=") else {}
        code = attribute(text, variables, run.ctx.now, run.ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
    if not isinstance(code, str):
        raise ExecutionFailed(element.id, f"the code of the {element.event.kind} is no text")
    return code
