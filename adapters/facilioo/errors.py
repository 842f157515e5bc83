"""Rejections as ASP.NET tells them. Source: dossier facilioo.md, sections 1.2, 1.3 and 1.5: mostly our choice there."""

import logging
import secrets

from starlette.requests import Request

from adapters.common.http import BodyTooLarge, Raw
from core.rejections import Conflict, ExecutionFailed, Forbidden, NotFound, Unauthenticated, Unavailable
from core.rejections import Invalid as CoreInvalid
from schemas.facilioo.wire import VALIDATION, Invalid, problem

log = logging.getLogger("dragoman.facilioo")

PROBLEM = {"content-type": "application/problem+json; charset=utf-8"}
_CLASHES = {
    "built-in": "It is a part of its type and stays there.",
    "called": "It is a part of another process and ends with that.",
    "state": "It has come too far for that.",
}
FAILED = "An error occurred while processing your request."
VERSIONS = {"api-supported-versions": "1.0, 2.0"}


class UnsupportedMediaType(Exception):
    pass


class SecondFactorNeeded(Exception):
    """Clients look for the word `multifactor` in the answer."""


def reply(status: int, title: str, errors: "dict[str, list[str]] | None" = None, detail: str = "") -> Raw:
    trace_id = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    return Raw(status, problem(status, title, trace_id, errors, detail), {**PROBLEM, **VERSIONS})


def render(request: Request, error: Exception) -> Raw:
    match error:
        case Invalid():
            return reply(400, VALIDATION, dict(error.errors))
        case CoreInvalid():
            return reply(400, "Bad Request")
        case SecondFactorNeeded():
            return reply(409, "Conflict", detail="multifactor authentication is required for this account")
        case UnsupportedMediaType():
            return reply(415, "Unsupported Media Type")
        case BodyTooLarge():
            return reply(413, "Payload Too Large")
        case Unauthenticated():
            challenge = "Bearer" if error.reason == "missing" else 'Bearer error="invalid_token"'
            return Raw(401, b"", {"www-authenticate": challenge, **VERSIONS})
        case Forbidden():
            return reply(403, "Forbidden")
        case NotFound():
            return reply(404, "Not Found")
        case Conflict():
            return reply(409, "Conflict", detail=_CLASHES.get(error.reason, ""))
        case Unavailable():
            return reply(503, FAILED)
        case ExecutionFailed():
            log.warning("a process could not run: %s", error)
            return reply(500, FAILED)
    log.error("request failed", exc_info=error)
    return reply(500, FAILED)
