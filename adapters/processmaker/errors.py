"""Rejections in Restler's error object. Source: dossier processmaker.md, sections 1.1, 1.4 and 1.8."""

import logging

from starlette.requests import Request

from adapters.common.http import BodyTooLarge, Raw
from core.rejections import Conflict, Forbidden, Invalid, NotFound, Rejection, Unauthenticated, Unavailable
from schemas.processmaker.wire import BadRequest, UnsupportedContent, error

log = logging.getLogger("dragoman.processmaker")

PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
HEADERS = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-cache, must-revalidate",
    "expires": "0",
    "content-language": "en",
    "vary": "Accept",
    "x-powered-by": "Luracast Restler v3.0.0rc5",
    "access-control-allow-origin": "*",
}
UPGRADING = (
    "The server is currently unable to handle the request due to temporary overloading or server maintenance "
    "(an application update has probably been performed on the server)"
)


def t_project(variable: str = "prj_uid") -> str:
    """An unknown project, outside the lists: a misused label, told with the variable's name in it."""
    return (
        f"The report table '${variable}' is related to a process not present in the workspace, import the related "
        "process first. To relate the report table to other process, open the process in the designer and import from "
        "there. The report table can't be imported."
    )


class Business(BadRequest):
    """A rule of the application said no: 400 with this text."""


class Refused(Exception):
    """403: a rule about this very object said no, whatever the permission codes."""


NOT_ACCEPTABLE = "Content negotiation failed. Try `application/json` instead."
FORBIDDEN = "You don't have permission to access this endpoint or resource on this server."


def reply(status: int, text: str = "", headers: dict[str, str] | None = None) -> Raw:
    phrase = PHRASES[status]
    return Raw(status, error(status, f"{phrase}: {text}" if text else phrase), {**HEADERS, **(headers or {})})


def render(request: Request, problem: Exception) -> Raw:
    match problem:
        case BadRequest():
            return reply(400, str(problem))
        case Refused():
            return reply(403, FORBIDDEN)
        case UnsupportedContent():
            return reply(403, str(problem))
        case BodyTooLarge():
            return reply(413)
        case Unauthenticated() | Forbidden():
            return reply(401)
        case Unavailable():
            return reply(503, UPGRADING)
        case NotFound(kind="assignment"):
            return reply(400, "This row does not exist!")
        case NotFound():
            return reply(400, f"The {problem.kind} {problem.id} does not exist.")
        case Invalid(field="rows"):
            return reply(400, f"The list has more than {problem.value} rows.")
        case Conflict() | Invalid():
            return reply(400, "The request conflicts with the state of the workspace.")
        case Rejection():
            log.error("no text for %r", problem)
            return reply(500)
    log.error("request failed", exc_info=problem)
    return reply(500)
