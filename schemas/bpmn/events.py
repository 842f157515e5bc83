"""What happens at events: their definitions, by the local name of each."""

from collections.abc import Callable, Mapping

from lxml import etree

from schemas.bpmn.extensions import BPMN
from schemas.bpmn.records import EventRecord, Node

Reader = Callable[[Node, etree._Element], None]

_THROWN = frozenset(("intermediateThrowEvent", "endEvent"))
_TIMED = frozenset(("intermediateCatchEvent", "boundaryEvent"))


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


def _by_work(node: Node, definition: etree._Element) -> None:
    """What is thrown is a matter of the worker who does it."""


#: definition -> where it may be (the local name of the event), and what reads it
EVENTS: Mapping[str, tuple[frozenset[str], Reader]] = {
    "timerEventDefinition": (_TIMED, _timer),
    "messageEventDefinition": (_THROWN, _by_work),
    "linkEventDefinition": (frozenset(("intermediateThrowEvent", "intermediateCatchEvent")), _link),
    "terminateEventDefinition": (frozenset(("endEvent",)), _terminate),
}
