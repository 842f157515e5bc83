"""Who gets a user task, until when and with which form, as other products say it: in attributes and elements of their
namespaces, and in BPMN's own. It is written into the document as the reader knows it."""

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from schemas.bpmn.conditions import NotTranslated, name_in_braces
from schemas.bpmn.extensions import BPMN, ZEEBE
from schemas.common.numbers import whole

CAMUNDA_7, ACTIVITI, FLOWABLE = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://activiti.org/bpmn",
    "http://flowable.org/bpmn",
)
PROCESSMAKER_4 = "http://processmaker.com/BPMN/2.0/Schema.xsd"
JBPM = "http://www.jboss.org/drools"
#: those that say what an engine does; what is in other namespaces is for whoever draws
ENGINES = {
    CAMUNDA_7: "camunda",
    "http://activiti.org/schema/1.0/bpmn": "camunda",
    ACTIVITI: "activiti",
    FLOWABLE: "flowable",
    PROCESSMAKER_4: "pm",
    JBPM: "drools",
}
LIKE_ACTIVITI = (CAMUNDA_7, "http://activiti.org/schema/1.0/bpmn", ACTIVITI, FLOWABLE)
_DURATION = re.compile(r"P[0-9YMDTHSW.]+")
_OWNERS = {"user": "candidateUsers", "group": "candidateGroups"}
_OWNER = re.compile(r"(user|group)\(([^()]*)\)")
#: names of attributes -> what the reader calls them: element, attribute
_ATTRIBUTES = {
    "assignee": ("assignmentDefinition", "assignee"),
    "candidateUsers": ("assignmentDefinition", "candidateUsers"),
    "candidateGroups": ("assignmentDefinition", "candidateGroups"),
    "dueDate": ("taskSchedule", "dueDate"),
    "followUpDate": ("taskSchedule", "followUpDate"),
    "priority": ("priorityDefinition", "priority"),
    "formRef": ("formDefinition", "formId"),
    "formKey": ("formDefinition", "externalReference"),
}
#: inputs of jBPM's user tasks
_INPUTS = {"GroupId": "candidateGroups", "ActorId": "candidateUsers", "Priority": "priority"}
#: what BPMN itself says of people
ROLES = ("performer", "humanPerformer", "potentialOwner", "resourceRole")


def tell(task: etree._Element) -> Iterator[str]:
    """Rewrites one user task; says, a line each, what cannot be."""
    told: dict[str, str] = {}
    for namespace in LIKE_ACTIVITI:
        for name in _ATTRIBUTES:
            text = task.get(f"{{{namespace}}}{name}")
            if text and text.strip():
                told.setdefault(name, text.strip())
    yield from _processmaker_4(task, told)
    _roles(task, told)
    _inputs(task, told)
    for name, text in told.items():
        try:
            _write(task, name, _value(name, text))
        except NotTranslated as reason:
            yield f"{name} {text!r}: {reason}"


def _value(name: str, text: str) -> str:
    if name in ("candidateUsers", "candidateGroups"):
        return names(text)
    if name == "dueDate" and _DURATION.fullmatch(text):
        return f'=now() + duration("{text}")'
    return one(text)


def one(text: str) -> str:
    """A text, or the variable that is meant as an expression. Raises NotTranslated."""
    return f"={name_in_braces(text)}" if "{" in text else text


def names(text: str) -> str:
    """Names with commas between, or an expression for them. Raises NotTranslated."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not any("{" in part for part in parts):
        return ",".join(parts)
    if len(parts) == 1:
        return one(parts[0])
    quoted = (
        name_in_braces(p) if "{" in p else '"{}"'.format(p.replace("\\", "\\\\").replace('"', '\\"')) for p in parts
    )
    return f"=[{', '.join(quoted)}]"


def _write(task: etree._Element, name: str, value: str) -> None:
    """What is said in the reader's own words already counts."""
    element, attribute = _ATTRIBUTES[name]
    holder = task.find(f"{{{BPMN}}}extensionElements")
    if holder is None:
        holder = etree.Element(f"{{{BPMN}}}extensionElements")
        task.insert(0, holder)
    tag = f"{{{ZEEBE}}}{element}"
    written = next(holder.iterchildren(tag), None)
    if written is None:
        written = etree.SubElement(holder, tag)
    if written.get(attribute) is None:
        written.set(attribute, value)


def _processmaker_4(task: etree._Element, told: dict[str, str]) -> Iterator[str]:
    """There people are numbers in a database, so they are named."""
    of = {name: task.get(f"{{{PROCESSMAKER_4}}}{name}") or "" for name in _PM_4}
    if (hours := whole(of["dueIn"], 6)) is not None:
        told.setdefault("dueDate", f"PT{hours}H")
    if of["screenRef"]:
        told.setdefault("formKey", of["screenRef"])
    for name in ("assignedUsers", "assignedGroups", "assignment"):
        if of[name]:
            yield f"pm:{name} {of[name]!r}"


_PM_4 = ("dueIn", "screenRef", "assignedUsers", "assignedGroups", "assignment")


def _roles(task: etree._Element, told: dict[str, str]) -> None:
    """`user(a), group(b)` as Activiti has it; a name alone is a group's there, and a user's on jBPM."""
    alone = "candidateUsers" if JBPM in task.nsmap.values() else "candidateGroups"
    owners = defaultdict[str, list[str]](list)
    for role in list(task.iterchildren(*(f"{{{BPMN}}}{name}" for name in ROLES))):
        text = " ".join("".join(map(str, role.itertext())).split())
        if text and etree.QName(role).localname == "potentialOwner":
            for kind, owner in _OWNER.findall(text) or [("", text)]:
                owners[_OWNERS.get(kind, alone)].append(owner)
        elif text and etree.QName(role).localname == "humanPerformer":
            told.setdefault("assignee", text)
        task.remove(role)
    for name, several in owners.items():
        told[name] = ",".join([told[name], *several] if name in told else several)


def _inputs(task: etree._Element, told: dict[str, str]) -> None:
    """What jBPM's user tasks are told by values of their inputs."""
    named = {
        data.get("id"): data.get("name")
        for data in task.iterfind(f"{{{BPMN}}}ioSpecification/{{{BPMN}}}dataInput")
        if data.get("name") in _INPUTS
    }
    for association in task.iterfind(f"{{{BPMN}}}dataInputAssociation"):
        target = association.findtext(f"{{{BPMN}}}targetRef")
        value = association.findtext(f"{{{BPMN}}}assignment/{{{BPMN}}}from") or ""
        name = _INPUTS.get(named.get(target) or "")
        if name and value.strip():
            told.setdefault(name, value.strip())
