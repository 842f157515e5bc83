"""Input and output mappings, and script tasks."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.flow.state import State
from core.graph.elements import Assign, Element, Script
from core.graph.expressions import ExpressionError, attribute, evaluate
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance
from core.types import Trouble


def _computed(
    run: State, element: Element, assigns: Iterable[Assign], variables: dict[str, Any], known: dict[str, Any]
) -> dict[str, Any]:
    """The variables that are assigned, one after the other; a member is put into what `known` has of its variable."""
    computed: dict[str, Any] = {}
    for assign in assigns:
        try:
            value = attribute(assign.source, {**variables, **computed}, run.ctx.now, run.ctx.effort.budget)
        except ExpressionError as error:
            raise ExecutionFailed(element.id, str(error), Trouble.MAPPING) from error
        name, *path = assign.target.split(".")
        computed[name] = _put(computed.get(name, known.get(name)) if path else None, path, value)
    return computed


def _put(whole: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    members = dict(whole) if isinstance(whole, dict) else {}
    members[path[0]] = _put(members.get(path[0]), path[1:], value)
    return members


def enter(run: State, element: Element, entered: ElementInstance) -> None:
    """Inputs become variables of the element's own."""
    seen = run.variables(entered.key if entered.place else entered.scope_key)
    run.put(entered.key, _computed(run, element, element.inputs, seen, {}))


def leave(run: State, element: Element, entered: ElementInstance) -> None:
    """Outputs are seen outside of the element; what else it had of its own is not. Those of one time in a loop may be
    what it comes to, which only it has."""
    outside = entered.key if entered.place else entered.scope_key
    computed = _computed(run, element, element.outputs, run.variables(entered.key), run.variables(outside))
    run.merge(outside, computed)


def result(run: State, element: Element, entered: ElementInstance, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What an element came to: its own if it has outputs, else it goes outwards. Returns the former values."""
    if element.outputs:
        return run.put(entered.key, variables)
    return run.merge(entered.key, variables)


def run_script(run: State, element: Element, entered: ElementInstance) -> None:
    script = element.script
    assert isinstance(script, Script), "the graph was checked"
    try:
        value = evaluate(script.expression, run.variables(entered.key), run.ctx.now, run.ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
    result(run, element, entered, {script.result: value})
