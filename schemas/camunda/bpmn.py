"""What Camunda's own library for BPMN complains of in a document, element by element, in its words.

Held against the library itself (tests/interop/test_bpmn_model.py). Like it, this knows of the flows that come and go
only what elements say of them (`incoming`, `outgoing`), as all tools write it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from schemas.bpmn.extensions import BPMN, FORMER, ZEEBE
from schemas.bpmn.reader import BINDINGS, KINDS, WITHOUT_EFFECT, text_of
from schemas.camunda import bpmn_messages, bpmn_scopes
from schemas.camunda.nodes import DEFINITION as _DEFINITION
from schemas.camunda.nodes import Element, path_of
from schemas.camunda.nodes import children as _children
from schemas.camunda.nodes import events_of as _events
from schemas.camunda.nodes import extensions_of as _extensions
from schemas.camunda.nodes import flows_of as _flows
from schemas.camunda.nodes import hears as _hears
from schemas.camunda.nodes import name_of as _name
from schemas.camunda.nodes import owner_of as _owner

#: yields what is wrong
Rule = Callable[[Element], Iterator[str]]

_COVERAGE = "https://docs.camunda.io/docs/components/modeler/bpmn/bpmn-coverage/"
_AT_END = ("error", "message", "terminate", "signal", "escalation", "compensate")
_CAUGHT = ("message", "timer", "signal", "link", "conditional")
_AT_BOUNDARY = ("timer", "message", "error", "signal", "escalation", "conditional", "compensate")
_KNOWN_EVENTS = frozenset((*_AT_END, *_CAUGHT))
_TIMES = ("timeDuration", "timeDate", "timeCycle")
#: where there may be listeners
_HEARD = (
    *("process", "subProcess", "callActivity", "adHocSubProcess", "task", "sendTask", "serviceTask", "scriptTask"),
    *("userTask", "receiveTask", "businessRuleTask", "manualTask", "startEvent", "intermediateThrowEvent"),
    *("intermediateCatchEvent", "boundaryEvent", "endEvent", "exclusiveGateway", "inclusiveGateway"),
    *("parallelGateway", "eventBasedGateway"),
)
_TASK_EVENTS = ("creating", "assigning", "updating", "completing", "canceling")
_WITH_ID = frozenset((
    *("process", "sequenceFlow", "message", "signal", "escalation"),
    *("dataObject", "dataObjectReference", "dataStoreReference"), *KINDS
))  # fmt: skip
_OF_NODES = ("ioMapping", "executionListeners")
#: extensions that an element has once
_ONCE: Mapping[str, tuple[str, ...]] = {
    "process": ("versionTag",),
    "userTask": (
        *("userTask", "assignmentDefinition", "formDefinition", "taskSchedule", "priorityDefinition", "taskListeners"),
        "taskHeaders",
    ),
    "scriptTask": ("taskDefinition", "script", "taskHeaders"),
    "serviceTask": ("taskHeaders",),
    "adHocSubProcess": ("adHoc",),
    "sendTask": ("taskHeaders",),
    "businessRuleTask": ("taskDefinition", "calledDecision", "taskHeaders"),
    "intermediateThrowEvent": ("taskDefinition",),
    "endEvent": ("taskDefinition",),
}


class Complaint(NamedTuple):
    """About an element: by its id, or by where it is inside of what has one."""

    element: str
    text: str


def complaints(root: Element) -> list[Complaint]:
    """In the order of the document; only of what is executable."""
    executable = [process for process in _children(root, "process") if process.get("isExecutable") == "true"]
    if not executable:
        return [Complaint(path_of(root), "Must contain at least one executable process")]
    parts = [*executable, *_children(root, "message", "signal", "escalation")]
    return [
        Complaint(path_of(at), text)
        for part in parts
        for element in part.iter(f"{{{BPMN}}}*", f"{{{ZEEBE}}}*")
        for at, text in _of(element)
    ]


def _of(element: Element) -> Iterator[tuple[Element, str]]:
    name = etree.QName(element)
    if name.namespace == ZEEBE:
        rule = _EXTENSIONS.get(name.localname)
        if rule is not None:
            yield from ((element, text) for text in rule(element))
        return
    if not element.get("id", "no id" if name.localname not in _WITH_ID else ""):
        yield element, "Element id must be present and not empty."
    for rule in (*_RULES.get(name.localname, ()), *_EVERYWHERE):
        yield from ((element, text) for text in rule(element))


def _lacks(extension: Element, *names: str) -> Iterator[str]:
    for name in names:
        if not extension.get(name):
            yield f"Attribute '{name}' must be present and not empty"


# Elements


def _process(process: Element) -> Iterator[str]:
    starts = _children(process, "startEvent")
    if not starts:
        yield "Must have at least one start event"
    if sum(not _events(start) for start in starts) > 1:
        yield "Multiple none start events are not allowed"
    once = {
        id(bpmn_messages.meant(d, "message")): start
        for start in starts
        for d in _children(start, f"message{_DEFINITION}")
    }
    yield from bpmn_messages.same_names(once.values(), "message")
    yield from bpmn_messages.same_names(starts, "signal")


def _sub_process(scope: Element) -> Iterator[str]:
    starts = _children(scope, "startEvent")
    if len(starts) != 1:
        yield "Must have exactly one start event"
    elif scope.get("triggeredByEvent") != "true" and _events(starts[0]):
        yield "Start events in subprocesses must be of type none"


def _start(event: Element) -> Iterator[str]:
    if len(_events(event)) > 1:
        yield "Start event can't have more than one type"
    if _hears(event, "start"):
        yield "Execution listeners of type 'start' are not supported by start events"


def _end(event: Element) -> Iterator[str]:
    if _children(event, "outgoing"):
        yield "End events must not have outgoing sequence flows to other elements."
    events = _events(event)
    if len(events) > 1:
        yield "Must have at most one event definition"
    if not set(events) <= set(_AT_END):
        yield "End events must be one of: none, error, message, terminate, signal, escalation or compensation"


def _caught(event: Element) -> Iterator[str]:
    events = _events(event)
    if len(events) != 1:
        yield "Must have exactly one event definition"
    elif events[0] not in _CAUGHT:
        yield "Event definition must be one of: message, timer, signal, link or conditional"
    elif events == ["timer"] and not _children(_children(event, "timerEventDefinition")[0], "timeDuration", "timeDate"):
        yield "Intermediate timer catch event must have either a time duration or a time date."


def _boundary(event: Element) -> Iterator[str]:
    if _children(event, "incoming"):
        yield "Cannot have incoming sequence flows"
    events = _events(event)
    if len(events) != 1:
        yield "Must have exactly one event definition"
    elif events[0] not in _AT_BOUNDARY:
        yield "Boundary events must be one of: timer, message, error, signal, escalation, conditional"
    else:
        yield from bpmn_scopes.interrupts(event, interrupting=event.get("cancelActivity") != "false")
    if events == ["compensate"] and (_hears(event, "start") or _hears(event, "end")):
        yield "Execution listeners of type 'start' and 'end' are not supported by [compensation] boundary events"
    elif _hears(event, "start"):
        yield "Execution listeners of type 'start' are not supported by boundary events"


def _is_cycle(event: Element) -> bool:
    return any(_children(timer, "timeCycle") for timer in _children(event, "timerEventDefinition"))


def _timer(definition: Element) -> Iterator[str]:
    if len(_children(definition, *_TIMES)) != 1:
        yield "Must be exactly one type of timer: timeDuration, timeDate or timeCycle"


def _link(definition: Element) -> Iterator[str]:
    if not definition.get("name"):
        yield "Link name must be present and not empty."


def _script(task: Element) -> Iterator[str]:
    if len(_extensions(task, "script")) + len(_extensions(task, "taskDefinition")) != 1:
        yield "Must have either one 'zeebe:script' or one 'zeebe:taskDefinition' extension element"


def _worked(task: Element) -> Iterator[str]:
    if len(_extensions(task, "taskDefinition")) != 1:
        yield "Must have exactly one 'zeebe:taskDefinition' extension element"


def _sent(task: Element) -> Iterator[str]:
    if len(_extensions(task, "publishMessage")) + len(_extensions(task, "taskDefinition")) != 1:
        yield "Must have either one 'zeebe:publishMessage' or one 'zeebe:taskDefinition' extension element"


def _ruled(task: Element) -> Iterator[str]:
    if len(_extensions(task, "calledDecision")) + len(_extensions(task, "taskDefinition")) != 1:
        yield "Must have either one 'zeebe:calledDecision' or one 'zeebe:taskDefinition' extension element"


def _call(activity: Element) -> Iterator[str]:
    if len(_extensions(activity, "calledElement")) != 1:
        yield "Must have exactly one 'zeebe:calledElement' extension element"


def _gateway(gateway: Element) -> Iterator[str]:
    if _hears(gateway, "end"):
        yield "Execution listeners of type 'end' are not supported by gateway element"


def _exclusive(gateway: Element) -> Iterator[str]:
    scope = gateway.getparent()
    assert scope is not None, "gateways are inside of a process"
    for flow in _children(scope, "sequenceFlow"):
        if flow.get("id") == gateway.get("default") and flow.get("sourceRef") != gateway.get("id"):
            yield "Default flow must start at gateway"


def _parallel(gateway: Element) -> Iterator[str]:
    if gateway.get("default"):  # by the schema
        yield "Attribute 'default' is not allowed here"


def _flow(flow: Element) -> Iterator[str]:
    scope = flow.getparent()
    assert scope is not None, "flows are inside of a process"
    for gateway in _children(scope, "exclusiveGateway", "inclusiveGateway"):
        if gateway.get("id") == flow.get("sourceRef") and len(_flows(gateway, "outgoing")) > 1:
            default = gateway.get("default") == flow.get("id")
            if not default and not _children(flow, "conditionExpression"):
                inclusive = _name(gateway) == "inclusiveGateway"
                yield "Must have a condition" if inclusive else "Must have a condition or be default flow"


# Everything


def _flow_element(element: Element) -> Iterator[str]:
    parent, name = element.getparent(), _name(element)
    if parent is None or _name(parent) not in ("process", "subProcess", "adHocSubProcess"):
        return
    if _name(parent) == "adHocSubProcess" and (name.endswith("LoopCharacteristics") or name == "completionCondition"):
        return
    # by the schema before all that is inside
    if name.endswith("LoopCharacteristics") and not any(
        _name(e) in KINDS for e in element.itersiblings(preceding=True)
    ):
        return
    if name not in KINDS and name not in WITHOUT_EFFECT:
        kind = name[:1].upper() + name[1:]
        yield (
            f"Elements of type '{kind}' are currently not supported. Please refer to the documentation for a list of "
            f"supported elements: {_COVERAGE}"
        )


def _leaving(element: Element) -> Iterator[str]:
    name = _name(element)
    if name not in KINDS or name in ("exclusiveGateway", "inclusiveGateway"):
        return
    if any(_children(flow, "conditionExpression") for flow in _flows(element, "outgoing")):
        yield "Conditional sequence flows are only supported at exclusive or inclusive gateway"


def _happening(element: Element) -> Iterator[str]:
    name = _name(element)
    if name.endswith(_DEFINITION) and name.removesuffix(_DEFINITION) not in _KNOWN_EVENTS:
        yield "Event definition of this type is not supported"


def _heard_once(element: Element) -> Iterator[str]:
    if len(_extensions(element, "executionListeners")) > 1:
        yield "Element must not have more than one execution listeners definition"


def _told_once(element: Element) -> Iterator[str]:
    kind = _name(element)
    for name in (*(_OF_NODES if kind in KINDS else ()), *_ONCE.get(kind, ())):
        if len(_extensions(element, name)) > 1:
            yield (
                f"Must have exactly one 'zeebe:{name}' extension element when exists. Please check process definition "
                "XML and retain only one extension element."
            )


# Extensions


def _bound(extension: Element) -> Iterator[str]:
    kind, tag = extension.get("bindingType") or "", extension.get("versionTag") or ""
    if kind and kind not in BINDINGS:
        yield f"Attribute 'bindingType' must be one of: {', '.join(BINDINGS)}"
    elif kind == "versionTag" and not tag:
        yield "Attribute 'versionTag' must be present and not empty if 'bindingType' is 'versionTag'"
    elif kind != "versionTag" and tag:
        yield "Attribute 'versionTag' may only be used if 'bindingType' is 'versionTag'"


def _called(extension: Element) -> Iterator[str]:
    yield from _lacks(extension, "processId")
    yield from _bound(extension)


def _decided(extension: Element) -> Iterator[str]:
    yield from _lacks(extension, "decisionId", "resultVariable")
    yield from _bound(extension)


def _form(extension: Element) -> Iterator[str]:
    native = bool(_extensions(_owner(extension), "userTask"))
    names = ("formId", "externalReference" if native else "formKey")
    if sum(bool((extension.get(name) or "").strip()) for name in names) != 1:
        of = " for native user tasks" if native else ""
        yield f"Exactly one of the attributes '{', '.join(names)}' must be present and not blank{of}"
    yield from _bound(extension)


def _form_inside(extension: Element) -> Iterator[str]:
    if not text_of(extension).strip():
        yield "User task form text content has to be present and not empty"


def _task_listeners(extension: Element) -> Iterator[str]:
    if len(extension) and not _extensions(_owner(extension), "userTask"):
        yield "Task listeners are only allowed on Camunda user tasks."


def _execution_listeners(extension: Element) -> Iterator[str]:
    if not len(extension):
        return
    owner = _name(_owner(extension))
    if owner not in _HEARD:
        yield (
            f"Execution listeners are not supported for the '{owner}' element. Currently, only [{', '.join(_HEARD)}] "
            "elements can have execution listeners."
        )
        return
    heard = Counter((each.get("eventType") or "null", each.get("type") or "null") for each in extension)
    for (event, type), count in heard.items():
        if count > 1:
            yield (
                f"Found '{count}' duplicates based on eventType[{event}] and type[{type}], these combinations should "
                "be unique."
            )


def _listener(events: tuple[str, ...]) -> Rule:
    def rule(extension: Element) -> Iterator[str]:
        yield from _lacks(extension, "eventType", "type")
        if extension.get("eventType") not in (None, "", *events):  # it cannot be read there
            yield f"Attribute 'eventType' must be one of: {', '.join(events)}"

    return rule


_RULES: Mapping[str, tuple[Rule, ...]] = {
    "process": (_process, bpmn_scopes.in_scope),
    "subProcess": (_sub_process, bpmn_scopes.event_sub, bpmn_scopes.in_scope),
    "adHocSubProcess": (bpmn_scopes.ad_hoc, bpmn_scopes.in_scope),
    "transaction": (_sub_process,),
    "startEvent": (_start, _heard_once),
    "endEvent": (_end, _heard_once, bpmn_messages.by_worker, bpmn_scopes.end),
    "intermediateThrowEvent": (bpmn_messages.by_worker, bpmn_scopes.throw),
    "intermediateCatchEvent": (_caught,),
    "boundaryEvent": (_boundary, _heard_once, bpmn_scopes.boundary),
    "timerEventDefinition": (_timer,),
    "scriptTask": (_script,),
    "serviceTask": (_worked,),
    "sendTask": (_sent,),
    "businessRuleTask": (_ruled,),
    "callActivity": (_call,),
    "exclusiveGateway": (_gateway, _heard_once, _exclusive),
    "parallelGateway": (_gateway, _heard_once, _parallel),
    "inclusiveGateway": (_gateway, _heard_once, _exclusive),
    "linkEventDefinition": (_link,),
    "eventBasedGateway": (_gateway, _heard_once, bpmn_messages.event_gateway),
    "receiveTask": (bpmn_messages.receive,),
    "errorEventDefinition": (bpmn_scopes.error_definition,),
    "escalationEventDefinition": (bpmn_scopes.escalation_definition,),
    "escalation": (bpmn_scopes.escalation,),
    "compensateEventDefinition": (bpmn_scopes.compensation_definition,),
    "multiInstanceLoopCharacteristics": (bpmn_scopes.several,),
    "message": (bpmn_messages.message,),
    "signal": (bpmn_messages.signal,),
    "messageEventDefinition": (bpmn_messages.message_definition,),
    "signalEventDefinition": (bpmn_messages.signal_definition,),
    "sequenceFlow": (_flow,),
}
_EVERYWHERE: tuple[Rule, ...] = (
    _flow_element,
    _leaving,
    _happening,
    _told_once,
    bpmn_messages.at_boundary,
    bpmn_scopes.at_boundary,
    bpmn_scopes.handler,
)
_EXTENSIONS: Mapping[str, Rule] = {
    "calledElement": _called,
    "loopCharacteristics": bpmn_scopes.loop,
    "formDefinition": _form,
    "userTaskForm": _form_inside,
    "script": lambda extension: _lacks(extension, "expression", "resultVariable"),
    "calledDecision": _decided,
    "taskDefinition": lambda extension: _lacks(extension, "type"),
    "taskListeners": _task_listeners,
    "taskListener": _listener((*_TASK_EVENTS, *FORMER)),
    "executionListeners": _execution_listeners,
    "executionListener": _listener(("start", "end")),
    "subscription": lambda extension: _lacks(extension, "correlationKey"),
}
