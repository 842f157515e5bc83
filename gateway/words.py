"""Refusals of the engine in words, for people at a terminal."""

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

_UNAVAILABLE = {
    "maintenance": "the gateway is in maintenance",
    "overload": "the gateway has too much to do",
    "storage": "the database does not answer",
    "stopping": "the gateway is stopping",
    "identity": "the identity provider does not answer",
}
_INVALID = {
    "required": "is missing",
    "characters": "has characters that are not allowed",
    "unknown": "is not known",
    "unstorable": "cannot be stored",
}


def words(error: Rejection) -> str:
    match error:
        case NotFound(kind=kind, id=id):
            return f"there is no {kind} {id}".rstrip()
        case WrongState(kind=kind, id=id, state=state):
            return f"the {kind} {id} is {state.lower()}"
        case Conflict(kind=kind, id=id, reason="exists"):
            return f"there is a {kind} {id} already"
        case Conflict(kind=kind, id=id, reason=reason):
            return f"the {kind} {id} is {reason}"
        case Invalid(field="graph", reason=problems):
            return f"the process cannot be used: {problems}"
        case Invalid(field=field, reason=reason, value=value):
            named = f"the {field} {value}" if isinstance(value, str | int) else f"the {field}"
            return f"{named} {_INVALID.get(reason, f'cannot be used: {reason}')}"
        case Forbidden(permission=permission):
            return f"this needs the permission {permission.value}"
        case Unauthenticated():
            return "wrong name or password"
        case ExecutionFailed(element_id=element_id, reason=reason):
            return f"the process cannot go on at {element_id}: {reason}"
        case Unavailable(reason=reason):
            return _UNAVAILABLE.get(reason, reason)
    return str(error)
