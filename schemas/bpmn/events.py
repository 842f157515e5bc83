"""What happens at events: their definitions, by the local name of each."""

from collections.abc import Callable, Mapping

from lxml import etree

from schemas.bpmn.extensions import BPMN
from schemas.bpmn.records import EventRecord, Node

Reader = Callable[[Node, etree._Element], None]

_THROWN = frozenset(("intermediateThrowEvent", "endEvent"))
_TIMED = frozenset(("intermediateCatchEvent", "boundaryEvent", "eventStart"))
#: at a boundary, and where event sub-processes start, what is thrown within is caught
_CAUGHT = frozenset(("boundaryEvent", "eventStart"))


def _timer(node: Node, definition: etree._Element) -> None:
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
    id = definition.get(f"{kind}Ref")
    for referred in definition.getroottree().getroot().iterchildren(f"{{{BPMN}}}{kind}") if id else ():
        if referred.get("id") == id:
            return referred.get(f"{kind}Code") or ""
    return ""


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


def _by_work(node: Node, definition: etree._Element) -> None:
    """What is thrown is a matter of the worker who does it."""


#: definition -> where it may be (the local name of the event, `eventStart` in an event sub-process), what reads it
EVENTS: Mapping[str, tuple[frozenset[str], Reader]] = {
    "timerEventDefinition": (_TIMED, _timer),
    "messageEventDefinition": (_THROWN, _by_work),
    "linkEventDefinition": (frozenset(("intermediateThrowEvent", "intermediateCatchEvent")), _link),
    "errorEventDefinition": (frozenset(("endEvent",)) | _CAUGHT, _error),
    "escalationEventDefinition": (_THROWN | _CAUGHT, _escalation),
    "compensateEventDefinition": (_THROWN | {"boundaryEvent"}, _compensation),
    "terminateEventDefinition": (frozenset(("endEvent",)), _terminate),
}
