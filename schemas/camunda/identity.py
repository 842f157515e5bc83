"""The bodies of commands on users and groups. Source: dossier camunda.md, section 3.10."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.camunda.body import InvalidArgument, closed, required_object, text, texts
from schemas.camunda.search import bad_enum

MAX_ID = 256
ID = re.compile(r"[a-zA-Z0-9_~@.+-]+")
TENANT_ID = re.compile(r"[a-zA-Z0-9_@.+-]+")
#: ids of all kinds of resources, those of processes too
RESOURCE_ID = re.compile(r"[\w~@.+<>-]+")
OWNER_TYPES = ("USER", "CLIENT", "ROLE", "GROUP", "MAPPING_RULE", "UNSPECIFIED")
_ALL = ("CREATE", "READ", "UPDATE", "DELETE")
#: what may be permitted, by the type of the resource
PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "AUDIT_LOG": ("READ",),
    "AUTHORIZATION": _ALL,
    "BATCH": (
        "CREATE",
        "CREATE_BATCH_OPERATION_CANCEL_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_DELETE_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_MIGRATE_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_MODIFY_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_RESOLVE_INCIDENT",
        "CREATE_BATCH_OPERATION_DELETE_DECISION_INSTANCE",
        "CREATE_BATCH_OPERATION_DELETE_DECISION_DEFINITION",
        "CREATE_BATCH_OPERATION_DELETE_PROCESS_DEFINITION",
        "READ",
        "UPDATE",
    ),
    "CLUSTER_VARIABLE": ("CREATE", "DELETE", "UPDATE", "READ"),
    "COMPONENT": ("ACCESS",),
    "DECISION_DEFINITION": (
        "CREATE_DECISION_INSTANCE",
        "READ_DECISION_DEFINITION",
        "READ_DECISION_INSTANCE",
        "DELETE_DECISION_INSTANCE",
    ),
    "DECISION_REQUIREMENTS_DEFINITION": ("READ",),
    "DOCUMENT": ("CREATE", "READ", "DELETE"),
    "EXPRESSION": ("EVALUATE",),
    "GLOBAL_LISTENER": (
        "CREATE_TASK_LISTENER",
        "READ_TASK_LISTENER",
        "UPDATE_TASK_LISTENER",
        "DELETE_TASK_LISTENER",
    ),
    "GROUP": _ALL,
    "MAPPING_RULE": _ALL,
    "MESSAGE": ("CREATE", "READ"),
    "PROCESS_DEFINITION": (
        "CREATE_PROCESS_INSTANCE",
        "CLAIM_USER_TASK",
        "READ_PROCESS_DEFINITION",
        "READ_PROCESS_INSTANCE",
        "READ_USER_TASK",
        "UPDATE_PROCESS_INSTANCE",
        "UPDATE_USER_TASK",
        "MODIFY_PROCESS_INSTANCE",
        "COMPLETE_USER_TASK",
        "CANCEL_PROCESS_INSTANCE",
        "DELETE_PROCESS_INSTANCE",
    ),
    "RESOURCE": ("CREATE", "READ", "DELETE_DRD", "DELETE_FORM", "DELETE_PROCESS", "DELETE_RESOURCE"),
    "ROLE": _ALL,
    "SYSTEM": ("READ", "READ_USAGE_METRIC", "READ_JOB_METRIC", "UPDATE"),
    "TENANT": _ALL,
    "USER": _ALL,
    "USER_TASK": ("READ", "UPDATE", "CLAIM", "COMPLETE"),
}
RESOURCE_TYPES = tuple(PERMISSIONS)
PERMISSION_TYPES = (
    *(
        "ACCESS",
        "CANCEL_PROCESS_INSTANCE",
        "CLAIM",
        "CLAIM_USER_TASK",
        "COMPLETE",
        "COMPLETE_USER_TASK",
    ),
    *(
        "CREATE",
        "CREATE_BATCH_OPERATION_CANCEL_PROCESS_INSTANCE",
    ),
    *("CREATE_BATCH_OPERATION_DELETE_DECISION_DEFINITION",),
    *("CREATE_BATCH_OPERATION_DELETE_DECISION_INSTANCE",),
    *("CREATE_BATCH_OPERATION_DELETE_PROCESS_DEFINITION",),
    *("CREATE_BATCH_OPERATION_DELETE_PROCESS_INSTANCE",),
    *("CREATE_BATCH_OPERATION_MIGRATE_PROCESS_INSTANCE",),
    *(
        "CREATE_BATCH_OPERATION_MODIFY_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_RESOLVE_INCIDENT",
    ),
    *(
        "CREATE_DECISION_INSTANCE",
        "CREATE_PROCESS_INSTANCE",
        "CREATE_TASK_LISTENER",
        "DELETE",
    ),
    *(
        "DELETE_DECISION_INSTANCE",
        "DELETE_DRD",
        "DELETE_FORM",
        "DELETE_PROCESS",
    ),
    *(
        "DELETE_PROCESS_INSTANCE",
        "DELETE_RESOURCE",
        "DELETE_TASK_LISTENER",
        "EVALUATE",
    ),
    *(
        "MODIFY_PROCESS_INSTANCE",
        "READ",
        "READ_DECISION_DEFINITION",
        "READ_DECISION_INSTANCE",
    ),
    *(
        "READ_JOB_METRIC",
        "READ_PROCESS_DEFINITION",
        "READ_PROCESS_INSTANCE",
        "READ_USAGE_METRIC",
    ),
    *(
        "READ_USER_TASK",
        "READ_TASK_LISTENER",
        "UPDATE",
        "UPDATE_PROCESS_INSTANCE",
        "UPDATE_USER_TASK",
    ),
    *("UPDATE_TASK_LISTENER",),
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class UserRequest:
    """What is None was not sent."""

    username: str | None
    password: str | None
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class EntryRequest:
    """A role, a tenant or a mapping rule: its id, empty if it was in the path, and its other members."""

    id: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """`resource_id` or, for what somebody has to do with, `property_name`; the other is empty."""

    owner_id: str
    owner_type: str
    resource_type: str
    resource_id: str
    property_name: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupRequest:
    group_id: str | None
    name: str
    description: str


def _read(body: bytes, members: tuple[str, ...]) -> dict[str, str | None]:
    value = required_object(body)
    closed(value, members)
    return {name: text(value, name) for name in members}


def _id_problems(name: str, id: str | None, allowed: re.Pattern[str] = ID) -> list[str]:
    if id is None or not id.strip():
        return [f"No {name} provided"]
    problems = []
    if len(id) > MAX_ID:
        problems.append(f"The provided {name} exceeds the limit of {MAX_ID} characters")
    if not allowed.fullmatch(id):
        pattern = f"^{allowed.pattern}$"
        problems.append(f"The provided {name} contains illegal characters. It must match the pattern '{pattern}'")
    return problems


def _refuse(problems: list[str]) -> None:
    if problems:
        raise InvalidArgument(". ".join(problems) + ".")


def parse_user(body: bytes, *, new: bool) -> UserRequest:
    """A new user needs a name and a password. Raises BadRequest, InvalidArgument."""
    texts = _read(body, ("username", "password", "name", "email") if new else ("password", "name", "email"))
    user = UserRequest(texts.get("username"), texts["password"], texts["name"], texts["email"])
    problems = _id_problems("username", user.username) if new else []
    if new and not (user.password or "").strip():
        problems.append("No password provided")
    if user.email and not _EMAIL.fullmatch(user.email):
        problems.append(f"The provided email '{user.email}' is not valid")
    _refuse(problems)
    return user


def parse_group(body: bytes, *, new: bool) -> GroupRequest:
    """Raises BadRequest, InvalidArgument."""
    texts = _read(body, ("groupId", "name", "description") if new else ("name", "description"))
    problems = _id_problems("groupId", texts.get("groupId")) if new else []
    if not (texts["name"] or "").strip():
        problems.append("No name provided")
    _refuse(problems)
    return GroupRequest(texts.get("groupId"), texts["name"] or "", texts["description"] or "")


def parse_entry(body: bytes, members: tuple[str, ...], *, new: bool) -> EntryRequest:
    """The first of the members is the id; all but a description have to be there. Raises BadRequest,
    InvalidArgument."""
    id_name = members[0]
    texts = _read(body, members if new else members[1:])
    problems = _id_problems(id_name, texts.get(id_name), TENANT_ID if id_name == "tenantId" else ID) if new else []
    for name in members[1:]:
        if name != "description" and not (texts[name] or "").strip():
            problems.append(f"No {name} provided")
    _refuse(problems)
    return EntryRequest(texts.get(id_name) or "", {name: texts[name] or "" for name in members[1:]})


def parse_grant(body: bytes) -> GrantRequest:
    """Raises BadRequest, InvalidArgument."""
    value = required_object(body)
    closed(value, ("ownerId", "ownerType", "resourceId", "resourcePropertyName", "resourceType", "permissionTypes"))
    owner_id, resource_id = text(value, "ownerId"), text(value, "resourceId")
    property_name = text(value, "resourcePropertyName")
    problems = [] if (owner_id or "").strip() else ["No ownerId provided"]
    owner_type = _choice(value, "ownerType", OWNER_TYPES, problems)
    if resource_id is not None and property_name is not None:
        problems.append("Only one of [resourceId, resourcePropertyName] is allowed")
    elif not (resource_id or "").strip() and not (property_name or "").strip():
        problems.append("At least one of [resourceId, resourcePropertyName] is required")
    elif resource_id is not None and resource_id != "*":
        problems += _id_problems("resourceId", resource_id, RESOURCE_ID)
    resource_type = _choice(value, "resourceType", RESOURCE_TYPES, problems)
    permissions = texts(value, "permissionTypes")
    for permission in permissions:
        if permission not in PERMISSION_TYPES:
            raise bad_enum(permission, "permissionTypes", PERMISSION_TYPES)
    if not permissions:
        problems.append("No permissionTypes provided")
    _refuse(problems)
    return GrantRequest(
        owner_id=owner_id or "",
        owner_type=owner_type,
        resource_type=resource_type,
        resource_id=resource_id or "",
        property_name=property_name or "",
        permissions=tuple(sorted(permissions)),
    )


def _choice(value: Mapping[str, Any], name: str, choices: tuple[str, ...], problems: list[str]) -> str:
    sent = text(value, name)
    if sent is None:
        problems.append(f"No {name} provided")
        return ""
    if sent not in choices:
        raise bad_enum(sent, name, choices)
    return sent
