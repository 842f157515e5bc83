"""Camunda's extensions of BPMN elements: by its local name each has what reads it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from lxml import etree

from schemas.bpmn.records import BindingRecord, ListenerRecord, Node, TaskAttributes

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

#: what the events of tasks were called once
FORMER = {
    "create": "creating",
    "assignment": "assigning",
    "update": "updating",
    "complete": "completing",
    "cancel": "canceling",
}

Reader = Callable[[Node, etree._Element], None]


def _get(element: etree._Element, name: str) -> str:
    return element.get(name) or ""


def _binding(extension: etree._Element) -> BindingRecord:
    """Which version of what an extension names."""
    return BindingRecord(_get(extension, "bindingType"), _get(extension, "versionTag"))


def _headers(elements: Iterable[etree._Element]) -> dict[str, str]:
    return {_get(header, "key"): _get(header, "value") for header in elements}


def listeners_in(holder: etree._Element, name: str) -> Iterator[ListenerRecord]:
    for listener in holder.iterchildren(f"{{{ZEEBE}}}{name}"):
        headers = listener.iterfind(f"{{{ZEEBE}}}taskHeaders/{{{ZEEBE}}}header")
        retries = listener.get("retries") or "3"
        yield ListenerRecord(_get(listener, "eventType"), _get(listener, "type"), retries, _headers(headers))


def _nothing(node: Node, extension: etree._Element) -> None:
    """It says nothing that matters here."""


def _execution_listeners(node: Node, extension: etree._Element) -> None:
    node.listeners = list(listeners_in(extension, "executionListener"))


def _io_mapping(node: Node, extension: etree._Element) -> None:
    for name, mappings in (("input", node.inputs), ("output", node.outputs)):
        # without a source it is null
        mappings += (
            (m.get("source", "=null"), _get(m, "target")) for m in extension.iterchildren(f"{{{ZEEBE}}}{name}")
        )


def _start_form(node: Node, extension: etree._Element) -> None:
    node.form_id, node.form_binding = _get(extension, "formId"), _binding(extension)


def _script(node: Node, extension: etree._Element) -> None:
    node.script = (_get(extension, "expression").removeprefix("="), _get(extension, "resultVariable"))


def _task_definition(node: Node, extension: etree._Element) -> None:
    node.work = (_get(extension, "type"), extension.get("retries") or "3", node.work[2] if node.work else {})


def _work_headers(node: Node, extension: etree._Element) -> None:
    type, retries, _ = node.work or ("", "3", {})
    node.work = (type, retries, _headers(extension.iterchildren(f"{{{ZEEBE}}}header")))


def _called_decision(node: Node, extension: etree._Element) -> None:
    node.decision = (_get(extension, "decisionId"), _get(extension, "resultVariable"), _binding(extension))


def _called_element(node: Node, extension: etree._Element) -> None:
    gives, returns = (extension.get(f"propagateAll{which}Variables") != "false" for which in ("Parent", "Child"))
    node.call = (_get(extension, "processId"), gives, returns, _binding(extension))


def _ad_hoc(node: Node, extension: etree._Element) -> None:
    assert node.ad_hoc is not None, "only an ad-hoc sub-process has it"
    node.ad_hoc.active = _get(extension, "activeElementsCollection").removeprefix("=").strip()
    node.ad_hoc.results = _get(extension, "outputCollection")
    node.ad_hoc.result = _get(extension, "outputElement").removeprefix("=").strip()


def _of_task(read: Callable[[TaskAttributes, etree._Element], None]) -> Reader:
    def read_task(node: Node, extension: etree._Element) -> None:
        assert node.task is not None, "only a user task has these"
        read(node.task, extension)

    return read_task


@_of_task
def _assignment(task: TaskAttributes, extension: etree._Element) -> None:
    task.assignee = _get(extension, "assignee")
    task.candidate_users, task.candidate_groups = _get(extension, "candidateUsers"), _get(extension, "candidateGroups")


@_of_task
def _schedule(task: TaskAttributes, extension: etree._Element) -> None:
    task.due, task.follow_up = _get(extension, "dueDate"), _get(extension, "followUpDate")


@_of_task
def _priority(task: TaskAttributes, extension: etree._Element) -> None:
    task.priority = _get(extension, "priority")


@_of_task
def _task_form(task: TaskAttributes, extension: etree._Element) -> None:
    task.form_id, task.form_reference = _get(extension, "formId"), _get(extension, "externalReference")
    task.form_binding, task.form_key = _binding(extension), _get(extension, "formKey")


@_of_task
def _marker(task: TaskAttributes, extension: etree._Element) -> None:
    task.marked = True


@_of_task
def _task_headers(task: TaskAttributes, extension: etree._Element) -> None:
    task.headers = _headers(extension.iterchildren(f"{{{ZEEBE}}}header"))


@_of_task
def _task_listeners(task: TaskAttributes, extension: etree._Element) -> None:
    task.listeners = list(listeners_in(extension, "taskListener"))
    for listener in task.listeners:
        listener.event = FORMER.get(listener.event, listener.event)


#: of what workers do
_WORK: Mapping[str, Reader] = {"taskDefinition": _task_definition, "taskHeaders": _work_headers}
#: those of all elements
ANYWHERE: Mapping[str, Reader] = {
    "properties": _nothing,
    "taskHeaders": _nothing,
    "executionListeners": _execution_listeners,
    "ioMapping": _io_mapping,
}
#: those of some, by the local name of the element
OF: Mapping[str, Mapping[str, Reader]] = {
    "userTask": {
        "userTask": _marker,
        "versionTag": _nothing,
        "assignmentDefinition": _assignment,
        "taskSchedule": _schedule,
        "priorityDefinition": _priority,
        "formDefinition": _task_form,
        "taskHeaders": _task_headers,
        "taskListeners": _task_listeners,
    },
    "startEvent": {"formDefinition": _start_form},
    "scriptTask": {"script": _script, **_WORK},
    "serviceTask": _WORK,
    "sendTask": _WORK,
    "businessRuleTask": {"calledDecision": _called_decision, **_WORK},
    "intermediateThrowEvent": _WORK,
    "endEvent": _WORK,
    "adHocSubProcess": {"adHoc": _ad_hoc, **_WORK},
    "callActivity": {"calledElement": _called_element},
}
