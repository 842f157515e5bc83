"""Workflow definitions: the XML of a task definition that comes in, the elements that go out.

Source: dossier inforouter.md, sections 3.0 and 3.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.common.xml import BadXml
from schemas.inforouter import words, xmltext
from schemas.inforouter.element import Element
from schemas.inforouter.people import lower, title
from schemas.inforouter.unreadable import BadValue
from schemas.inforouter.values import int32

MAX_NAME = 32


class BadDefinition(ValueError):
    """A task definition cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Requirement:
    name: str
    definition: str = ""
    reference: int = 0


@dataclass(frozen=True, slots=True)
class TaskDef:
    """A task definition. Times are hours; users and groups are the vendor's numbers, roles those of special roles."""

    name: str
    instruction: str
    deadline: int
    required: int = 0
    supervisor: int = 0
    notify: int = 0
    priority: int = 5
    start_span: int = 0
    remind: int = 0
    right: int = 2
    notice: bool = False
    permissions: tuple[str, ...] = ()
    users: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    requirements: tuple[Requirement, ...] = ()


def valid_name(name: str) -> bool:
    """At most 32 characters; blanks are allowed, as in the pages' own samples, and so is some punctuation."""
    return 0 < len(name.strip()) <= MAX_NAME and all(c.isalnum() or c in " _-.&()'" for c in name)


def _number(node: xmltext.Node, name: str, default: int = 0) -> int:
    text = node.get(name).strip()
    if not text:
        return default
    try:
        return int32(text)
    except BadValue as error:
        raise BadDefinition(f"[{name}] error:{error}") from None


def truth(text: str | None) -> bool:
    return (text or "").strip().lower() in ("true", "1")


def read_task_def(text: str, *, all_permissions: bool = False) -> TaskDef:
    """Raises BadDefinition. `all_permissions`: the six rows have to be there, as the 9.0 server wants them."""
    try:
        node = xmltext.read(text)
    except BadXml as error:
        raise BadDefinition(f"Invalid XML:{error}") from None
    name = node.get("TaskName").strip()
    if not name:
        raise BadDefinition("Task name cannot be empty")
    if not valid_name(name):
        raise BadDefinition("Task name is invalid")
    deadline = _number(node, "DeadLine")
    if deadline <= 0:
        raise BadDefinition("Deadline cannot be zero")
    if deadline > 24 * 366 * 100:
        raise BadDefinition("Deadline is too long")
    instruction = node.value("instruction") or ""
    if not instruction.strip():
        raise BadDefinition("Instruction cannot be empty")
    # a page says that the vendor stores this one negative
    notify = abs(_number(node, "SupervisorNotificationOnDue"))
    remind = _number(node, "ReminderTimeSpan")
    if notify > deadline or remind > deadline:
        raise BadDefinition("Notification time exceeds the deadline")
    required = _number(node, "RequiredAssigneeCount")
    if required not in (words.ALL_OF_THEM, words.PICKED_ONE, words.ANY_ONE):
        raise BadDefinition("[RequiredAssigneeCount] error:Value is not valid.")
    return TaskDef(
        name=name,
        instruction=instruction,
        deadline=deadline,
        required=required,
        supervisor=_number(node, "SuperVisorId"),
        notify=notify,
        priority=_word(node, "Priority", words.priority_number, 5),
        start_span=max(0, _number(node, "AllowedStartTimeSpan")),
        remind=max(0, remind),
        right=_word(node, "righttype", words.right_number, 2),
        notice=truth(node.get("OnCompleteNotice")),
        permissions=_permissions(node, all_of_them=all_permissions),
        users=_ids(node, "Users", "user", "UserID"),
        groups=_ids(node, "UserGroups", "group", "GroupID"),
        roles=_ids(node, "SpecialUserRoles", "role", "RoleId"),
        requirements=_requirements(node),
    )


def _word(node: xmltext.Node, name: str, number_of: Any, default: int) -> int:
    text = node.get(name).strip()
    if not text:
        return default
    number = number_of(text)
    if number is None:
        raise BadDefinition(f"[{name}] error:Value is not valid.")
    return int(number)


def _permissions(node: xmltext.Node, *, all_of_them: bool) -> tuple[str, ...]:
    holder = node.child("Permissions")
    rows = {row.get("Name").lower(): row.get("Value") for row in holder.all("Permission")} if holder else {}
    if all_of_them and any(not rows.get(name.lower()) for name in words.PERMISSIONS):
        raise BadDefinition("SystemError:Input string was not in a correct format.")
    return tuple(name for name in words.PERMISSIONS if truth(rows.get(name.lower())))


def _ids(node: xmltext.Node, group: str, item: str, attribute: str) -> tuple[int, ...]:
    holder = node.child("AssigneeList")
    listed = holder.child(group) if holder is not None else None
    if listed is None:
        return ()
    items = [row for row in listed.children if row.name in (item, f"special{item}", f"specialuser{item}")]
    return tuple(dict.fromkeys(_number(row, attribute) or _number(row, "id") for row in items))


def _requirements(node: xmltext.Node) -> tuple[Requirement, ...]:
    holder = node.child("Requirements")
    requirements = []
    for row in holder.all("Requirement") if holder is not None else ():
        name = words.requirement_name(row.get("Name"))
        if name is None:
            raise BadDefinition(f"Requirement {row.get('Name')} is not valid")
        requirements.append(Requirement(name, row.get("Definition"), _number(row, "RefObjectId")))
    return tuple(requirements)


# What goes out


@dataclass(frozen=True, slots=True)
class FlowShape:
    """The header of a definition; `supervisors` are (element name, id) pairs."""

    number: int
    name: str
    domain_number: int
    domain_name: str
    active_folder: str
    requires_players: bool
    active: bool
    end_folder: str
    end_url: str
    hide: bool
    supervisors: tuple[tuple[str, int], ...] = ()
    steps: tuple[Element, ...] = field(default=())


def flow_def(shape: FlowShape) -> Element:
    supervisors = tuple(Element(name, (("id", str(id)),)) for name, id in shape.supervisors)
    return Element(
        "FlowDef",
        (
            ("FlowDefID", str(shape.number)),
            ("FlowName", shape.name),
            ("DomainId", str(shape.domain_number)),
            ("DomainName", shape.domain_name),
            ("ActiveFolderPath", shape.active_folder),
            ("RequiresStartUpPlayers", lower(shape.requires_players)),
            ("Active", lower(shape.active)),
            ("OnEndMoveToPath", shape.end_folder),
            ("OnEndEventUrl", shape.end_url),
            ("Hide", title(shape.hide)),
        ),
        (*shape.steps, Element("Supervisors", children=supervisors)),
    )


def step_def(number: int, name: str, tasks: tuple[Element, ...]) -> Element:
    attributes = (("StepNumber", str(number)), ("StepName", name))
    return Element("StepDef", attributes, (Element("TaskDefs", children=tasks),))


def permission_rows(granted: tuple[str, ...]) -> Element:
    rows = (Element("Permission", (("Name", n), ("Value", title(n in granted)))) for n in words.PERMISSIONS)
    return Element("Permissions", children=tuple(rows))


def right_type(number: int) -> Element:
    name, text = words.RIGHT_TYPE.get(number, words.RIGHT_TYPE[2])
    attributes = (("RightTypeId", str(number)), ("RightTypeName", name), ("RightTypeText", text))
    return Element("RightType", attributes)


@dataclass(frozen=True, slots=True)
class Names:
    """Who is behind the numbers: user -> (login, full name), group -> name."""

    users: Mapping[int, tuple[str, str]]
    groups: Mapping[int, str]


def task_def(id: int, task: TaskDef, names: Names) -> Element:
    requirements = tuple(
        Element(
            "Requirement",
            (("Name", r.name), ("Definition", r.definition), ("RefObjectId", str(r.reference))),
        )
        for r in task.requirements
    )
    users = tuple(
        Element("user", (("id", str(n)), ("login", names.users[n][0]), ("fullname", names.users[n][1])))
        for n in task.users
        if n in names.users
    )
    groups = tuple(
        Element("group", (("id", str(n)), ("name", names.groups[n]))) for n in task.groups if n in names.groups
    )
    roles = tuple(
        Element("SpecialUserRole", (("RoleId", str(n)), ("RoleDescription", words.SPECIAL_ROLES.get(n, ""))))
        for n in task.roles
    )
    return Element(
        "TaskDef",
        (
            ("TaskDefId", str(id)),
            ("TaskName", task.name),
            ("DeadLine", str(task.deadline)),
            ("RequiredAssigneeCount", str(task.required)),
            ("SuperVisorId", str(task.supervisor)),
            ("SuperVisorName", names.users.get(task.supervisor, ("", ""))[0]),
            ("SupervisorNotificationOnDue", str(task.notify)),
            ("Priority", str(task.priority)),
            ("AllowedStartTimeSpan", str(task.start_span)),
            ("ReminderTimeSpan", str(task.remind)),
        ),
        (
            Element("Requirements", children=requirements),
            right_type(task.right),
            permission_rows(task.permissions),
            Element("instruction", text=task.instruction),
            Element(
                "AssigneeList",
                children=(
                    Element("Users", children=users),
                    Element("UserGroups", children=groups),
                    Element("SpecialUserRoles", children=roles),
                ),
            ),
        ),
    )
