"""Rejections as problem documents. Source: dossier camunda.md, sections 1.3, 1.4 and 2.2."""

import logging
from dataclasses import dataclass

from starlette.requests import Request

from adapters.camunda.profile import Profile
from adapters.common.http import BodyTooLarge, Raw
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
from core.types import TaskState
from schemas.camunda.body import BadRequest, InvalidArgument, problem

log = logging.getLogger("dragoman.camunda")

PROBLEM = {"content-type": "application/problem+json"}

#: what is not found by a read
NOT_FOUND = {
    "task": "User Task with key",
    "instance": "Process Instance with key",
    "definition": "Process Definition with key",
    "element": "Element Instance with key",
    "variable": "Variable with key",
    "user": "User with username",
    "group": "Group with id",
}


@dataclass(frozen=True, slots=True)
class Intent:
    """How a command is called in a rejection; `operation` on `resource` is the permission that it needs."""

    name: str
    verb: str
    operation: str = "UPDATE_USER_TASK"
    resource: str = "PROCESS_DEFINITION"


COMPLETE = Intent("COMPLETE", "complete")
ASSIGN = Intent("ASSIGN", "assign")
CLAIM = Intent("CLAIM", "claim")
UPDATE = Intent("UPDATE", "update")
DEPLOY = Intent("CREATE", "deploy", "CREATE", "RESOURCE")
START = Intent("CREATE", "create", "CREATE_PROCESS_INSTANCE")
CANCEL = Intent("CANCEL", "cancel", "CANCEL_PROCESS_INSTANCE")
CREATE_USER = Intent("CREATE", "create", "CREATE", "USER")
UPDATE_USER = Intent("UPDATE", "update", "UPDATE", "USER")
DELETE_USER = Intent("DELETE", "delete", "DELETE", "USER")
CREATE_GROUP = Intent("CREATE", "create", "CREATE", "GROUP")
UPDATE_GROUP = Intent("UPDATE", "update", "UPDATE", "GROUP")
DELETE_GROUP = Intent("DELETE", "delete", "DELETE", "GROUP")
SET_VARIABLES = Intent("UPDATE", "update", "UPDATE_PROCESS_INSTANCE")


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


class UnsupportedMediaType(Exception):
    def __init__(self, media_type: str) -> None:
        super().__init__(media_type)
        self.media_type = media_type


class BadKey(Exception):
    def __init__(self, name: str, value: str) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value


def exists(noun: str, kind: str, id: str) -> Problem:
    reason = f"Expected to create {noun} with {kind} '{id}', but a {noun} with this {kind} already exists."
    return Problem(409, "ALREADY_EXISTS", f"Command 'CREATE' rejected with code 'ALREADY_EXISTS': {reason}")


def absent(intent: str, noun: str, kind: str, id: str) -> Problem:
    reason = f"Expected to {intent.lower()} {noun} with {kind} '{id}', but a {noun} with this {kind} does not exist."
    return Problem(404, "NOT_FOUND", f"Command '{intent}' rejected with code 'NOT_FOUND': {reason}")


def reply(request: Request, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Raw:
    return Raw(status, problem(status, title, detail, request.url.path), {**PROBLEM, **(headers or {})})


def _rejected(intent: Intent | None, code: str, reason: str) -> str:
    return f"Command '{intent.name if intent else 'COMMAND'}' rejected with code '{code}': {reason}"


def _task_conflict(error: Conflict, intent: Intent) -> tuple[int, str, str]:
    base = f"Expected to {intent.verb} user task with key '{error.id}', but "
    if isinstance(error, WrongState):
        if error.state in (TaskState.COMPLETED, TaskState.CANCELED):
            return 404, "NOT_FOUND", _rejected(intent, "NOT_FOUND", base + "no such user task was found")
        return 409, "INVALID_STATE", _rejected(intent, "INVALID_STATE", f"{base}it is in state '{error.state}'")
    return 409, "INVALID_STATE", _rejected(intent, "INVALID_STATE", base + "it has already been assigned")


def _forbidden(error: Forbidden, intent: Intent | None, profile: Profile) -> str:
    if intent is None:
        if profile.name == "8.10":
            return (
                "Unauthorized to perform any of the operations: 'READ_USER_TASK' on 'PROCESS_DEFINITION' or "
                "'READ' on 'USER_TASK'"
            )
        return "Unauthorized to perform operation 'READ_USER_TASK' on resource 'PROCESS_DEFINITION'"
    parts = [
        f"Insufficient permissions to perform operation '{intent.operation}' on resource '{intent.resource}', "
        "required resource identifiers are one of '[*]'"
    ]
    if profile.forbidden_names_task and intent.operation == "UPDATE_USER_TASK":
        parts.append(
            "Insufficient permissions to perform operation 'UPDATE' on resource 'USER_TASK', "
            f"required resource identifiers are one of '[*, {error.id}]'"
        )
    return _rejected(intent, "FORBIDDEN", "; and ".join(parts))


def render(request: Request, error: Exception, profile: Profile) -> Raw:
    """Every exception that a handler may raise, as the vendor would tell it."""
    intent: Intent | None = getattr(request.state, "intent", None)
    match error:
        case BadKey():
            return reply(request, 400, "Bad Request", f"Failed to convert '{error.name}' with value: '{error.value}'")
        case Problem():
            return reply(request, error.status, error.title, error.detail)
        case BadRequest():
            return reply(request, 400, "Bad Request", str(error))
        case InvalidArgument():
            return reply(request, 400, "INVALID_ARGUMENT", str(error))
        case UnsupportedMediaType():
            detail = f"Content-Type '{error.media_type}' is not supported."
            return reply(request, 415, "Unsupported Media Type", detail, {"accept": "application/json"})
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
            return reply(request, 401, "Unauthorized", detail, {"www-authenticate": "Basic"})
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
        case Unavailable(reason="overload"):
            detail = "Expected to handle request, but all retries have been exhausted"
            return reply(request, profile.overload_status, "RESOURCE_EXHAUSTED", detail)
        case Unavailable():
            detail = "Expected to handle request, but the target partition is currently inactive"
            return reply(request, 503, "UNAVAILABLE", detail)
    log.error("no text for %r", error)
    return reply(request, 500, "INTERNAL", "Unexpected error occurred during the request processing: internal error")
