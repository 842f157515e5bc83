"""BPMN documents for tests, written as a row of elements."""

import re
from itertools import pairwise

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="http://example.org/t">'
)


def element(tag: str, id: str, extensions: str = "", more: str = "", **attributes: str) -> str:
    """`<bpmn:tag id=...>`, with Camunda's extensions and other children."""
    if tag == "userTask":
        extensions = "<zeebe:userTask/>" + extensions
    inside = f"<bpmn:extensionElements>{extensions}</bpmn:extensionElements>" if extensions else ""
    shown = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{tag} id="{id}"{shown}>{inside}{more}</bpmn:{tag}>'


def unmarked(id: str, extensions: str = "") -> str:
    """A user task of which nothing says that it is for people."""
    return element("userTask", id, extensions).replace("<zeebe:userTask/>", "")


def flow(source: str, target: str, condition: str = "") -> str:
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="{source}-{target}" {ends}>{inside}</bpmn:sequenceFlow>'


def error(code: str = "") -> str:
    """That an error with this code is thrown or caught; without one: any."""
    return f'<bpmn:errorEventDefinition errorRef="{code}-error"/>' if code else "<bpmn:errorEventDefinition/>"


def escalation(code: str = "") -> str:
    reference = f' escalationRef="{code}-escalation"' if code else ""
    return f"<bpmn:escalationEventDefinition{reference}/>"


def undoing(host: str, handler: str) -> str:
    """At the boundary of an activity: the element (a document) that undoes it."""
    tag, _, rest = handler.partition(" ")
    id = handler.partition('id="')[2].partition('"')[0]
    event = element("boundaryEvent", f"undo-{host}", "", "<bpmn:compensateEventDefinition/>", attachedToRef=host)
    link = f'<bpmn:association id="undo-{host}-{id}" sourceRef="undo-{host}" targetRef="{id}"/>'
    return f'{event}{tag} isForCompensation="true" {rest}{link}'


def undo(activity: str = "") -> str:
    """That all is undone, or an activity."""
    reference = f' activityRef="{activity}"' if activity else ""
    return f"<bpmn:compensateEventDefinition{reference}/>"


def sub(id: str, content: str, *, event: bool = False, extensions: str = "", more: str = "") -> str:
    """A sub-process, or one that begins when something happens."""
    triggered = {"triggeredByEvent": "true"} if event else {}
    return element("subProcess", id, extensions, more + content, **triggered)


def within(id: str, *elements: str, start: str = "", interrupting: bool = True) -> str:
    """A row whose ids do not clash with those around: what is in a sub-process, whose `start` may be defined."""
    attributes = {} if interrupting else {"isInterrupting": "false"}
    ids = [f"{id}-start", *(e.partition('id="')[2].partition('"')[0] for e in elements), f"{id}-end"]
    flows = "".join(flow(a, b) for a, b in pairwise(ids))
    begin = element("startEvent", ids[0], "", start, **attributes)
    return f'{begin}{"".join(elements)}<bpmn:endEvent id="{ids[-1]}"/>{flows}'


def loop(collection: str, *, sequential: bool = False, condition: str = "", **attributes: str) -> str:
    """That an activity is done for each item: `inputElement` and others are attributes."""
    shown = "".join(f' {name}="{value}"' for name, value in {"inputCollection": collection, **attributes}.items())
    until = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
        f"<zeebe:loopCharacteristics{shown}/></bpmn:extensionElements>{until}</bpmn:multiInstanceLoopCharacteristics>"
    )


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(name: str, correlation: str = "") -> tuple[str, str]:
    """(the message itself, an event's definition of it)"""
    return _defined("message", name, f'<zeebe:subscription correlationKey="{correlation}"/>' if correlation else "")


def signal(name: str) -> tuple[str, str]:
    return _defined("signal", name)


def _defined(kind: str, name: str, extensions: str = "") -> tuple[str, str]:
    id = f"{kind}-{(name + extensions).encode().hex()}"
    whole = element(kind, id, extensions, name=name)
    return whole, f'<bpmn:{kind}EventDefinition {kind}Ref="{id}"/>'


def mapping(*inputs: tuple[str, str], outputs: tuple[tuple[str, str], ...] = ()) -> str:
    rows = [f'<zeebe:input source="{s}" target="{t}"/>' for s, t in inputs]
    rows += [f'<zeebe:output source="{s}" target="{t}"/>' for s, t in outputs]
    return f"<zeebe:ioMapping>{''.join(rows)}</zeebe:ioMapping>"


def listeners(kind: str, *events: tuple[str, str]) -> str:
    """`kind` is task or execution; (event, type of the job)."""
    rows = [f'<zeebe:{kind}Listener eventType="{event}" type="{type}"/>' for event, type in events]
    return f"<zeebe:{kind}Listeners>{''.join(rows)}</zeebe:{kind}Listeners>"


def row(*elements: str, more: str = "") -> str:
    """start, the elements one after the other, end; then what else there is."""
    ids = ["start", *(e.partition('id="')[2].partition('"')[0] for e in elements), "end"]
    flows = "".join(flow(a, b) for a, b in pairwise(ids))
    return f'<bpmn:startEvent id="start"/>{"".join(elements)}<bpmn:endEvent id="end"/>{flows}{more}'


def document(id: str, content: str, extensions: str = "", more: str = "") -> str:
    """`more`: besides the process."""
    inside = f"<bpmn:extensionElements>{extensions}</bpmn:extensionElements>" if extensions else ""
    return (
        f'{HEAD}{_referred(content)}<bpmn:process id="{id}" isExecutable="true">{inside}{content}</bpmn:process>{more}'
        "</bpmn:definitions>"
    )


def _referred(content: str) -> str:
    """The errors and escalations that a process refers to."""
    codes = dict.fromkeys(re.findall('"([^"]*)-(error|escalation)"', content))
    return "".join(f'<bpmn:{kind} id="{code}-{kind}" {kind}Code="{code}"/>' for code, kind in codes)


def call(id: str, process: str, extensions: str = "", **attributes: str) -> str:
    shown = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return element("callActivity", id, f'<zeebe:calledElement processId="{process}"{shown}/>{extensions}')


def boundary(id: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    return element("boundaryEvent", id, "", definition, attachedToRef=host, cancelActivity=str(interrupting).lower())
