"""Ad-hoc sub-processes: each element that is activated runs in a scope of its own, with what comes behind it."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.flow import incidents, jobs
from core.flow.state import State
from core.flow.termination import terminate_inside
from core.graph.elements import AdHoc, Element, ElementKind
from core.graph.expressions import ExpressionError, evaluate
from core.graph.tokens import Led
from core.rejections import ExecutionFailed, Invalid
from core.tables.instance import ElementInstance
from core.tables.job import Job
from core.types import JobKind

#: what says that the condition held, and nothing is waited for but what is active still
_OVER = {"over": True}
#: an element that is to be activated, and the variables of its activation
Wanted = tuple[str, Mapping[str, Any]]


def ad_hoc_of(element: Element) -> AdHoc:
    assert element.ad_hoc is not None, "the graph was checked"
    return element.ad_hoc


def begin(run: State, element: Element, entered: ElementInstance) -> bool:
    """A token reached it: what it lists is activated; if that is nothing it waits for somebody who does so."""
    ad_hoc = ad_hoc_of(element)
    own = {**ad_hoc.own, ad_hoc.results: []} if ad_hoc.results else ad_hoc.own
    if own:
        run.put(entered.key, own)
    if jobs.begin(run, element, entered):
        return True
    if ad_hoc.active:
        ids = _evaluate(run, element, ad_hoc.active, entered.key)
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
            raise ExecutionFailed(element.id, "what is to be activated in it is no list of texts")
        unknown = [id for id in ids if id not in run.known.program.activatable[element.id]]
        if unknown:
            named = ", ".join(f"'{id}'" for id in unknown)
            raise ExecutionFailed(element.id, f"nothing in it can be activated that is called {named}")
        activate(run, element, entered, ((id, {}) for id in ids))
    return True


def activate(run: State, element: Element, scope: ElementInstance, wanted: Iterable[Wanted]) -> None:
    """All of them can be activated there."""
    for id, variables in wanted:
        first = run.known.program.activatable[element.id][id]
        around = run.open(run.known.program.activations[element.id], scope.key)
        run.ctx.ws.change(around, live=1, name=first.name or first.id)
        run.ctx.ws.change(scope, live=scope.live + 1)
        if variables:
            run.put(around.key, variables)
        run.enter(first, around.key)


def lead(run: State, element: Element, scope: ElementInstance, led: Led) -> None:
    """Whoever does its job says how it goes on. Raises Invalid."""
    if led.over and led.wanted:
        raise Invalid("led", "both")
    unknown = [id for id, _ in led.wanted if id not in run.known.program.activatable[element.id]]
    if unknown:
        raise Invalid("led", "unknown", ", ".join(unknown))
    if led.cancels:
        cancel_inside(run, scope)
    activate(run, element, scope, led.wanted)
    if led.over and scope.live:
        run.ctx.ws.change(scope, pending=_OVER)
    elif led.over:
        run.later(element, scope)


def _ask_again(run: State, element: Element, scope: ElementInstance) -> None:
    """Whoever leads it sees what there is now; what they do still is not asked for any more."""
    for job in list(run.ctx.ws.find(Job, "instance_key", scope.instance_key)):
        if job.kind == JobKind.AD_HOC and job.element_instance_key == scope.key:
            run.ctx.ws.remove(job)
            incidents.end_at(run.ctx, run.instance, {scope.key})
    jobs.begin(run, element, scope)


def cancel_inside(run: State, scope: ElementInstance) -> None:
    """All that is active in it ends."""
    run.forget(scope.key)
    terminate_inside(run.ctx, scope)
    run.ctx.ws.change(scope, live=0)


def is_inside(run: State, element: Element) -> bool:
    """Does an ad-hoc sub-process go on with the end of this one?"""
    around = run.known.program.elements.get(element.parent)
    return around is not None and around.kind is ElementKind.AD_HOC_SUB_PROCESS


def go_on(run: State, done: ElementInstance) -> None:
    """An activated element has ended with all that came behind it, or an event sub-process."""
    scope = run.scope(done.scope_key)
    element = run.known.program.elements[scope.element_id]
    ad_hoc = ad_hoc_of(element)
    if ad_hoc.results and done.kind == ElementKind.AD_HOC_ACTIVATION:
        results = run.local(scope.key).get(ad_hoc.results)
        result = _evaluate(run, element, ad_hoc.result, done.key)
        run.put(scope.key, {ad_hoc.results: [*(results if isinstance(results, list) else ()), result]})
    run.ctx.ws.change(scope, live=scope.live - 1)
    over = scope.pending == _OVER or not (ad_hoc.condition or element.work)
    if not over and element.work is not None:
        _ask_again(run, element, scope)
        return
    if not over and _evaluate(run, element, ad_hoc.condition, done.key) is True:
        over = True
        if ad_hoc.cancels:
            cancel_inside(run, scope)
        elif scope.live:
            run.ctx.ws.change(scope, pending=_OVER)
    if over and not scope.live:
        run.later(element, scope)


def give(run: State, element: Element, entered: ElementInstance) -> None:
    """It is over: what was collected is seen outside. One time in a loop keeps it, for what that one comes to."""
    ad_hoc = ad_hoc_of(element)
    if ad_hoc.results and not entered.place:
        run.merge(entered.scope_key, {ad_hoc.results: run.local(entered.key).get(ad_hoc.results)})


def _evaluate(run: State, element: Element, expression: str, scope_key: int) -> Any:
    try:
        return evaluate(expression, run.variables(scope_key), run.ctx.now, run.ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
