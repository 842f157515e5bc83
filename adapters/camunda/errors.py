"""Rejections as problem documents. Source: dossier camunda.md, sections 1.3, 1.4 and 2.2."""

import logging
import re
from dataclasses import dataclass

from starlette.requests import Request

from adapters.camunda.access import NEEDS, PROCESS, READ_TASK, TASK, Need
from adapters.camunda.profile import Profile
from adapters.common.http import BodyTooLarge, Raw, header
from core.rejections import (
    Conflict,
    ExecutionFailed,
    Forbidden,
    Invalid,
    NotFound,
    Rejection,
    Unauthenticated,
    Unavailable,
    WrongState,
)
from core.types import Action, TaskState
from schemas.camunda.body import BadRequest, InvalidArgument, MissingBody, problem, tasklist_problem

log = logging.getLogger("dragoman.camunda")

PROBLEM = {"content-type": "application/problem+json"}

#: the old API of tasks has errors of its own
_TASKLIST = re.compile(r"/v1/(tasks|forms|variables)(/|$)")
#: what is not found by a read
NOT_FOUND = {
    "task": "User Task with key",
    "instance": "Process Instance with key",
    "definition": "Process Definition with key",
    "element": "Element Instance with key",
    "variable": "Variable with key",
    "user": "User with username",
    "group": "Group with id",
    "role": "Role with id",
    "tenant": "Tenant with id",
    "mapping-rule": "Mapping rule with id",
    "grant": "Authorization with key",
    "resource": "Form with key",
    "decision": "Decision Definition with key",
    "requirements": "Decision Requirements with key",
    "decision-instance": "Decision Instance with id",
    "event": "Audit log with key",
    "incident": "Incident with key",
}


@dataclass(frozen=True, slots=True)
class Intent:
    """How a command is called in a rejection, and which permissions it needs, one of them; `decided_later`: on a thing
    that only the engine knows."""

    name: str
    verb: str
    needs: tuple[Need, ...]
    decided_later: bool = False


def _on(kind: str) -> tuple[Intent, Intent, Intent]:
    """To create, to update and to delete a resource."""
    return tuple(Intent(name, name.lower(), ((name, kind),)) for name in ("CREATE", "UPDATE", "DELETE"))  # type: ignore[return-value]


COMPLETE = Intent("COMPLETE", "complete", NEEDS[Action.COMPLETE_TASK], decided_later=True)
ASSIGN = Intent("ASSIGN", "assign", NEEDS[Action.UPDATE_TASK], decided_later=True)
CLAIM = Intent("CLAIM", "claim", NEEDS[Action.CLAIM_TASK], decided_later=True)
UPDATE = Intent("UPDATE", "update", NEEDS[Action.UPDATE_TASK], decided_later=True)
CANCEL = Intent("CANCEL", "cancel", NEEDS[Action.CANCEL_INSTANCE], decided_later=True)
MODIFY = Intent("MODIFY", "modify", NEEDS[Action.MODIFY_INSTANCE], decided_later=True)
ACTIVATE = Intent("ACTIVATE", "activate", NEEDS[Action.UPDATE_INSTANCE], decided_later=True)
SET_VARIABLES = Intent("UPDATE", "update", NEEDS[Action.UPDATE_INSTANCE], decided_later=True)
WORK = Intent("COMPLETE", "complete", NEEDS[Action.UPDATE_INSTANCE], decided_later=True)
RESOLVE = Intent("RESOLVE", "resolve", NEEDS[Action.UPDATE_INSTANCE], decided_later=True)
DEPLOY = Intent("CREATE", "deploy", (("CREATE", "RESOURCE"),))
START = Intent("CREATE", "create", (("CREATE_PROCESS_INSTANCE", "PROCESS_DEFINITION"),))
PUBLISH = Intent("PUBLISH", "publish", (("CREATE", "MESSAGE"),))
CORRELATE, BROADCAST = (
    Intent(name, name.lower(), NEEDS[Action.UPDATE_INSTANCE], decided_later=True) for name in ("CORRELATE", "BROADCAST")
)
CORRELATE_START, BROADCAST_START = (
    Intent(name, name.lower(), (("CREATE_PROCESS_INSTANCE", PROCESS),), decided_later=True)
    for name in ("CORRELATE", "BROADCAST")
)
EVALUATE = Intent("EVALUATE", "evaluate", (("CREATE_DECISION_INSTANCE", "DECISION_DEFINITION"),))
DELETE_RESOURCE = Intent(
    "DELETE",
    "delete",
    tuple((f"DELETE_{what}", "RESOURCE") for what in ("PROCESS", "DRD", "FORM", "RESOURCE")),
)
CREATE_USER, UPDATE_USER, DELETE_USER = _on("USER")
CREATE_GROUP, UPDATE_GROUP, DELETE_GROUP = _on("GROUP")
CREATE_ROLE, UPDATE_ROLE, DELETE_ROLE = _on("ROLE")
CREATE_TENANT, UPDATE_TENANT, DELETE_TENANT = _on("TENANT")
CREATE_RULE, UPDATE_RULE, DELETE_RULE = _on("MAPPING_RULE")
CREATE_GRANT, UPDATE_GRANT, DELETE_GRANT = _on("AUTHORIZATION")


class Denied(Exception):
    """A listener denied the transition that the caller waited for."""

    def __init__(self, noun: str, task_key: int, reason: str) -> None:
        super().__init__(noun, task_key, reason)
        self.noun = noun
        self.task_key = task_key
        self.reason = reason


class Problem(Exception):
    """What a handler says itself."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(status, title, detail)
        self.status = status
        self.title = title
        self.detail = detail


class TimedOut(Exception):
    """A listener did not decide in time."""


class NotAcceptable(Exception):
    pass


class Unreadable(Exception):
    """The caller has none of the permissions that reading this needs."""

    def __init__(self, needs: tuple[Need, ...]) -> None:
        super().__init__(needs)
        self.needs = needs


class UnsupportedMediaType(Exception):
    """`sent` is what the request says of its body, empty if it says nothing."""

    def __init__(self, sent: str, wanted: str = "application/json") -> None:
        super().__init__(sent)
        self.sent = sent
        self.wanted = wanted


class BadKey(Exception):
    def __init__(self, name: str, value: str) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value


#: complaints about whose being there already end with a dot
_DOTTED = frozenset(("group", "mapping rule"))


def exists(noun: str, kind: str, id: str) -> Problem:
    reason = f"Expected to create {noun} with {kind} '{id}', but a {noun} with this {kind} already exists"
    return already("CREATE", f"{reason}." if noun in _DOTTED else reason)


def already(intent: str, reason: str) -> Problem:
    return Problem(409, "ALREADY_EXISTS", f"Command '{intent}' rejected with code 'ALREADY_EXISTS': {reason}")


def absent(intent: str, noun: str, kind: str, id: str) -> Problem:
    """Each noun has its own way to say so."""
    expected = f"Expected to {intent.lower()} {noun} with"
    if noun == "user":
        return unknown(intent, f"{expected} {kind} {id}, but a {noun} with this {kind} does not exist")
    if noun == "tenant":
        return unknown(intent, f"{expected} id '{id}', but no {noun} with this id exists.")
    return unknown(intent, f"{expected} {kind} '{id}', but a {noun} with this {kind} does not exist.")


def unknown(intent: str, reason: str) -> Problem:
    return Problem(404, "NOT_FOUND", f"Command '{intent}' rejected with code 'NOT_FOUND': {reason}")


def reply(request: Request, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Raw:
    path = request.url.path
    body = tasklist_problem(status, detail) if _TASKLIST.search(path) else problem(status, title, detail, path)
    return Raw(status, body, {**PROBLEM, **(headers or {})})


def media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    return media_type(content_type) == "application/json"


def _unsupported(request: Request, error: UnsupportedMediaType) -> Raw:
    detail = f"Content-Type '{error.sent or 'null'}' is not supported."
    return reply(request, 415, "Unsupported Media Type", detail, {"accept": error.wanted})


def _rejected(intent: Intent | None, code: str, reason: str) -> str:
    return f"Command '{intent.name if intent else 'COMMAND'}' rejected with code '{code}': {reason}"


def _task_conflict(error: Conflict, intent: Intent) -> tuple[int, str, str]:
    base = f"Expected to {intent.verb} user task with key '{error.id}', but "
    if isinstance(error, WrongState):
        if error.state in (TaskState.COMPLETED, TaskState.CANCELED, TaskState.PLANNED):
            return 404, "NOT_FOUND", _rejected(intent, "NOT_FOUND", base + "no such user task was found")
        return 409, "INVALID_STATE", _rejected(intent, "INVALID_STATE", f"{base}it is in state '{error.state}'")
    return 409, "INVALID_STATE", _rejected(intent, "INVALID_STATE", base + "it has already been assigned")


def _forbidden(error: Forbidden, intent: Intent | None, profile: Profile) -> str:
    if intent is None:
        return _unreadable(READ_TASK, profile)
    needs = [need for need in intent.needs if profile.forbidden_names_task or need[1] != TASK]
    parts = []
    for operation, resource in needs:
        id = error.process_id if resource == PROCESS and error.process_id else error.id
        ids = f", required resource identifiers are one of '[*, {id}]'" if id not in ("", "*") else ""
        parts.append(f"Insufficient permissions to perform operation '{operation}' on resource '{resource}'{ids}")
    return _rejected(intent, "FORBIDDEN", "; and ".join(parts))


def _unreadable(needs: tuple[Need, ...], profile: Profile) -> str:
    if profile.unreadable_names_all:
        named = " or ".join(f"'{operation}' on '{resource}'" for operation, resource in needs)
        return f"Unauthorized to perform any of the operations: {named}"
    operation, resource = needs[0]
    return f"Unauthorized to perform operation '{operation}' on resource '{resource}'"


def render(request: Request, error: Exception, profile: Profile) -> Raw:
    """Every exception that a handler may raise, as the vendor would tell it."""
    intent: Intent | None = getattr(request.state, "intent", None)
    match error:
        case BadKey():
            return reply(request, 400, "Bad Request", f"Failed to convert '{error.name}' with value: '{error.value}'")
        case Problem():
            return reply(request, error.status, error.title, error.detail)
        case Unreadable():
            return reply(request, 403, "FORBIDDEN", _unreadable(error.needs, profile))
        case MissingBody() if not is_json(header(request, b"content-type")):
            return _unsupported(request, UnsupportedMediaType(header(request, b"content-type")))
        case BadRequest():
            return reply(request, 400, "Bad Request", str(error))
        case InvalidArgument():
            return reply(request, 400, "INVALID_ARGUMENT", str(error))
        case UnsupportedMediaType():
            return _unsupported(request, error)
        case NotAcceptable():
            detail = (
                "Acceptable representations: [application/json, application/vnd.camunda.api.keys.string+json, "
                "application/problem+json]."
            )
            return reply(request, 406, "Not Acceptable", detail)
        case BodyTooLarge():
            return reply(request, 413, "Payload Too Large", "The request body is larger than this server accepts.")
        case TimedOut():
            detail = "Expected to handle request, but request timed out between gateway and broker"
            return reply(request, 504, "DEADLINE_EXCEEDED", detail)
        case Denied():
            detail = (
                f"{error.noun} of the User Task with key '{error.task_key}' was denied by Task Listener. "
                f"Reason to deny: '{error.reason}'"
            )
            return reply(request, 409, "INVALID_STATE", _rejected(intent, "INVALID_STATE", detail))
        case Rejection():
            return _render_rejection(request, error, intent, profile)
    log.error("request failed", exc_info=error)
    detail = "Unexpected error occurred during the request processing: internal error"
    return reply(request, 500, "INTERNAL", detail)


def _render_rejection(request: Request, error: Rejection, intent: Intent | None, profile: Profile) -> Raw:
    match error:
        case Unauthenticated():
            missing = "An Authentication object was not found in the SecurityContext"
            detail = missing if error.reason == "missing" else "Bad credentials"
            challenge: str = getattr(request.state, "challenge", "Basic")
            headers = {} if error.reason == "missing" else {"www-authenticate": challenge}
            return reply(request, 401, "Unauthorized", detail, headers)
        case Forbidden():
            return reply(request, 403, "FORBIDDEN", _forbidden(error, intent, profile))
        case NotFound(kind="task") if intent is not None:
            reason = f"Expected to {intent.verb} user task with key '{error.id}', but no such user task was found"
            return reply(request, 404, "NOT_FOUND", _rejected(intent, "NOT_FOUND", reason))
        case NotFound():
            what = NOT_FOUND.get(error.kind, NOT_FOUND["task"])
            return reply(request, 404, "NOT_FOUND", f"{what} '{error.id}' not found")
        case Conflict() if intent is not None:
            return reply(request, *_task_conflict(error, intent))
        case Invalid(field="priority"):
            detail = f"The value for priority is '{error.value}' but must be within the [0,100] range."
            return reply(request, 400, "INVALID_ARGUMENT", detail)
        case Invalid(field="cursor"):
            return reply(request, 400, "Bad Request", "Request property [page] cannot be parsed")
        case Invalid():
            return reply(request, 400, "INVALID_ARGUMENT", f"The provided {error.field} is not valid.")
        case ExecutionFailed():
            detail = f"Unexpected error occurred during the request processing: {error.element_id}: {error.reason}"
            return reply(request, 500, "INTERNAL", detail)
        case Unavailable(reason="overload" | "throttled"):
            detail = "Expected to handle request, but all retries have been exhausted"
            return reply(request, profile.overload_status, "RESOURCE_EXHAUSTED", detail)
        case Unavailable():
            detail = "Expected to handle request, but the target partition is currently inactive"
            return reply(request, 503, "UNAVAILABLE", detail)
    log.error("no text for %r", error)
    return reply(request, 500, "INTERNAL", "Unexpected error occurred during the request processing: internal error")
