"""What an element does when a token has come to it, by its kind; what is not told is done at once."""

from collections.abc import Callable, Mapping

from core.flow import (
    adhoc,
    calls,
    compensation,
    errors,
    escalations,
    events,
    jobs,
    losing,
    mappings,
    rules,
    signals,
    usertasks,
)
from core.flow.state import State
from core.graph.elements import Element, ElementKind, EventKind
from core.tables.instance import ElementInstance

#: True if the element waits, or if its token is gone
Behaviour = Callable[[State, Element, ElementInstance], bool]


def _user_task(run: State, element: Element, entered: ElementInstance) -> bool:
    if usertasks.enter(run, element, entered):
        return True
    if usertasks.all_removed(run, entered):
        losing.lose(run, entered)
        return True
    return False


def _sub_process(run: State, element: Element, entered: ElementInstance) -> bool:
    run.ctx.ws.change(entered, live=1)
    run.enter(run.known.program.starts[element.id], entered.key)
    return True


def _call_activity(run: State, element: Element, entered: ElementInstance) -> bool:
    instance = calls.begin(run, element, entered)
    inner = run.inner(instance)
    variables = calls.given(run, element, entered)
    if variables:
        inner.put(instance.key, variables)
    inner.start()
    return True


def _event_gateway(run: State, element: Element, entered: ElementInstance) -> bool:
    """All that comes behind it is waited for, and what comes first is gone on with."""
    for flow in run.known.program.outgoing[element.id]:
        events.arm(run, run.known.program.elements[flow.target], entered)
    return True


def _catch_event(run: State, element: Element, entered: ElementInstance) -> bool:
    if element.event is not None and element.event.kind is EventKind.LINK:
        return False
    events.arm(run, element, entered)
    return True


def _script_task(run: State, element: Element, entered: ElementInstance) -> bool:
    if jobs.begin(run, element, entered):
        return True
    mappings.run_script(run, element, entered)
    return False


def _throw(run: State, element: Element, entered: ElementInstance) -> bool:
    behaviour = THROWN.get(element.event.kind) if element.event is not None else None
    return (behaviour or jobs.begin)(run, element, entered)


def _terminate(run: State, element: Element, entered: ElementInstance) -> bool:
    run.clear(entered)
    return False


#: at what throws it, what happens
THROWN: Mapping[EventKind, Behaviour] = {
    EventKind.ERROR: errors.throw_at,
    EventKind.ESCALATION: escalations.throw_at,
    EventKind.SIGNAL: signals.throw,
    EventKind.COMPENSATION: compensation.throw_at,
    EventKind.TERMINATE: _terminate,
}
BEHAVIOURS: Mapping[ElementKind, Behaviour] = {
    ElementKind.USER_TASK: _user_task,
    ElementKind.SUB_PROCESS: _sub_process,
    ElementKind.EVENT_SUB_PROCESS: _sub_process,
    ElementKind.AD_HOC_SUB_PROCESS: adhoc.begin,
    ElementKind.CALL_ACTIVITY: _call_activity,
    ElementKind.INTERMEDIATE_CATCH_EVENT: _catch_event,
    ElementKind.RECEIVE_TASK: _catch_event,
    ElementKind.EVENT_BASED_GATEWAY: _event_gateway,
    ElementKind.SCRIPT_TASK: _script_task,
    ElementKind.SERVICE_TASK: jobs.begin,
    ElementKind.SEND_TASK: jobs.begin,
    ElementKind.BUSINESS_RULE_TASK: rules.begin,
    ElementKind.INTERMEDIATE_THROW_EVENT: _throw,
    ElementKind.END_EVENT: _throw,
}
