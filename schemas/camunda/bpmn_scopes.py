"""What Camunda's own library for BPMN complains of where errors and escalations are thrown or caught, where event
sub-processes begin, and where things are undone or done several times."""

from collections import Counter
from collections.abc import Iterable, Iterator

from schemas.bpmn.extensions import BPMN
from schemas.camunda.bpmn_messages import meant
from schemas.camunda.nodes import DEFINITION, Element, children, events_of, extensions_of, hears, name_of

#: what may happen without an end to what was there
_BESIDE = ("message", "timer", "signal", "escalation", "conditional")
_STARTS = ("timer", "message", "error", "signal", "escalation", "conditional")
_TASKS = (
    *("task", "sendTask", "serviceTask", "scriptTask", "userTask", "receiveTask", "businessRuleTask", "manualTask"),
)
_ACTIVITIES = (*_TASKS, "subProcess", "callActivity", "adHocSubProcess", "transaction")
_SCOPES = ("subProcess", "adHocSubProcess", "transaction")


def _parent(element: Element) -> Element:
    parent = element.getparent()
    assert parent is not None, "it is inside of a process"
    return parent


def _attached(activity: Element) -> list[Element]:
    events = children(_parent(activity), "boundaryEvent")
    return [event for event in events if event.get("attachedToRef") == activity.get("id")]


def is_event_sub(element: Element) -> bool:
    return name_of(element) == "subProcess" and element.get("triggeredByEvent") == "true"


# Errors and escalations


def error_definition(definition: Element) -> Iterator[str]:
    error = meant(definition, "error")
    code = error.get("errorCode") if error is not None else None
    if name_of(_parent(definition)) == "endEvent":
        if error is None:
            yield "Must reference an error"
        elif not code:
            yield "ErrorCode must be present and not empty"
    elif code and code.startswith("="):
        yield "The errorCode of the error catch event is not allowed to be an expression"


def escalation_definition(definition: Element) -> Iterator[str]:
    escalation = meant(definition, "escalation")
    code = escalation.get("escalationCode") if escalation is not None else None
    throws = name_of(_parent(definition)) in ("endEvent", "intermediateThrowEvent")
    if throws and escalation is None:
        yield "Must reference an escalation"
    if not throws and code and code.startswith("="):
        yield "The escalationCode of the escalation catch event is not allowed to be an expression"


def escalation(element: Element) -> Iterator[str]:
    root = element.getroottree().getroot()
    tags = [f"{{*}}{name}" for name in ("endEvent", "intermediateThrowEvent")]
    throwing = [event for process in children(root, "process") for event in process.iter(*tags)]
    thrown = [meant(d, "escalation") for event in throwing for d in children(event, f"escalation{DEFINITION}")]
    if any(each is element for each in thrown) and not element.get("escalationCode"):
        yield "EscalationCode must be present and not empty"


def _same_codes(events: Iterable[Element]) -> Iterator[str]:
    """What is caught twice in the same place."""
    events = list(events)
    for kind, code in (("error", "errorCode"), ("escalation", "escalationCode")):
        definitions = [d for event in events for d in children(event, f"{kind}{DEFINITION}")]
        referred = [meant(definition, kind) for definition in definitions]
        any_of = (
            f"The same scope can not contain more than one {kind} catch event without {kind} code. An {kind} catch "
            f"event without {kind} code catches all {kind}s."
        )
        if sum(each is None for each in referred) > 1:
            yield any_of
        for value, count in Counter(each.get(code) for each in referred if each is not None).items():
            if count > 1 and value is not None:
                yield (
                    f"Multiple {kind} catch events with the same {kind} code '{value}' are not supported on the same "
                    "scope."
                )
            elif count > 1:
                yield any_of


# Places where something happens


def at_boundary(activity: Element) -> Iterator[str]:
    if name_of(activity) in _ACTIVITIES:
        yield from _same_codes(_attached(activity))


def in_scope(scope: Element) -> Iterator[str]:
    """A process, or a sub-process."""
    subs = (sub for sub in children(scope, "subProcess") if is_event_sub(sub))
    yield from _same_codes(start for sub in subs for start in children(sub, "startEvent"))


def event_sub(scope: Element) -> Iterator[str]:
    starts = children(scope, "startEvent")
    if len(starts) != 1 or not is_event_sub(scope):
        return
    start, events, around = starts[0], events_of(starts[0]), name_of(_parent(scope))
    unknown = (
        "Start events in event subprocesses must be one of: message, timer, error, signal, escalation or conditional"
    )
    if not events:
        yield unknown
    if "compensate" in events and around not in _SCOPES:
        yield "A compensation event subprocess is not allowed on the process level"
    yield from (unknown for event in events if event not in _STARTS)
    yield from interrupts(start, interrupting=start.get("isInterrupting") != "false")
    if start.get("isInterrupting") != "false" and around == "adHocSubProcess":
        yield "An interrupting event subprocess is not allowed inside an ad-hoc subprocess"


def interrupts(event: Element, *, interrupting: bool) -> Iterator[str]:
    for kind in events_of(event):
        if not interrupting and kind not in _BESIDE:
            yield "Non-Interrupting event of this type is not allowed"
    if interrupting and any(children(timer, "timeCycle") for timer in children(event, f"timer{DEFINITION}")):
        yield "Interrupting timer event with time cycle is not allowed."


def boundary(event: Element) -> Iterator[str]:
    events = events_of(event)
    if "escalation" in events:
        hosts = [e for e in _parent(event) if e.get("id") == event.get("attachedToRef")]
        if hosts and name_of(hosts[0]) not in (*_SCOPES, "callActivity"):
            yield "An escalation boundary event should only be attached to a subprocess, or a call activity."
    if "compensate" in events:
        ways = children(_parent(event), "association")
        if not any(way.get("sourceRef") == event.get("id") for way in ways) or children(event, "outgoing"):
            yield "Compensation boundary events must have a compensation association and no outgoing sequence flows"


def end(event: Element) -> Iterator[str]:
    if "error" in events_of(event) and hears(event, "end"):
        yield "Execution listeners of type 'end' are not supported by [error] end events"
    yield from _waits(event, "end")


def throw(event: Element) -> Iterator[str]:
    yield from _waits(event, "intermediate throwing")


def _waits(event: Element, kind: str) -> Iterator[str]:
    for definition in children(event, f"compensate{DEFINITION}"):
        if definition.get("waitForCompletion", "true") != "true":
            yield f"A compensation {kind} event waitForCompletion attribute must be true or not present"


# What is activated as somebody likes


def ad_hoc(scope: Element) -> Iterator[str]:
    if extensions_of(scope, "taskDefinition"):
        if scope.get("cancelRemainingInstances") == "false":
            yield _WITH_WORK.format("cancelRemainingInstances")
        if children(scope, "completionCondition"):
            yield _WITH_WORK.format("completionCondition")
        if any(extension.get("activeElementsCollection") for extension in extensions_of(scope, "adHoc")[:1]):
            yield _WITH_WORK.format("activeElementsCollection")
    for extension in extensions_of(scope, "adHoc"):
        element, collection = extension.get("outputElement"), extension.get("outputCollection")
        if bool(element) != bool(collection):
            yield (
                "OutputElement and OutputCollection must both be set, or neither of them set. "
                f"outputElement:{element or 'null'} and outputCollection:{collection or 'null'}."
            )
    if not any(name_of(child) not in _NO_FLOW_ELEMENTS for child in scope.iterchildren(f"{{{BPMN}}}*")):
        yield "Must have at least one activity."
    if children(scope, "startEvent"):
        yield "Must not contain a start event."
    if children(scope, "endEvent"):
        yield "Must not contain an end event."


_WITH_WORK = "Must not define {} in combination with zeebe:taskDefinition."
#: what may be in a scope besides what it consists of
_NO_FLOW_ELEMENTS = frozenset((
    *("extensionElements", "documentation", "incoming", "outgoing", "laneSet", "textAnnotation", "association"),
    "group",
    *("ioSpecification", "property", "dataInputAssociation", "dataOutputAssociation", "auditing", "monitoring"),
    *("completionCondition", "multiInstanceLoopCharacteristics", "resourceRole", "potentialOwner", "performer"),
))  # fmt: skip


# What is undone


def compensation_definition(definition: Element) -> Iterator[str]:
    id = definition.get("activityRef")
    if not id:
        return
    root = definition.getroottree().getroot()
    activity = next((e for e in root.iter("{*}*") if e.get("id") == id and name_of(e) in _ACTIVITIES), None)
    if activity is None:
        yield f"The referenced compensation activity '{id}' doesn't exist"
        return
    undone = any("compensate" in events_of(event) for event in _attached(activity))
    if not undone and name_of(activity) not in ("subProcess", "transaction"):
        yield (
            f"The referenced compensation activity '{id}' must have either a compensation boundary event or be a "
            "subprocess"
        )
    scope = _parent(_parent(definition))
    if _parent(activity) is not scope and not (is_event_sub(scope) and _parent(activity) is _parent(scope)):
        yield f"The referenced compensation activity '{id}' must be in the same scope as the compensation throw event"


def handler(task: Element) -> Iterator[str]:
    if task.get("isForCompensation") != "true" or name_of(task) not in _TASKS:
        return
    for way in ("incoming", "outgoing"):
        if children(task, way):
            yield f"A compensation handler should have no {way} sequence flows"
    if _attached(task):
        yield "A compensation handler should have no boundary events"


# What is done several times


def several(definition: Element) -> Iterator[str]:
    if len(extensions_of(definition, "loopCharacteristics")) != 1:
        yield "Must have exactly one 'zeebe:loopCharacteristics' extension element"


def loop(extension: Element) -> Iterator[str]:
    if not extension.get("inputCollection"):
        yield "Attribute 'inputCollection' must be present and not empty"
    for present, absent in (("outputCollection", "outputElement"), ("outputElement", "outputCollection")):
        if extension.get(present) and not extension.get(absent):
            yield f"Attribute '{absent}' must be present if the attribute '{present}' is set"
