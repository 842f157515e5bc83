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
}
_SILENT = {
    "sequenceFlow", "extensionElements", "documentation", "incoming", "outgoing", "laneSet", "textAnnotation",
    "association", "ioSpecification", "property", "category", "group",
}  # fmt: skip
_EXTENSIONS = {
    "userTask", "assignmentDefinition", "taskSchedule", "priorityDefinition", "formDefinition", "taskHeaders",
    "taskListeners", "versionTag", "properties",
}  # fmt: skip


class BadBpmn(ValueError):
    """Not a BPMN document."""


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
    listeners: tuple[str, ...] = ()


@dataclass(slots=True)
class Node:
    id: str
    kind: str
    name: str
    parent: str
    default_flow: str
    task: TaskAttributes | None
    form_id: str = ""


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
    record = ProcessRecord(element.get("id", ""), element.get("name") or "", version_tag)
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
    for child in element.iterchildren("*"):
        name = etree.QName(child)
        if name.namespace == BPMN and name.localname not in _SILENT and kind != "subProcess":
            record.unsupported.append((id, f"'{name.localname}' is currently not supported here"))
    task = None
    if kind == "userTask":
        task = TaskAttributes()
        for extension in _extensions(element):
            local = etree.QName(extension).localname
            if local not in _EXTENSIONS:
                record.unsupported.append((id, f"zeebe:{local} is currently not supported"))
            _attribute(task, local, extension)
    form_id = ""
    if kind == "startEvent":
        for extension in _extensions(element):
            if etree.QName(extension).localname == "formDefinition":
                form_id = extension.get("formId") or ""
    return Node(id, KINDS[kind], element.get("name") or "", parent, element.get("default") or "", task, form_id)


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
        listeners = extension.iterchildren(f"{{{ZEEBE}}}taskListener")
        task.listeners = tuple(listener.get("eventType") or "" for listener in listeners)
