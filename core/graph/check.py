"""What is wrong with a graph, told before it is deployed."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

from core.graph.durations import Cycle, interval
from core.graph.elements import ACTIVITIES, SCOPES, Element, ElementKind, EventKind, Flow, computed_texts
from core.graph.graph import Graph
from core.graph.problems import Problem, check_expression
from core.graph.thrown import check_scopes
from core.times import parse_timestamp

_RETRIES = re.compile(r"[0-9]{1,9}")
#: of a user task, that somebody can listen to
TASK_EVENTS = frozenset(("creating", "assigning", "updating", "completing", "canceling"))


#: gateways that go one way or another
_CHOICES = frozenset((ElementKind.EXCLUSIVE_GATEWAY, ElementKind.INCLUSIVE_GATEWAY))
_THROWING = frozenset((ElementKind.INTERMEDIATE_THROW_EVENT, ElementKind.END_EVENT))
#: what nobody but a worker does
_WORKED = frozenset((ElementKind.SERVICE_TASK, ElementKind.SEND_TASK, ElementKind.BUSINESS_RULE_TASK))
#: of a sub-process; a process may begin in several ways, where the dialect that deploys it lets it
ONE_START = "Must have at most one start event"


_ONLY_CATCHES = (
    "Event-based gateway must not have an outgoing sequence flow to other elements than "
    "message/timer/signal/conditional intermediate catch events."
)
_NO_OTHERS = (
    "Target elements of an event gateway must not have any additional incoming sequence flows other than that from the "
    "event gateway."
)


def check(graph: Graph, *, strict: bool = True) -> list[Problem]:
    """What keeps the process from running, in the order of the document; `strict`: and what can only be a mistake."""
    return [
        *_check_ids(graph),
        *_check_scopes(graph),
        *_check_elements(graph),
        *_check_flows(graph, strict=strict),
        *_check_gateways(graph, strict=strict),
        *_check_links(graph),
        *check_scopes(graph),
        *_check_waiting(graph),
    ]


def _check_ids(graph: Graph) -> Iterator[Problem]:
    ids: set[str] = set()
    for id in (*(e.id for e in graph.elements), *(f.id for f in graph.flows)):
        if id in ids:
            yield Problem(id, "Must have a unique id")
        ids.add(id)


def _scopes(graph: Graph) -> dict[str, str]:
    """By what elements say they are in: what it is called in a problem."""
    return {"": graph.id} | {e.id: e.id for e in graph.elements if e.kind in SCOPES}


def _check_scopes(graph: Graph) -> Iterator[Problem]:
    starts = Counter(e.parent for e in graph.elements if e.kind is ElementKind.START_EVENT)
    ad_hoc = {e.id for e in graph.elements if e.kind is ElementKind.AD_HOC_SUB_PROCESS}
    for scope, name in _scopes(graph).items():
        if scope in ad_hoc:
            continue  # where it begins, somebody says when it is entered
        if not starts[scope]:
            yield Problem(name, "Must have at least one start event")
        elif scope and starts[scope] > 1:
            yield Problem(name, ONE_START)


def _check_elements(graph: Graph) -> Iterator[Problem]:
    elements = {e.id: e for e in graph.elements}
    scopes = _scopes(graph)
    for element in graph.elements:
        if element.parent not in scopes:
            yield Problem(element.id, "Must be part of a sub-process or of the process")
        if (element.kind is ElementKind.USER_TASK) != (element.task is not None):
            yield Problem(element.id, "Only a user task has task attributes")
        yield from _check_element(element, elements)


def _check_flows(graph: Graph, *, strict: bool) -> Iterator[Problem]:
    elements = {e.id: e for e in graph.elements}
    for flow in graph.flows:
        source, target = elements.get(flow.source), elements.get(flow.target)
        if source is None or target is None:
            yield Problem(flow.id, "Must lead from one element to another")
            continue
        if source.parent != target.parent:
            yield Problem(flow.id, "Must not cross the border of a sub-process")
        if strict and target.kind is ElementKind.START_EVENT:
            yield Problem(target.id, "Must not have incoming sequence flows")
        if source.kind is ElementKind.END_EVENT:
            yield Problem(source.id, "Must not have outgoing sequence flows")
        yield from check_expression(flow.id, flow.condition)


def _check_gateways(graph: Graph, *, strict: bool) -> list[Problem]:
    problems = []
    by_source = defaultdict[str, list[Flow]](list)
    for flow in graph.flows:
        by_source[flow.source].append(flow)
    for element in graph.elements:
        outgoing = by_source[element.id]
        if element.default_flow and element.default_flow not in {f.id for f in outgoing}:
            problems.append(Problem(element.id, "Default flow must start at this element"))
        if strict and element.kind in _CHOICES and len(outgoing) > 1:
            for flow in outgoing:
                if not flow.condition and flow.id != element.default_flow:
                    problems.append(Problem(flow.id, "Must have a condition or be default flow"))
        if element.kind is ElementKind.PARALLEL_GATEWAY and any(f.condition for f in outgoing):
            problems.append(Problem(element.id, "Flows that leave a parallel gateway must not have a condition"))
    return problems


def _check_links(graph: Graph) -> Iterator[Problem]:
    links = [(e, e.event.name) for e in graph.elements if e.event is not None and e.event.kind is EventKind.LINK]
    caught = Counter((e.parent, name) for e, name in links if e.kind is ElementKind.INTERMEDIATE_CATCH_EVENT)
    for element, name in links:
        if not name:
            yield Problem(element.id, "Must have a link name")
        elif element.kind is ElementKind.INTERMEDIATE_THROW_EVENT and not caught[element.parent, name]:
            yield Problem(element.id, f"Must have an event that catches the link '{name}' in the same scope")
        elif element.kind is ElementKind.INTERMEDIATE_CATCH_EVENT and caught[element.parent, name] > 1:
            yield Problem(element.id, f"Must be the only event that catches the link '{name}' in its scope")


def _check_element(element: Element, elements: Mapping[str, Element]) -> list[Problem]:
    problems = [
        p for text in computed_texts(element) if text.startswith("=") for p in check_expression(element.id, text[1:])
    ]
    for assign in (*element.inputs, *element.outputs):
        if assign.source.startswith("="):
            problems += check_expression(element.id, assign.source[1:])
        if not all(map(str.isidentifier, assign.target.split("."))):
            problems.append(
                Problem(element.id, f"Expected path expression '{assign.target}' but didn't match the pattern")
            )
    if element.script is not None:
        problems += check_expression(element.id, element.script.expression)
        if not element.script.result:
            problems.append(Problem(element.id, "Attribute 'resultVariable' must be present and not empty"))
    if element.kind in _WORKED and element.work is None and element.decision is None:
        problems.append(Problem(element.id, "Must say which work a worker does there"))
    if element.kind is ElementKind.SCRIPT_TASK and element.script is None and element.work is None:
        problems.append(Problem(element.id, "Must have a script"))
    if element.kind is ElementKind.CALL_ACTIVITY and (element.call is None or not element.call.process_id):
        problems.append(Problem(element.id, "Attribute 'processId' must be present and not empty"))
    elif element.call is not None and element.call.process_id.startswith("="):
        problems += check_expression(element.id, element.call.process_id[1:])
    return problems + _check_timing(element, elements) + _check_event(element) + _check_listeners(element)


def _check_timing(element: Element, elements: Mapping[str, Element]) -> list[Problem]:
    problems = []
    catches = element.kind in (ElementKind.INTERMEDIATE_CATCH_EVENT, ElementKind.BOUNDARY_EVENT)
    if catches and element.timing is None and element.event is None:
        problems.append(Problem(element.id, "Must have an event definition"))
    if element.timing is not None and element.event is not None:
        problems.append(Problem(element.id, "Must have exactly one event definition"))
    host = elements.get(element.attached_to)
    if element.kind is ElementKind.BOUNDARY_EVENT and (host is None or host.kind not in ACTIVITIES):
        problems.append(Problem(element.id, "Must be attached to an activity"))
    if element.timing is None:
        return problems
    repeats = element.timing.kind == "cycle"
    begins = element.kind is ElementKind.START_EVENT and not element.parent
    beside = element.kind in (ElementKind.BOUNDARY_EVENT, ElementKind.START_EVENT) and not element.interrupting
    if repeats and not (begins or beside):
        problems.append(Problem(element.id, "Interrupting timer events with time cycle are not allowed"))
    text = element.timing.text
    if not text.startswith("="):
        try:
            read: Mapping[str, Callable[[str], object]] = {
                "date": parse_timestamp,
                "duration": interval,
                "cycle": Cycle.parse,
            }
            read[element.timing.kind](text)
        except ValueError:
            problems.append(Problem(element.id, f"Time {element.timing.kind} is invalid: '{text}'"))
    return problems


def _check_event(element: Element) -> list[Problem]:
    event, problems = element.event, []
    if element.kind is ElementKind.RECEIVE_TASK and event is None:
        problems.append(Problem(element.id, "Must reference a message"))
    if event is None or event.kind not in (EventKind.MESSAGE, EventKind.SIGNAL):
        return problems
    if event.kind is EventKind.MESSAGE and element.kind in _THROWING:
        return [] if element.work is not None else [Problem(element.id, "Must say which work a worker does there")]
    if not event.name:
        problems.append(Problem(element.id, f"Must reference a {event.kind} that has a name"))
    starts = element.kind is ElementKind.START_EVENT and not element.parent
    if event.kind is EventKind.MESSAGE and not starts and not event.correlation:
        problems.append(Problem(element.id, "Must have a correlation key"))
    return problems


def _check_waiting(graph: Graph) -> Iterator[Problem]:
    """Behind a gateway that waits there is only what can be waited for."""
    elements = {e.id: e for e in graph.elements}
    gateways = [e.id for e in graph.elements if e.kind is ElementKind.EVENT_BASED_GATEWAY]
    for id in gateways:
        outgoing = [flow for flow in graph.flows if flow.source == id]
        if len(outgoing) < 2:
            yield Problem(id, "Event-based gateway must have at least 2 outgoing sequence flows.")
        targets = [elements[flow.target] for flow in outgoing if flow.target in elements]
        if any(e.kind is not ElementKind.INTERMEDIATE_CATCH_EVENT for e in targets):
            yield Problem(id, _ONLY_CATCHES)
        elif any(flow.source != id and flow.target in {e.id for e in targets} for flow in graph.flows):
            yield Problem(id, _NO_OTHERS)


def _check_listeners(element: Element) -> list[Problem]:
    problems = []
    of_task = element.task.listeners if element.task is not None else ()
    for listener in (*element.listeners, *of_task):
        if not listener.retries.startswith("=") and not _RETRIES.fullmatch(listener.retries):
            problems.append(Problem(element.id, f"Retries of a listener must be a number, not '{listener.retries}'"))
    for listener in of_task:
        if listener.event not in TASK_EVENTS:
            problems.append(Problem(element.id, f"Event type '{listener.event}' of a task listener is not supported"))
    return problems
