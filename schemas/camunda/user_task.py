"""The user-task record and the bodies of its commands. Source: dossier camunda.md, section 2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from schemas.camunda.body import (
    InvalidArgument,
    boolean,
    closed,
    list_of_texts,
    object_member,
    read_object,
    required_object,
    text,
    unparsable,
    variables_of,
)


class UserTask(TypedDict, total=False):
    """All members of all profiles; a profile emits its own subset."""

    userTaskKey: str
    name: str | None
    state: str
    assignee: str | None
    elementId: str
    elementInstanceKey: str
    candidateGroups: Sequence[str]
    candidateUsers: Sequence[str]
    processDefinitionId: str
    processDefinitionKey: str
    processDefinitionVersion: int
    processName: str | None
    processInstanceKey: str
    rootProcessInstanceKey: str
    businessId: str | None
    creationDate: str
    completionDate: str | None
    followUpDate: str | None
    dueDate: str | None
    tenantId: str
    externalFormReference: str | None
    formKey: str | None
    customHeaders: Mapping[str, str]
    priority: int
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Completion:
    variables: dict[str, Any]
    action: str


@dataclass(frozen=True, slots=True)
class AssignmentRequest:
    assignee: str
    allow_override: bool
    action: str


#: an attribute that a changeset does not mention
ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Changeset:
    """Texts as sent; ABSENT where not sent. An empty date text resets the date."""

    due_date: Any = ABSENT
    follow_up_date: Any = ABSENT
    candidate_users: Any = ABSENT
    candidate_groups: Any = ABSENT
    priority: Any = ABSENT
    action: str = "update"


def parse_completion(body: bytes) -> Completion:
    value = read_object(body) or {}
    closed(value, ("variables", "action"))
    return Completion(variables_of(value, body), text(value, "action") or "complete")


def parse_assignment(body: bytes) -> AssignmentRequest:
    value = required_object(body)
    closed(value, ("assignee", "allowOverride", "action"))
    assignee = text(value, "assignee")
    override = boolean(value, "allowOverride", True)
    action = text(value, "action")
    if assignee is None or not assignee.strip():
        raise InvalidArgument("No assignee provided")
    return AssignmentRequest(assignee, override, action or "assign")


def _texts(changes: dict[str, Any], name: str) -> Any:
    sent = changes.get(name)
    return ABSENT if sent is None else list_of_texts(sent, f"changeset.{name}")


def parse_update(body: bytes) -> Changeset:
    value = read_object(body) or {}
    closed(value, ("changeset", "action"))
    changes = object_member(value, "changeset")
    action = text(value, "action")
    due = text(changes, "dueDate", "changeset.")
    follow_up = text(changes, "followUpDate", "changeset.")
    users, groups = _texts(changes, "candidateUsers"), _texts(changes, "candidateGroups")
    priority = changes.get("priority")
    if priority is not None and (isinstance(priority, bool) or not isinstance(priority, int) or abs(priority) >= 2**31):
        raise unparsable("changeset.priority")
    supported = (due, follow_up, priority) != (None, None, None) or users is not ABSENT or groups is not ABSENT
    if action is None and not supported:
        raise InvalidArgument(
            'No update data provided. Provide at least an "action" or a non-null value for a supported attribute in '
            'the "changeset".'
        )
    return Changeset(
        due_date=ABSENT if due is None else due,
        follow_up_date=ABSENT if follow_up is None else follow_up,
        candidate_users=users,
        candidate_groups=groups,
        priority=ABSENT if priority is None else priority,
        action=action or "update",
    )
