"""What happens at events: their definitions, by the local name of each, and what these refer to."""

from collections.abc import Callable, Mapping

from lxml import etree

from schemas.bpmn.extensions import BPMN, ZEEBE
from schemas.bpmn.records import EventRecord, Node

Reader = Callable[[Node, etree._Element], None]

_THROWN = frozenset(("intermediateThrowEvent", "endEvent"))
_BY_WORK = ("INTERMEDIATE_THROW_EVENT", "END_EVENT")
#: at a boundary, and where event sub-processes start, what is thrown within is caught
_WITHIN = frozenset(("boundaryEvent", "eventStart"))
_CAUGHT = _WITHIN | {"startEvent", "intermediateCatchEvent"}


def _timer(node: Node, definition: etree._Element) -> None:
    node.timing = ("duration", "")
    for kind, name in (("date", "timeDate"), ("duration", "timeDuration"), ("cycle", "timeCycle")):
        child = definition.find(f"{{{BPMN}}}{name}")
        if child is not None:
            node.timing = (kind, (child.text or "").strip())
            return


def _link(node: Node, definition: etree._Element) -> None:
    node.event = EventRecord("link", definition.get("name") or "")


def _terminate(node: Node, definition: etree._Element) -> None:
    node.event = EventRecord("terminate")


def _error(node: Node, definition: etree._Element) -> None:
    node.event = EventRecord("error", code=_code(definition, "error"))


def _escalation(node: Node, definition: etree._Element) -> None:
    node.event = EventRecord("escalation", code=_code(definition, "escalation"))


def _code(definition: etree._Element, kind: str) -> str:
    """Of what it refers to; empty if it refers to nothing."""
    referred = _referred(definition, f"{kind}Ref", kind)
    return (referred.get(f"{kind}Code") or "") if referred is not None else ""


def _compensation(node: Node, definition: etree._Element) -> None:
    """At a boundary it says what undoes the activity, by an association."""
    node.event = EventRecord("compensation", definition.get("activityRef") or "")
    event = definition.getparent()
    scope = event.getparent() if event is not None else None
    if event is None or scope is None or not node.attached_to:
        return
    for association in scope.iterchildren(f"{{{BPMN}}}association"):
        if association.get("sourceRef") == node.id:
            node.undone_by = association.get("targetRef") or ""


def _message(node: Node, definition: etree._Element) -> None:
    """What is thrown is a matter of the worker who does it."""
    node.event = EventRecord("message") if node.kind in _BY_WORK else message_of(definition)


def _signal(node: Node, definition: etree._Element) -> None:
    signal = _referred(definition, "signalRef", "signal")
    node.event = EventRecord("signal", (signal.get("name") or "") if signal is not None else "")


def message_of(element: etree._Element) -> EventRecord:
    """That of a definition, or of a task that receives it."""
    message = _referred(element, "messageRef", "message")
    if message is None:
        return EventRecord("message")
    subscription = message.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}subscription")
    correlation = subscription.get("correlationKey") or "" if subscription is not None else ""
    return EventRecord("message", message.get("name") or "", correlation=correlation)


def _referred(element: etree._Element, attribute: str, name: str) -> etree._Element | None:
    """What the document has under the id in an attribute, which may have a prefix."""
    id = (element.get(attribute) or "").rpartition(":")[2]
    root = element.getroottree().getroot()
    return next((e for e in root.iterchildren(f"{{{BPMN}}}{name}") if e.get("id") == id), None) if id else None


#: definition -> where it may be (the local name of the event, `eventStart` in an event sub-process), what reads it
EVENTS: Mapping[str, tuple[frozenset[str], Reader]] = {
    "timerEventDefinition": (_CAUGHT, _timer),
    "messageEventDefinition": (_CAUGHT | _THROWN, _message),
    "signalEventDefinition": (_CAUGHT | _THROWN, _signal),
    "linkEventDefinition": (frozenset(("intermediateThrowEvent", "intermediateCatchEvent")), _link),
    "errorEventDefinition": (_WITHIN | {"endEvent"}, _error),
    "escalationEventDefinition": (_THROWN | _WITHIN, _escalation),
    "compensateEventDefinition": (_THROWN | {"boundaryEvent"}, _compensation),
    "terminateEventDefinition": (frozenset(("endEvent",)), _terminate),
}
