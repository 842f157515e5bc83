"""A description of the API as it is served, for tools that read OpenAPI."""

import re
from collections.abc import Mapping
from typing import Any

from adapters.camunda import (
    audit_logs,
    authorizations,
    directory,
    element_instances,
    groups,
    memberships,
    process_definitions,
    process_instances,
    user_tasks,
    users,
    variables,
)
from adapters.camunda.calls import Endpoint
from adapters.camunda.profile import PROFILES
from adapters.camunda.searching import Searchable
from adapters.common.dialect import Operation
from schemas.camunda.contract import KEY, components, nullable
from schemas.camunda.search import Member

TITLE = "Dragoman: Camunda 8 dialect"
_NO_MEMBERS = Searchable({}, {"username": ""})

#: operation -> (what its filter and sort may name, the shape of an item)
SEARCHES: Mapping[str, tuple[Searchable, str]] = {
    "searchUserTasks": (user_tasks.TASKS, "UserTask"),
    "searchUserTaskAuditLogs": (audit_logs.OF_TASK, "AuditLog"),
    "searchAuditLogs": (audit_logs.LOGS, "AuditLog"),
    "searchVariables": (variables.VARIABLES, "Variable"),
    "searchUserTaskVariables": (variables.OF_TASK, "Variable"),
    "searchUserTaskEffectiveVariables": (variables.OF_TASK, "Variable"),
    "searchProcessInstances": (process_instances.INSTANCES, "ProcessInstance"),
    "searchElementInstances": (element_instances.ELEMENTS, "ElementInstance"),
    "searchProcessDefinitions": (process_definitions.DEFINITIONS, "ProcessDefinition"),
    "searchUsers": (users.USERS, "User"),
    "searchGroups": (groups.GROUPS, "Group"),
    "searchRoles": (directory.ROLE.search, "Role"),
    "searchTenants": (directory.TENANT.search, "Tenant"),
    "searchMappingRules": (directory.MAPPING_RULE.search, "MappingRule"),
    "searchAuthorizations": (authorizations.GRANTS, "Authorization"),
    "searchOwnAuthorizations": (authorizations.GRANTS, "Authorization"),
    "searchRolesForGroup": (directory.ROLE.search, "Role"),
    **{
        names[2]: {
            memberships.USER: (_NO_MEMBERS, "Username"),
            memberships.CLIENT: (Searchable({}, {"clientId": ""}), "ClientId"),
            memberships.GROUP: (Searchable({}, {"groupId": ""}), "GroupId"),
            memberships.RULE: (directory.MAPPING_RULE.search, "MappingRule"),
            memberships.OF_ROLE: (directory.ROLE.search, "Role"),
        }[member]
        for owner in memberships.OWNERS
        for member, names in owner.members.items()
    },
}

#: operation -> the shape of its body; a question mark: it may be left out
BODIES: Mapping[str, str] = {
    "completeUserTask": "Completion?",
    "assignUserTask": "Assignment",
    "updateUserTask": "Update?",
    "createProcessInstance": "Creation",
    "cancelProcessInstance": "Reference?",
    "deleteResource": "Deletion?",
    "createElementInstanceVariables": "SetVariables",
    "createUser": "NewUser",
    "createAdminUser": "NewUser",
    "updateUser": "ChangedUser",
    "createGroup": "NewGroup",
    "updateGroup": "Named",
    "createRole": "NewRole",
    "updateRole": "Named",
    "createTenant": "NewTenant",
    "updateTenant": "Named",
    "createMappingRule": "NewMappingRule",
    "updateMappingRule": "ChangedMappingRule",
    "createAuthorization": "Grant",
    "updateAuthorization": "Grant",
    "activateJobs": "Activation",
    "completeJob": "JobCompletion?",
    "failJob": "JobFailure?",
    "updateJob": "JobUpdate",
    "searchTasklistTasks": "TasklistSearch?",
    "assignTasklistTask": "TasklistAssignment?",
    "completeTasklistTask": "TasklistValues?",
    "saveTasklistDrafts": "TasklistValues?",
    "searchTasklistVariables": "TasklistVariables?",
}

_ENTRIES = ("Group", "Role", "Tenant", "MappingRule")
#: operation -> the shape of a good answer
ANSWERS: Mapping[str, str] = {
    "getUserTask": "UserTask",
    "getUserTaskForm": "Form",
    "getStartProcessForm": "Form",
    "getForm": "Form",
    "getVariable": "VariableValue",
    "getAuditLog": "AuditLog",
    "createProcessInstance": "Created",
    "getProcessInstance": "ProcessInstance",
    "getElementInstance": "ElementInstance",
    "getProcessDefinition": "ProcessDefinition",
    "createDeployment": "Deployment",
    "deleteResource": "DeletedResource",
    "getTopology": "Topology",
    "getLicense": "License",
    "getAuthentication": "Me",
    **dict.fromkeys(("createUser", "getUser", "updateUser", "createAdminUser"), "User"),
    **{
        f"{verb}{name}": name
        for name in ("Group", "Role", "Tenant", "MappingRule")
        for verb in ("create", "get", "update")
    },
    "createAuthorization": "AuthorizationCreated",
    "getAuthorization": "Authorization",
    "activateJobs": "Jobs",
    **{f"{verb}TasklistTask": "TasklistTask" for verb in ("get", "assign", "unassign", "complete")},
    "getTasklistVariable": "TasklistVariable",
    "getTasklistForm": "TasklistForm",
}
#: lists in place of objects
_LISTS: Mapping[str, dict[str, Any]] = {
    "searchTasklistTasks": {"type": "array", "items": {"$ref": "#/components/schemas/TasklistItem"}},
    "searchTasklistVariables": {"type": "array", "items": {"type": "object"}},
}
_QUERIES: Mapping[str, tuple[tuple[str, bool, dict[str, Any]], ...]] = {
    **dict.fromkeys(
        ("searchVariables", "searchUserTaskVariables", "searchUserTaskEffectiveVariables"),
        (("truncateValues", False, {"type": "boolean"}),),
    ),
    "getTasklistForm": (("processDefinitionKey", True, KEY), ("version", False, {"type": "integer", "minimum": 0})),
}
_REASONS = {
    **{200: "Done.", 201: "Created.", 204: "Done, without a body.", 400: "The request cannot be used."},
    **{401: "Who asks is not known.", 403: "The caller may not do this.", 404: "It is not there."},
    **{405: "Not this method.", 406: "Nothing that the client accepts.", 409: "It clashes with what is there."},
    **{413: "The body is too large.", 415: "Not this kind of body.", 500: "An error of the server."},
    **{503: "Not now.", 504: "It took too long."},
}


def describe(endpoints: tuple[Endpoint, ...], profile: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    served = [e for e in endpoints if e.operation.name not in PROFILES[profile].lacks]
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in served:
        operation = endpoint.operation
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": profile},
        "paths": paths,
        "components": {
            "schemas": {**components(profile), **_filters()},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation = endpoint.operation
    name = operation.name.removesuffix("V1")
    described: dict[str, Any] = {
        "operationId": operation.name,
        "parameters": _parameters(operation, name),
        "responses": {str(status): _response(endpoint, name, status) for status in sorted(operation.statuses)},
    }
    body = _body(name)
    if body is not None:
        described["requestBody"] = body
    described["security"] = [] if endpoint.is_open else [{"basic": []}, {"bearer": []}]
    return described


def _parameters(operation: Operation, name: str) -> list[dict[str, Any]]:
    found = []
    for parameter in re.findall(r"\{(\w+)\}", operation.path):
        is_key = parameter.endswith("Key") or parameter == "taskId"
        schema = KEY if is_key else {"type": "string", "pattern": "^[A-Za-z0-9_@.+-]{1,64}$"}
        found.append({"name": parameter, "in": "path", "required": True, "schema": schema})
    for parameter, required, schema in _QUERIES.get(name, ()):
        found.append({"name": parameter, "in": "query", "required": required, "schema": schema})
    return found


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(name: str) -> dict[str, Any] | None:
    if name == "createDeployment":
        files = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
        parts = {"resources": files, "tenantId": {"type": "string"}}
        schema = {"type": "object", "properties": parts, "required": ["resources"]}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if name == "login":
        fields = {"username": {"type": "string"}, "password": {"type": "string"}}
        return {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": fields}}}}
    if name in SEARCHES:
        return {"required": False, "content": _json(_search(SEARCHES[name][0]))}
    shape = BODIES.get(name)
    if shape is None:
        return None
    return {"required": not shape.endswith("?"), "content": _json(_ref(shape.rstrip("?")))}


def _response(endpoint: Endpoint, name: str, status: int) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _REASONS[status]}
    if status >= 400:
        if name != "getStatus":
            old = endpoint.operation.path.startswith(("/v1/tasks", "/v1/forms", "/v1/variables"))
            shape = _ref("TasklistProblem" if old else "Problem")
            described["content"] = {"application/problem+json": {"schema": shape}}
    elif status != 204:
        if name in SEARCHES:
            described["content"] = _json(_found(SEARCHES[name][1], name))
        elif name in _LISTS:
            described["content"] = _json(_LISTS[name])
        elif name == "getProcessDefinitionXML":
            described["content"] = {"text/xml": {"schema": {"type": "string"}}}
        else:
            described["content"] = _json(_ref(ANSWERS[name]))
    return described


def _found(item: str, name: str) -> dict[str, Any]:
    members: dict[str, Any] = {"items": {"type": "array", "items": _ref(item)}, "page": _ref("Page")}
    if name == "searchOwnAuthorizations":
        members["authorizationsEnabled"] = {"type": "boolean"}
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


# Searches


def _search(searchable: Searchable) -> dict[str, Any]:
    wanted = {name: nullable(_member(member)) for name, (member, _) in searchable.members.items()}
    filter_schema: dict[str, Any] = {"type": "object", "properties": wanted, "additionalProperties": False}
    if searchable.with_or:
        alternatives = {"type": "array", "items": dict(filter_schema)}
        filter_schema = {**filter_schema, "properties": {**wanted, "$or": nullable(alternatives)}}
    order = {"type": "string", "pattern": "^([Aa][Ss][Cc]|[Dd][Ee][Ss][Cc])$"}
    field = {"type": "string", "enum": list(searchable.sort)}
    sort = {
        "type": "object",
        "properties": {"field": field, "order": nullable(order)},
        "required": ["field"],
        "additionalProperties": False,
    }
    members: dict[str, dict[str, Any]] = {
        "filter": filter_schema,
        "sort": {"type": "array", "items": sort},
        "page": _PAGE,
    }
    optional = {name: nullable(schema) for name, schema in members.items()}
    return {"type": "object", "properties": optional, "additionalProperties": False}


_COUNT = nullable({"type": "integer", "minimum": 0, "maximum": 2**31 - 1})
_CURSOR = {"type": "string", "contentEncoding": "base64"}
_PAGE = {
    "anyOf": [
        {"type": "object", "properties": properties, "additionalProperties": False, "required": required}
        for properties, required in (
            ({"limit": _COUNT}, ["limit"]),
            ({"from": _COUNT, "limit": _COUNT}, ["from"]),
            ({"after": _CURSOR, "limit": _COUNT}, ["after"]),
            ({"before": _CURSOR, "limit": _COUNT}, ["before"]),
        )
    ]
}
_SCALARS: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "key": {"type": "string", "pattern": "^-?[0-9]{1,18}$"},
    "integer": {"type": "integer", "minimum": -(2**31) + 1, "maximum": 2**31 - 1},
    "date": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
}


def _member(member: Member) -> dict[str, Any]:
    if member.kind in ("texts", "tags"):
        tag = {"pattern": "^[A-Za-z][A-Za-z0-9_]{0,40}$"} if member.kind == "tags" else {}
        return {"type": "array", "items": {"type": "string", **tag}}
    if member.kind == "variables":
        pair = {"name": {"type": "string"}, "value": {"type": "string"}}
        items = {"type": "object", "properties": pair, "required": ["name", "value"], "additionalProperties": False}
        return {"type": "array", "items": items}
    if member.kind != "enum":
        return _ref(_filter_name(member)) if member.operators else dict(_SCALARS[member.kind])
    scalar = {"type": "string", "enum": list(member.values)}
    return _comparison(member, scalar) if member.operators else scalar


def _filter_name(member: Member) -> str:
    return f"{member.kind.capitalize()}{'Pattern' if '$like' in member.operators else ''}Filter"


def _filters() -> dict[str, Any]:
    """What members that take operators may be, by kind."""
    found = (member for searchable, _ in SEARCHES.values() for member, _ in searchable.members.values())
    return {_filter_name(m): _comparison(m, dict(_SCALARS[m.kind])) for m in found if m.operators and m.kind != "enum"}


def _comparison(member: Member, scalar: dict[str, Any]) -> dict[str, Any]:
    operators = {op: nullable(_operand(op, scalar)) for op in member.operators}
    return {"anyOf": [scalar, {"type": "object", "properties": operators, "additionalProperties": False}]}


def _operand(op: str, scalar: dict[str, Any]) -> dict[str, Any]:
    if op == "$exists":
        return {"type": "boolean"}
    if op in ("$in", "$notIn"):
        return {"type": "array", "items": scalar}
    return {"type": "string"} if op == "$like" else scalar
