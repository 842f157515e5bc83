"""The search criteria and task parameters that come as XML. Source: dossier inforouter.md, section 3.7."""

from dataclasses import dataclass
from typing import Any

from schemas.common.numbers import whole
from schemas.common.xml import BadXml
from schemas.inforouter import words, xmltext
from schemas.inforouter.flow import Requirement, truth
from schemas.inforouter.moments import Moment
from schemas.inforouter.unreadable import BadValue
from schemas.inforouter.values import Kind


class BadCriteria(ValueError):
    """The message is the vendor's text."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """A name of `words.TASK_SORT` and a direction."""

    name: str
    ascending: bool


_ALIASES = {"LIBRARYID": "DOMAINID"}
_NUMBERS = frozenset(
    ("DOMAINID", "ASSIGNEEID", "ASSIGNEDBYID", "SUPERVISORID", "WORKFLOWDEFID", "DOCUMENTID", "FLOWID")
)
_DATES = frozenset(("STARTDATE", "ENDDATE"))
_STATUS = {name.lower(): name for name in words.COMPLETION_STATUS}
_SORTS = {name.lower(): name for name in words.TASK_SORT}


def read_criteria(text: str | None) -> dict[str, Any]:
    """Parameter -> value: a completion status, a priority's number, an int, a Moment or a text. Raises BadCriteria."""
    if not (text or "").strip():
        return {}
    try:
        node = xmltext.read(text or "")
    except BadXml as error:
        raise BadCriteria(f"xmlcriteria parsing error:{error}") from None
    criteria: dict[str, Any] = {}
    for param in node.all("param"):
        name = param.get("NAME").strip().upper()
        name = _ALIASES.get(name, name)
        try:
            criteria[name] = _value(name, param.get("VALUE"))
        except BadValue as error:
            raise BadCriteria(f"[{name}] error:{error}") from None
    return criteria


def _value(name: str, text: str) -> Any:
    if name in _NUMBERS:
        return Kind.INT.from_xml(text, strict=True)
    if name in _DATES:
        return Kind.DATE_TIME.value.from_form(text, False)
    if name == "TASKCOMPLETIONSTATUS":
        status = _STATUS.get(text.strip().lower())
        if status is None:
            raise BadValue(f"Requested value '{text}' was not found.")
        return status
    if name == "PRIORITY":
        number = words.priority_number(text)
        if number is None:
            raise BadValue(f"Requested value '{text}' was not found.")
        return number
    if name == "DOCUMENTTYPE":
        return text
    raise BadCriteria(f"[{name}] Parameter not found")


def read_sorting(name: str | None, ascending: bool) -> Sorting:
    """An empty name is the default. Raises BadCriteria."""
    sort_name = _SORTS.get((name or "DefaultSort").strip().lower())
    if sort_name is None:
        raise BadCriteria(f"[SortBy] error:Requested value '{name}' was not found.")
    return Sorting(sort_name, ascending)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task as CreateTask and CreateRelatedTask ask for it; spans are hours."""

    assignee: str
    instructions: str
    due: Moment | None
    priority: int
    right: int
    permissions: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    start_span: int
    remind: int
    notice: bool
    on_complete: bool


_GRANTS = (
    ("PermissionEnableEdit", "EditDocument"),
    ("PermissionChangeFinishDate", "ChangeFinishdate"),
    ("PermissionChangeDueDate", "Postpone"),
    ("PermissionChangePriority", "ChangePriority"),
)


def read_new_task(text: str | None) -> NewTask:
    """Raises BadCriteria."""
    try:
        node = xmltext.read(text or "")
    except BadXml as error:
        raise BadCriteria(f"Invalid XML:{error}") from None

    def value(name: str) -> str:
        return (node.value(name) or "").strip()

    try:
        due = Kind.DATE_TIME.value.from_form(value("DueDate"), False) if value("DueDate") else None
        start_span = Kind.INT.from_xml(value("AllowedStartTimeSpan") or "0", strict=True)
        remind = Kind.INT.from_xml(value("ReminderTimeSpan") or "0", strict=True)
    except BadValue as error:
        raise BadCriteria(f"Invalid XML:{error}") from None
    priority = words.priority_number(value("Priority") or "Normal")
    right = words.right_number(value("RightType") or "READ")
    if priority is None:
        raise BadCriteria(f"[Priority] error:Requested value '{value('Priority')}' was not found.")
    if right is None:
        raise BadCriteria(f"[RightType] error:Requested value '{value('RightType')}' was not found.")
    return NewTask(
        assignee=value("RequestedAssigneeName"),
        instructions=node.value("Instructions") or "",
        due=due if due is not None and due.given else None,
        priority=priority,
        right=right,
        permissions=tuple(permission for name, permission in _GRANTS if truth(value(name))),
        requirements=tuple(_requirements(node)),
        start_span=max(0, start_span),
        remind=max(0, remind),
        notice=truth(value("SendTaskNotice") or value("SendToNotice")),
        on_complete=truth(value("OnCompleteNotification")),
    )


def _requirements(node: xmltext.Node) -> list[Requirement]:
    holder = node.child("TaskRequirements")
    requirements = []
    for row in holder.children if holder is not None else ():
        name = words.requirement_name(row.value("RequirementType") or "")
        if name is None:
            raise BadCriteria(
                f"[RequirementType] error:Requested value '{row.value('RequirementType')}' was not found."
            )
        reference = (row.value("ObjectId") or "0").strip()
        requirements.append(Requirement(name, row.value("Definition") or "", whole(reference, 9) or 0))
    return requirements
