"""Reads the executable processes of a BPMN 2.0 document, with Camunda's extensions for user tasks.

What is not supported is collected, element by element, not ignored.
"""

from collections.abc import Iterator

from lxml import etree

from schemas.bpmn.adhoc import ad_hoc_of
from schemas.bpmn.events import EVENTS, message_of
from schemas.bpmn.extensions import ANYWHERE, BPMN, OF, ZEEBE, listeners_in
from schemas.bpmn.loops import loop_of
from schemas.bpmn.records import BindingRecord, Edge, Node, ProcessRecord, TaskAttributes
from schemas.common.xml import BadXml, parse

#: BPMN element -> kind of element in the records
KINDS = {
    "startEvent": "START_EVENT",
    "endEvent": "END_EVENT",
    "userTask": "USER_TASK",
    "exclusiveGateway": "EXCLUSIVE_GATEWAY",
    "parallelGateway": "PARALLEL_GATEWAY",
    "inclusiveGateway": "INCLUSIVE_GATEWAY",
    "eventBasedGateway": "EVENT_BASED_GATEWAY",
    "subProcess": "SUB_PROCESS",
    "adHocSubProcess": "AD_HOC_SUB_PROCESS",
    "scriptTask": "SCRIPT_TASK",
    "serviceTask": "SERVICE_TASK",
    "sendTask": "SEND_TASK",
    "receiveTask": "RECEIVE_TASK",
    "businessRuleTask": "BUSINESS_RULE_TASK",
    "manualTask": "MANUAL_TASK",
    "task": "TASK",
    "callActivity": "CALL_ACTIVITY",
    "intermediateCatchEvent": "INTERMEDIATE_CATCH_EVENT",
    "intermediateThrowEvent": "INTERMEDIATE_THROW_EVENT",
    "boundaryEvent": "BOUNDARY_EVENT",
}
#: how a version of something else is told
BINDINGS = ("deployment", "latest", "versionTag")
#: what says nothing that a process is run by
WITHOUT_EFFECT = frozenset((
    "sequenceFlow", "extensionElements", "documentation", "incoming", "outgoing", "laneSet", "textAnnotation",
    "association", "ioSpecification", "property", "category", "group", "dataObject", "dataObjectReference",
    "dataStoreReference", "dataInputAssociation", "dataOutputAssociation", "auditing", "monitoring", "rendering",
    "performer", "humanPerformer", "potentialOwner", "resourceRole", "correlationSubscription", "supports",
))  # fmt: skip
_EVENT_SUB = "EVENT_SUB_PROCESS"
#: what may be done several times
_REPEATED = frozenset(name for name in KINDS if name.lower().endswith(("task", "subprocess", "callactivity")))
#: in an element: all but these says nothing that a process is run by
_WITH_EFFECT = ("EventDefinition", "LoopCharacteristics")
#: where Camunda's mappings of variables have no effect
_GATEWAYS = frozenset(("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"))
_WITHOUT_INPUTS = _GATEWAYS | {"boundaryEvent"}


class BadBpmn(ValueError):
    """Not a BPMN document."""


def is_bpmn(document: bytes) -> bool:
    """Does a document of any kind hold processes?"""
    try:
        return bool(parse(document).tag == f"{{{BPMN}}}definitions")
    except BadXml:
        return False


def form_in(document: bytes, process_id: str, form_id: str) -> str | None:
    """The text of a form that is kept inside of a process. Raises BadXml."""
    for process in parse(document).iterchildren(f"{{{BPMN}}}process"):
        if process.get("id") == process_id:
            for extension in _extensions(process):
                if extension.tag == f"{{{ZEEBE}}}userTaskForm" and extension.get("id") == form_id:
                    return text_of(extension)
    return None


def text_of(element: etree._Element) -> str:
    """All that is written in it, without comments."""
    return etree.tostring(element, encoding="unicode", method="text", with_tail=False)


def read(document: bytes) -> list[ProcessRecord]:
    """The executable processes, in document order. Raises BadBpmn."""
    return processes_in(definitions(document))


def definitions(document: bytes) -> etree._Element:
    """The root of a document. Raises BadBpmn."""
    try:
        root = parse(document)
    except BadXml as error:
        raise BadBpmn(str(error)) from None
    if root.tag != f"{{{BPMN}}}definitions":
        raise BadBpmn("the root element is not bpmn:definitions")
    return root


def processes_in(root: etree._Element) -> list[ProcessRecord]:
    return [record_of(process) for process in root.iterchildren(f"{{{BPMN}}}process") if is_executable(process)]


def is_executable(process: etree._Element) -> bool:
    return process.get("isExecutable") == "true"


def record_of(element: etree._Element) -> ProcessRecord:
    tag = element.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}versionTag")
    version_tag = (tag.get("value") or "") if tag is not None else ""
    listeners = [found for extension in _extensions(element) for found in listeners_in(extension, "executionListener")]
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
            if name.localname in ("subProcess", "adHocSubProcess"):
                _scope(child, id, record)
        elif name.localname not in (*WITHOUT_EFFECT, "completionCondition") and not name.localname.endswith(
            _WITH_EFFECT
        ):
            record.unsupported.append((id, f"Elements of type '{name.localname}' are currently not supported"))


def _edge(element: etree._Element, id: str) -> Edge:
    condition = element.find(f"{{{BPMN}}}conditionExpression")
    text = (condition.text or "").strip() if condition is not None else ""
    name = " ".join((element.get("name") or "").split())
    return Edge(id, element.get("sourceRef", ""), element.get("targetRef", ""), text.removeprefix("="), name)


def _node(element: etree._Element, id: str, kind: str, parent: str, record: ProcessRecord) -> Node:
    node = Node(
        id=id,
        kind=_EVENT_SUB if element.get("triggeredByEvent") == "true" else KINDS[kind],
        name=element.get("name") or "",
        parent=parent,
        default_flow=element.get("default") or "",
        task=TaskAttributes() if kind == "userTask" else None,
        undoing=element.get("isForCompensation") == "true",
    )
    if kind == "boundaryEvent":
        node.attached_to = element.get("attachedToRef") or ""
        node.interrupting = element.get("cancelActivity") != "false"
    place = kind
    around = element.getparent()
    if kind == "startEvent" and around is not None and around.get("triggeredByEvent") == "true":
        place, node.interrupting = "eventStart", element.get("isInterrupting") != "false"
    if kind == "adHocSubProcess":
        node.ad_hoc = ad_hoc_of(element)
    if kind == "receiveTask":
        node.event = message_of(element)
    # what is in a sub-process are nodes of their own
    for child in element.iterchildren(f"{{{BPMN}}}*"):
        local = etree.QName(child).localname
        places, reader = EVENTS.get(local, (frozenset(), None))
        if reader is not None and place in places:
            reader(node, child)
        elif local == "multiInstanceLoopCharacteristics" and kind in _REPEATED:
            node.loop = loop_of(child)
        elif local.endswith(_WITH_EFFECT):
            record.unsupported.append((id, f"'{local}' is currently not supported here"))
    _extend(node, kind, element, record)
    return node


def _extend(node: Node, kind: str, element: etree._Element, record: ProcessRecord) -> None:
    """With Camunda's extensions."""
    readers = {**ANYWHERE, **OF.get(kind, {})}
    for extension in _extensions(element):
        local = etree.QName(extension).localname
        if local in readers:
            readers[local](node, extension)
    if node.work is not None and not node.work[0]:
        node.work = None  # headers without a definition have no effect
    if any(binding.kind not in ("", *BINDINGS) for binding in _bindings(node)):
        record.unsupported.append((node.id, f"Attribute 'bindingType' must be one of: {', '.join(BINDINGS)}"))
    if kind in _WITHOUT_INPUTS:
        node.inputs.clear()
    if kind in _GATEWAYS:
        node.outputs.clear()


def _bindings(node: Node) -> Iterator[BindingRecord]:
    yield node.form_binding
    if node.task is not None:
        yield node.task.form_binding
    if node.call is not None:
        yield node.call[3]
    if node.decision is not None:
        yield node.decision[2]


def _extensions(element: etree._Element) -> Iterator[etree._Element]:
    for holder in element.iterchildren(f"{{{BPMN}}}extensionElements"):
        yield from holder.iterchildren(f"{{{ZEEBE}}}*")
