"""Reads the executable processes of a BPMN 2.0 document, with Camunda's extensions for user tasks.

What is not supported is collected, element by element, not ignored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from schemas.common.xml import BadXml, parse

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

#: BPMN element -> kind of element in the records
KINDS = {
    "startEvent": "START_EVENT",
    "endEvent": "END_EVENT",
    "userTask": "USER_TASK",
    "exclusiveGateway": "EXCLUSIVE_GATEWAY",
    "parallelGateway": "PARALLEL_GATEWAY",
    "subProcess": "SUB_PROCESS",
    "scriptTask": "SCRIPT_TASK",
    "manualTask": "MANUAL_TASK",
    "task": "TASK",
    "callActivity": "CALL_ACTIVITY",
    "intermediateCatchEvent": "INTERMEDIATE_CATCH_EVENT",
    "intermediateThrowEvent": "INTERMEDIATE_THROW_EVENT",
    "boundaryEvent": "BOUNDARY_EVENT",
}
#: those with a timer
_TIMED = frozenset(("intermediateCatchEvent", "boundaryEvent"))
_SILENT = {
    "sequenceFlow", "extensionElements", "documentation", "incoming", "outgoing", "laneSet", "textAnnotation",
    "association", "ioSpecification", "property", "category", "group",
}  # fmt: skip
#: Camunda's extensions of all elements, and of some
_ANYWHERE = frozenset(("properties", "taskHeaders", "executionListeners", "ioMapping"))
_EXTENSIONS = {
    "userTask": {
        *("userTask", "assignmentDefinition", "taskSchedule", "priorityDefinition", "formDefinition"),
        *("taskListeners", "versionTag"),
    },
    "startEvent": {"formDefinition"},
    "scriptTask": {"script"},
    "callActivity": {"calledElement"},
}
#: where Camunda's mappings of variables make sense
_WITH_INPUTS = frozenset(("userTask", "scriptTask", "callActivity", "subProcess", "manualTask", "task"))
_WITH_OUTPUTS = _WITH_INPUTS | _TIMED


class BadBpmn(ValueError):
    """Not a BPMN document."""


@dataclass(slots=True)
class ListenerRecord:
    event: str
    type: str
    retries: str
    headers: dict[str, str]


@dataclass(slots=True)
class TaskAttributes:
    """Texts as in the document: those with a `=` in front are expressions."""

    assignee: str = ""
    candidate_users: str = ""
    candidate_groups: str = ""
    priority: str = ""
    due: str = ""
    follow_up: str = ""
    form_id: str = ""
    form_reference: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    listeners: list[ListenerRecord] = field(default_factory=list)


@dataclass(slots=True)
class Node:
    """`inputs` and `outputs` are (source, target), `script` is (expression, result variable), `call` is (process id,
    gets all variables?, gives all back?), `timing` is (date, duration or cycle; text)."""

    id: str
    kind: str
    name: str
    parent: str
    default_flow: str
    task: TaskAttributes | None
    form_id: str = ""
    inputs: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    listeners: list[ListenerRecord] = field(default_factory=list)
    script: tuple[str, str] | None = None
    call: tuple[str, bool, bool] | None = None
    timing: tuple[str, str] | None = None
    attached_to: str = ""
    interrupting: bool = True


@dataclass(slots=True)
class Edge:
    id: str
    source: str
    target: str
    condition: str


@dataclass(slots=True)
class ProcessRecord:
    """`unsupported` holds (element id, what about it)."""

    id: str
    name: str
    version_tag: str = ""
    listeners: list[ListenerRecord] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    unsupported: list[tuple[str, str]] = field(default_factory=list)


def read(document: bytes, *, loose: bool = False) -> list[ProcessRecord]:
    """The executable processes, in document order. `loose` is for documents of design tools that do not tell: all
    processes if none is executable, and plain and manual tasks are user tasks. Raises BadBpmn."""
    try:
        root = parse(document)
    except BadXml as error:
        raise BadBpmn(str(error)) from None
    if root.tag != f"{{{BPMN}}}definitions":
        raise BadBpmn("the root element is not bpmn:definitions")
    if loose:
        for task in root.iter(f"{{{BPMN}}}task", f"{{{BPMN}}}manualTask"):
            task.tag = f"{{{BPMN}}}userTask"
    processes = list(root.iterchildren(f"{{{BPMN}}}process"))
    executable = [p for p in processes if p.get("isExecutable") == "true"]
    return [_process(p) for p in (executable or (processes if loose else []))]


def _process(element: etree._Element) -> ProcessRecord:
    tag = element.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}versionTag")
    version_tag = (tag.get("value") or "") if tag is not None else ""
    listeners = [found for extension in _extensions(element) for found in _listeners(extension, "executionListener")]
    record = ProcessRecord(element.get("id", ""), element.get("name") or "", version_tag, listeners)
    _scope(element, "", record)
    return record


def _scope(scope: etree._Element, parent: str, record: ProcessRecord) -> None:
    for child in scope.iterchildren("*"):
        name = etree.QName(child)
        if name.namespace != BPMN:
            continue
        id = child.get("id", "")
        if name.localname == "sequenceFlow":
            record.edges.append(_edge(child, id))
        elif name.localname in KINDS:
            record.nodes.append(_node(child, id, name.localname, parent, record))
            if name.localname == "subProcess":
                if child.get("triggeredByEvent") == "true":
                    record.unsupported.append((id, "Elements of type 'EVENT_SUB_PROCESS' are currently not supported"))
                _scope(child, id, record)
        elif name.localname not in _SILENT:
            record.unsupported.append((id, f"Elements of type '{name.localname}' are currently not supported"))


def _edge(element: etree._Element, id: str) -> Edge:
    condition = element.find(f"{{{BPMN}}}conditionExpression")
    text = (condition.text or "").strip() if condition is not None else ""
    return Edge(id, element.get("sourceRef", ""), element.get("targetRef", ""), text.removeprefix("="))


def _node(element: etree._Element, id: str, kind: str, parent: str, record: ProcessRecord) -> Node:
    node = Node(
        id=id,
        kind=KINDS[kind],
        name=element.get("name") or "",
        parent=parent,
        default_flow=element.get("default") or "",
        task=None,
    )
    for child in element.iterchildren("*"):
        name = etree.QName(child)
        if name.namespace != BPMN or name.localname in _SILENT or kind == "subProcess":
            continue
        if name.localname == "timerEventDefinition" and kind in _TIMED:
            node.timing = _timing(child)
        else:
            record.unsupported.append((id, f"'{name.localname}' is currently not supported here"))
    if kind == "userTask":
        node.task = TaskAttributes()
    if kind == "boundaryEvent":
        node.attached_to = element.get("attachedToRef") or ""
        node.interrupting = element.get("cancelActivity") != "false"
    for extension in _extensions(element):
        local = etree.QName(extension).localname
        if local not in _EXTENSIONS.get(kind, ()) and local not in _ANYWHERE:
            record.unsupported.append((id, f"zeebe:{local} is currently not supported"))
        elif node.task is not None and local in _EXTENSIONS["userTask"] | {"taskHeaders"}:
            _attribute(node.task, local, extension)
        else:
            _extend(node, kind, local, extension, record)
    return node


def _extend(node: Node, kind: str, local: str, extension: etree._Element, record: ProcessRecord) -> None:
    if local == "formDefinition":
        node.form_id = extension.get("formId") or ""
    elif local == "script":
        expression = extension.get("expression") or ""
        node.script = (expression.removeprefix("="), extension.get("resultVariable") or "")
    elif local == "calledElement":
        gives, returns = (extension.get(f"propagateAll{which}Variables") != "false" for which in ("Parent", "Child"))
        node.call = (extension.get("processId") or "", gives, returns)
    elif local == "executionListeners":
        node.listeners = list(_listeners(extension, "executionListener"))
    elif local == "ioMapping":
        for found, mappings, allowed in (("input", node.inputs, _WITH_INPUTS), ("output", node.outputs, _WITH_OUTPUTS)):
            given = extension.iterchildren(f"{{{ZEEBE}}}{found}")
            mappings += [(m.get("source") or "", m.get("target") or "") for m in given]
            if mappings and kind not in allowed:
                record.unsupported.append((node.id, f"zeebe:{found} is currently not supported here"))


def _timing(definition: etree._Element) -> tuple[str, str] | None:
    for kind, name in (("date", "timeDate"), ("duration", "timeDuration"), ("cycle", "timeCycle")):
        found = definition.find(f"{{{BPMN}}}{name}")
        if found is not None:
            return kind, (found.text or "").strip()
    return None


def _listeners(holder: etree._Element, name: str) -> Iterator[ListenerRecord]:
    for listener in holder.iterchildren(f"{{{ZEEBE}}}{name}"):
        headers = listener.iterfind(f"{{{ZEEBE}}}taskHeaders/{{{ZEEBE}}}header")
        yield ListenerRecord(
            listener.get("eventType") or "",
            listener.get("type") or "",
            listener.get("retries") or "3",
            {header.get("key") or "": header.get("value") or "" for header in headers},
        )


def _extensions(element: etree._Element) -> Iterator[etree._Element]:
    for holder in element.iterchildren(f"{{{BPMN}}}extensionElements"):
        yield from holder.iterchildren(f"{{{ZEEBE}}}*")


def _attribute(task: TaskAttributes, local: str, extension: etree._Element) -> None:
    def get(name: str) -> str:
        return extension.get(name) or ""

    if local == "assignmentDefinition":
        task.assignee = get("assignee")
        task.candidate_users, task.candidate_groups = get("candidateUsers"), get("candidateGroups")
    elif local == "taskSchedule":
        task.due, task.follow_up = get("dueDate"), get("followUpDate")
    elif local == "priorityDefinition":
        task.priority = get("priority")
    elif local == "formDefinition":
        task.form_id, task.form_reference = get("formId"), get("externalReference")
    elif local == "taskHeaders":
        task.headers = {h.get("key") or "": h.get("value") or "" for h in extension.iterchildren(f"{{{ZEEBE}}}header")}
    elif local == "taskListeners":
        task.listeners = list(_listeners(extension, "taskListener"))
