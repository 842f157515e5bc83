"""What Camunda's own library for BPMN complains of where messages and signals are thrown, or waited for."""

from collections import Counter
from collections.abc import Iterable, Iterator

from schemas.bpmn.extensions import BPMN
from schemas.camunda.nodes import DEFINITION, Element, children, events_of, extensions_of, flows_of, name_of

_WAITED_FOR = ("timer", "message", "signal", "conditional")
_ACTIVITIES = (
    *("subProcess", "callActivity", "task", "sendTask", "serviceTask", "scriptTask", "userTask", "receiveTask"),
    *("businessRuleTask", "manualTask"),
)


def _within(root: Element, *names: str) -> list[Element]:
    """In all processes of a document, however deep."""
    return [e for process in children(root, "process") for e in process.iter(*(f"{{{BPMN}}}{name}" for name in names))]


def meant(element: Element, kind: str) -> Element | None:
    """The message or signal that a definition or a task refers to."""
    id = (element.get(f"{kind}Ref") or "").rpartition(":")[2]
    return next((e for e in children(element.getroottree().getroot(), kind) if id and e.get("id") == id), None)


def _refers(element: Element, kind: str, to: Element) -> int:
    """How often an event refers to this message or signal."""
    return sum(meant(definition, kind) is to for definition in children(element, f"{kind}{DEFINITION}"))


def same_names(events: Iterable[Element], kind: str) -> Iterator[str]:
    """What more than one of these events waits for, by its name."""
    definitions = [definition for event in events for definition in children(event, f"{kind}{DEFINITION}")]
    referred = (meant(definition, kind) for definition in definitions)
    names = Counter(each.get("name") for each in referred if each is not None)
    for name, count in names.items():
        if name and count > 1:
            yield f"Multiple {kind} event definitions with the same name '{name}' are not allowed."


def message(element: Element) -> Iterator[str]:
    root = element.getroottree().getroot()
    catching = _within(root, "intermediateCatchEvent", "boundaryEvent")
    catching += [start for scope in _outermost(root, "subProcess") for start in children(scope, "startEvent")]
    throwing = _within(root, "intermediateThrowEvent", "endEvent")
    receives = any(meant(task, "message") is element for task in _within(root, "receiveTask"))
    sends = any(meant(task, "message") is element for task in _within(root, "sendTask"))
    starts = sum(_refers(start, "message", element) for start in _outermost(root, "startEvent"))
    if receives or any(_refers(event, "message", element) for event in catching):
        yield from _named(element)
        if len(extensions_of(element, "subscription")) != 1:
            yield "Must have exactly one zeebe:subscription extension element"
    elif sends or any(_refers(event, "message", element) for event in throwing) or starts == 1:
        yield from _named(element)
    elif starts > 1:
        yield "A message cannot be referred by more than one start event"


def signal(element: Element) -> Iterator[str]:
    root = element.getroottree().getroot()
    events = _within(root, "intermediateCatchEvent", "boundaryEvent", "intermediateThrowEvent", "endEvent")
    events += [start for scope in _outermost(root, "subProcess") for start in children(scope, "startEvent")]
    if any(_refers(event, "signal", element) for event in events):
        yield from _named(element)
    for start in _outermost(root, "startEvent"):
        yield from (text for _ in range(_refers(start, "signal", element)) for text in _named(element))


def _outermost(root: Element, name: str) -> list[Element]:
    return [e for process in children(root, "process") for e in children(process, name)]


def _named(element: Element) -> Iterator[str]:
    if not element.get("name"):
        yield "Name must be present and not empty"


def message_definition(definition: Element) -> Iterator[str]:
    event = definition.getparent()
    assert event is not None, "definitions are inside of events"
    if name_of(event) not in ("intermediateThrowEvent", "endEvent") and meant(definition, "message") is None:
        yield "Must reference a message"


def signal_definition(definition: Element) -> Iterator[str]:
    if meant(definition, "signal") is None:
        yield "Must reference a signal"


def receive(task: Element) -> Iterator[str]:
    message, scope = meant(task, "message"), task.getparent()
    if message is None or scope is None:
        yield "Must reference a message"
        return
    attached = [e for e in children(scope, "boundaryEvent") if e.get("attachedToRef") == task.get("id")]
    others = [meant(d, "message") for event in attached for d in children(event, f"message{DEFINITION}")]
    if any(other is not None and other.get("name") and other.get("name") == message.get("name") for other in others):
        yield "Cannot reference the same message name as a boundary event"


def by_worker(element: Element) -> Iterator[str]:
    """A message is thrown by a worker."""
    if "message" in events_of(element) and len(extensions_of(element, "taskDefinition")) != 1:
        yield "Must have either one 'zeebe:publishMessage' or one 'zeebe:taskDefinition' extension element"


def event_gateway(gateway: Element) -> Iterator[str]:
    scope = gateway.getparent()
    assert scope is not None, "gateways are inside of a process"
    elements = {e.get("id"): e for e in scope.iterchildren(f"{{{BPMN}}}*")}
    flows = flows_of(gateway, "outgoing")
    targets = [elements.get(flow.get("targetRef")) for flow in flows]
    if len(flows) < 2:
        yield "Event-based gateway must have at least 2 outgoing sequence flows."
    if not all(target is not None and _is_waited_for(target) for target in targets):
        yield (
            "Event-based gateway must not have an outgoing sequence flow to other elements than "
            "message/timer/signal/conditional intermediate catch events."
        )
    catches = [e for e in targets if e is not None and name_of(e) == "intermediateCatchEvent"]
    for kind in ("message", "signal"):
        yield from same_names(catches, kind)
    incoming = [flow for target in targets if target is not None for flow in flows_of(target, "incoming")]
    if any(flow.get("sourceRef") != gateway.get("id") for flow in incoming):
        yield (
            "Target elements of an event gateway must not have any additional incoming sequence flows other than that "
            "from the event gateway."
        )


def _is_waited_for(element: Element) -> bool:
    events = events_of(element)
    return name_of(element) == "intermediateCatchEvent" and len(events) == 1 and events[0] in _WAITED_FOR


def at_boundary(activity: Element) -> Iterator[str]:
    scope = activity.getparent()
    if scope is not None and name_of(activity) in _ACTIVITIES:
        attached = [e for e in children(scope, "boundaryEvent") if e.get("attachedToRef") == activity.get("id")]
        for kind in ("message", "signal"):
            yield from same_names(attached, kind)
