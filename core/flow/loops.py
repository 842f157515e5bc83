"""Multi-instance: an activity is done once for each item of a collection, and what is around it waits for all."""

from typing import Any

from core.flow import events
from core.flow.state import State
from core.flow.termination import terminate_inside
from core.graph.elements import Element, Loop
from core.graph.expressions import ExpressionError, evaluate
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance
from core.types import ElementState

#: the variable that says which time it is
COUNTER = "loopCounter"


def loop_of(element: Element) -> Loop:
    assert element.loop is not None, "the graph was checked"
    return element.loop


def begin(run: State, element: Element, body: ElementInstance) -> None:
    """A token reached the activity."""
    loop = loop_of(element)
    for event in run.known.program.boundaries.get(element.id, ()):
        events.arm(run, event, body)
    items = _evaluate(run, element, loop.collection, run.variables(body.key))
    if not isinstance(items, list):
        raise ExecutionFailed(element.id, "what it is done for is no list")
    if loop.results:
        run.put(body.key, {loop.results: [None] * len(items)})
    if not items:
        run.later(element, body)
        return
    # the others' turn comes in later commands
    if loop.sequential:  # the others' turn comes in later commands
        run.ctx.ws.change(body, live=1, pending={"items": items})
        _enter(run, element, body, 1, items[0])
        return
    run.ctx.ws.change(body, live=len(items))
    for place, item in enumerate(items, 1):
        _enter(run, element, body, place, item)


def _enter(run: State, element: Element, body: ElementInstance, place: int, item: Any) -> None:
    loop = loop_of(element)
    own = {loop.item: item} if loop.item else {}
    own[COUNTER] = place
    variable, *members = loop.result.split(".")
    if all(name.strip().isidentifier() for name in (variable, *members)):
        own.setdefault(variable.strip(), None)  # so that what one comes to is not seen by the others
    run.enter(element, body.key, place=place, own=own)


def go_on(run: State, element: Element, done: ElementInstance) -> None:
    """One time of it is over."""
    loop, body = loop_of(element), run.scope(done.scope_key)
    variables = run.variables(done.key) if loop.results or loop.condition else {}
    if loop.results:
        results = list(run.local(body.key).get(loop.results) or [])
        results += [None] * (done.place - len(results))
        results[done.place - 1] = _evaluate(run, element, loop.result, variables)
        run.put(body.key, {loop.results: results})
        variables[loop.results] = results
    items = body.pending.get("items", ())
    if loop.condition and _is_satisfied(run, element, body, variables, len(items)):
        run.forget(body.key)
        terminate_inside(run.ctx, body)
        run.ctx.ws.change(body, live=0)
        run.later(element, body)
    elif done.place < len(items):
        _enter(run, element, body, done.place + 1, items[done.place])
    else:
        run.ctx.ws.change(body, live=body.live - 1)
        if body.live == 0:
            run.later(element, body)


def _is_satisfied(run: State, element: Element, body: ElementInstance, variables: dict[str, Any], items: int) -> bool:
    """Need no more be done?"""
    rows = run.ctx.ws.find(ElementInstance, "instance_key", body.instance_key)
    states = [row.state for row in rows if row.scope_key == body.key]
    completed, terminated = states.count(ElementState.COMPLETED), states.count(ElementState.TERMINATED)
    active = body.live - 1
    numbers = {
        "numberOfInstances": items or completed + terminated + active,
        "numberOfActiveInstances": active,
        "numberOfCompletedInstances": completed,
        "numberOfTerminatedInstances": terminated,
    }
    return _evaluate(run, element, loop_of(element).condition, {**variables, **numbers}) is True


def give(run: State, element: Element, body: ElementInstance) -> None:
    """All of it is over: what it came to is seen outside."""
    loop = loop_of(element)
    if loop.results:
        run.merge(body.scope_key, {loop.results: run.local(body.key).get(loop.results)})


def _evaluate(run: State, element: Element, expression: str, variables: dict[str, Any]) -> Any:
    try:
        return evaluate(expression, variables, run.ctx.now, run.ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
