"""Refusals as the text of an `error` attribute, always with HTTP 200, and their `errorCode` in profile 9.0.

Source: seed page "TransferUserTasks API"; dossier inforouter.md, sections 1.7, 1.8 and 3. Where a page describes an
error without printing it, the text here is our choice, marked so in docs/inforouter.md.
"""

import logging

from adapters.inforouter.profile import Profile
from core.rejections import (
    Conflict,
    ExecutionFailed,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    Rejection,
    Unauthenticated,
    Unavailable,
    WrongState,
)
from schemas.inforouter.methods import Method

log = logging.getLogger("dragoman.inforouter")


class Failure(Exception):
    """A refusal with its literal text; `code` is the errorCode of profile 9.0."""

    def __init__(self, text: str, code: int = 4000) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class RequiredParameter(Exception):
    """A required parameter is there but empty."""


class Denied(Failure):
    """Permission is missing; families of methods say it in different words."""

    def __init__(self, text: str = "Access denied") -> None:
        super().__init__(text, 4030)


INSUFFICIENT = "Insufficient rights"
INSUFFICIENT_921 = "[921]Insufficient rights"
ONLY_ADMINISTRATOR = "Only the system administrator can perform this operation"
ONLY_ADMINISTRATOR_1573 = f"[1573] {ONLY_ADMINISTRATOR}"
ADMINISTRATOR_2840 = "[2840]Administrator role required"
ANONYMOUS_2730 = "[2730]Insufficient rights. Anonymous users cannot perform this action"
PASSWORD_2767 = "[2767]Password confirmation is required"  # noqa: S105
TASK_DENIED = "Access Denied"
CHECKED_OUT = "Workflow submission failed. Document is currently checked out."

#: kind of a thing that was not found -> (text, errorCode)
NOT_FOUND = {
    "user": ("User not found", 4041),
    "group": ("User group not found", 4041),
    "library": ("[115] Domain not found", 4041),
    "folder": ("Folder not found.", 4041),
    "document": ("Document not found.", 4041),
    "process": ("Workflow definition not found", 4000),
    "task": ("Task not found", 4000),
    "instance": ("Workflow not found", 4000),
    "member": ("The user or group is not a member", 4000),
    "manager": ("The user is not a manager", 4000),
    "attachment": ("Attachment not found", 4041),
}
#: (kind, reason) of a conflict -> (text, errorCode)
CONFLICTS = {
    ("user", "exists"): ("User name already exists", 4000),
    ("group", "exists"): ("User group already exists", 4090),
    ("process", "exists"): ("Flow with this name already exists", 4090),
    ("process", "changed"): ("The workflow definition was changed by somebody else", 4000),
    ("member", "exists"): ("The user or group is already a member", 4000),
    ("manager", "exists"): ("The user is already a manager", 4000),
    ("document", "checked-out"): (CHECKED_OUT, 4000),
    ("document", "busy"): ("Workflow submission failed. Document is already in a workflow.", 4000),
    ("instance", "started"): ("The workflow cannot be removed. A task was already completed.", 4000),
    ("redirection", "busy"): ("The task redirection overlaps with another one.", 4000),
}
#: (field, reason) of a value that cannot be used
INVALID = {
    ("ends_at", "past"): "Task redirection end date cannot be in the past.",
    ("ends_at", "order"): "Task redirection end date has to be after the start date.",
    ("target", "self"): "Tasks cannot be redirected to the same user.",
    ("target", "inactive"): "Tasks cannot be redirected to a disabled user.",
    ("username", "required"): "User name field cannot be empty.",
    ("name", "required"): "Name cannot be empty.",
    ("rows", "many"): "Too many tasks match the criteria.",
    ("text", "unstorable"): "A value contains characters that cannot be stored.",
}


def described(error: Exception, profile: Profile, method: Method) -> tuple[str, int]:
    """(text, errorCode)"""
    match error:
        case Failure():
            return error.text, error.code
        case RequiredParameter():
            return f"[903]Required parameter.'{error}'", 4000
        case Expired() | Unauthenticated(reason="unknown" | "user") | NotFound(kind="credential"):
            return f"[901]{_blank(profile, method)}Session expired or Invalid ticket", 4010
        case Unauthenticated(reason="ticket"):
            return f"[900]{profile.blank}Authentication failed", 4030
        case Unauthenticated():
            return f"[900]{profile.blank}Authentication failed", 4010
        case Forbidden(kind="task" | "instance"):
            return TASK_DENIED, 4030
        case Forbidden():
            return "Access denied", 4030
        case NotFound():
            return NOT_FOUND.get(error.kind, (f"{error.kind.capitalize()} not found", 4041))
        case WrongState(kind="task"):
            return _task_state(error.state), 4000
        case WrongState(kind="process"):
            return "Workflow definition is not active", 4000
        case WrongState():
            return "The workflow has already ended", 4000
        case Conflict():
            return CONFLICTS.get((error.kind, error.reason), (f"{error.kind.capitalize()} already exists", 4090))
        case Invalid():
            return INVALID.get((error.field, error.reason), f"Invalid value: {error.field}"), 4000
        case ExecutionFailed():
            return "SystemError:The workflow cannot go on", 5000
        case Unavailable():
            return "SystemError:The service is unavailable", 5030
        case Rejection():
            log.error("no text for %r", error)
            return "SystemError:Internal error", 5000
    log.error("%s failed", method.name, exc_info=error)
    return "SystemError:Internal error", 5000


def _blank(profile: Profile, method: Method) -> str:
    """The pages of these methods print the text without a blank."""
    return "" if method.name in ("getTasks", "GetTasks1") else profile.blank


def _task_state(state: str) -> str:
    return {
        "COMPLETED": "The task is already completed",
        "CANCELED": "The task is no longer active",
        "PLANNED": "The task has not been started",
    }.get(state, "The task is being changed by somebody else")
